// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"

#include <array>

namespace trellis {
namespace {

constexpr std::array<std::string_view, 15> names = {
    "invalid", "not_found", "denied", "conflict", "corrupt",     "wrong_key",   "no_space", "busy",
    "offline", "timeout",   "fork",   "rolled_back", "unsupported", "too_large", "internal",
};
static_assert(names.size() == static_cast<std::size_t>(Code::internal) + 1);

}  // namespace

std::string_view to_string(Code code) {
    const auto index = static_cast<std::size_t>(code);
    return index < names.size() ? names[index] : names.back();
}

Code code_from_string(std::string_view name) {
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i] == name) return static_cast<Code>(i);
    }
    return Code::internal;
}

}  // namespace trellis
