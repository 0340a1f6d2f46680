// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.hpp"

#include <algorithm>

namespace trellis {
namespace {

/// UTF-8 bytes sort as code points do; UTF-16 units put everything above U+FFFF, which starts
/// with D800 to DBFF, before U+E000 to U+FFFF, whose UTF-8 starts with EE or EF.
int utf16_rank(char c) {
    const int byte = static_cast<std::uint8_t>(c);
    if (byte < 0xEE) return byte;
    return byte < 0xF0 ? byte + 0x12 : byte - 2;
}

}  // namespace

bool Json::NameLess::operator()(std::string_view a, std::string_view b) const {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return utf16_rank(x) < utf16_rank(y);
    });
}

Json::Json(std::uint64_t value) {
    if (value <= static_cast<std::uint64_t>(INT64_MAX)) {
        value_ = static_cast<std::int64_t>(value);
    } else {
        value_ = static_cast<double>(value);
    }
}

const Json& Json::operator[](std::string_view name) const {
    static const Json null;
    const auto* members = object();
    if (members == nullptr) return null;
    const auto at = members->find(name);
    return at == members->end() ? null : at->second;
}

bool Json::has(std::string_view name) const {
    const auto* members = object();
    return members != nullptr && members->find(name) != members->end();
}

void Json::set(std::string name, Json value) {
    if (is_null()) value_ = Object{};
    TRELLIS_CHECK(object() != nullptr);
    object()->insert_or_assign(std::move(name), std::move(value));
}

void Json::push(Json value) {
    if (is_null()) value_ = Array{};
    TRELLIS_CHECK(array() != nullptr);
    array()->push_back(std::move(value));
}

}  // namespace trellis
