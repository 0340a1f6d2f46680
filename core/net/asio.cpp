// SPDX-License-Identifier: Apache-2.0
#include "core/net/asio.hpp"

#include <string>

#include <boost/asio/error.hpp>

namespace trellis::net {
namespace {

Code code_of(const ErrorCode& error) {
    if (error == asio::error::timed_out) return Code::timeout;
    if (error == asio::error::address_in_use) return Code::busy;
    if (error == asio::error::access_denied) return Code::denied;
    if (error == asio::error::no_descriptors) return Code::busy;
    if (error.category() == asio::error::get_system_category() ||
        error.category() == asio::error::get_misc_category() ||
        error.category() == asio::error::get_netdb_category() ||
        error.category() == asio::error::get_addrinfo_category()) {
        return Code::offline;
    }
    return Code::invalid;
}

std::string reason_of(const ErrorCode& error) {
    if (error == asio::error::eof) return "the other side closed the connection";
    if (error == asio::error::operation_aborted) return "the connection was closed here";
    return error.message();
}

}  // namespace

Error to_error(const ErrorCode& error, std::string_view doing) {
    return Error{code_of(error), std::string(doing) + " failed: " + reason_of(error) + "."};
}

}  // namespace trellis::net
