// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace trellis {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;

template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;

/// The bytes of a text; borrowed.
inline ByteView as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// The text of some bytes, not checked to be UTF-8; borrowed.
inline std::string_view as_text(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool equal(ByteView a, ByteView b);
Bytes to_bytes(ByteView bytes);
void append(Bytes& to, ByteView bytes);

/// Lower-case hexadecimal, two digits a byte.
std::string to_hex(ByteView bytes);

/// Nothing where a digit is not lower-case hexadecimal or the length is odd.
std::optional<Bytes> from_hex(std::string_view hex);

/// Base64 of RFC 4648 section 4, with padding.
std::string to_base64(ByteView bytes);
std::optional<Bytes> from_base64(std::string_view text);

/// True where `text` is well-formed UTF-8 (Unicode 15, table 3-7): no surrogates, no
/// overlong forms, nothing over U+10FFFF.
bool is_utf8(std::string_view text);

}  // namespace trellis
