// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.hpp"

#include <catch2/catch.hpp>

namespace trellis::test {

/// The value, or the test fails with the error's words.
template <class T>
T must(Result<T> result) {
    if (!result) FAIL(to_string(result.error().code) << ": " << result.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(result).value();
}

/// The name of what went wrong, or "ok".
template <class T>
std::string outcome(const Result<T>& result) {
    return result ? "ok" : std::string(to_string(result.error().code));
}

}  // namespace trellis::test
