// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string_view>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include "core/base/error.hpp"

/// Our names for the few parts of Asio that appear in headers. Beast appears in none.
namespace trellis::net {

namespace asio = boost::asio;

using ErrorCode = boost::system::error_code;
using Milliseconds = std::chrono::milliseconds;

template <class T>
using Awaitable = asio::awaitable<T>;

/// The one completion token: an operation gives a tuple that begins with its ErrorCode, so
/// that the end of a stream is a value and not an exception.
inline constexpr auto as_values = asio::as_tuple(asio::use_awaitable);

/// What a failed operation means to us; `doing` begins the sentence, as in "Reading from the
/// server".
Error to_error(const ErrorCode& error, std::string_view doing);

}  // namespace trellis::net
