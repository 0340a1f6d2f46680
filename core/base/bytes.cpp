// SPDX-License-Identifier: Apache-2.0
#include "core/base/bytes.hpp"

#include <algorithm>
#include <cstring>

namespace trellis {
namespace {

constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

int base64_digit(char c) {
    const auto at = base64_digits.find(c);
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

bool is_continuation(std::string_view text, std::size_t at) {
    return at < text.size() && (static_cast<std::uint8_t>(text[at]) & 0xC0U) == 0x80U;
}

/// Length of the well-formed sequence at `at`, or 0.
std::size_t utf8_length(std::string_view text, std::size_t at) {
    const auto lead = static_cast<std::uint8_t>(text[at]);
    if (lead < 0x80) return 1;
    if (lead < 0xC2 || lead > 0xF4 || !is_continuation(text, at + 1)) return 0;
    const auto second = static_cast<std::uint8_t>(text[at + 1]);
    if (lead < 0xE0) return 2;
    if (lead == 0xE0 && second < 0xA0) return 0;
    if (lead == 0xED && second > 0x9F) return 0;
    if (lead == 0xF0 && second < 0x90) return 0;
    if (lead == 0xF4 && second > 0x8F) return 0;
    if (!is_continuation(text, at + 2)) return 0;
    if (lead < 0xF0) return 3;
    return is_continuation(text, at + 3) ? 4 : 0;
}

/// True where the next eight bytes are all ASCII, as most are.
bool is_ascii_word(std::string_view text, std::size_t at) {
    std::uint64_t word = 0;
    if (text.size() - at < sizeof word) return false;
    std::memcpy(&word, text.data() + at, sizeof word);
    return (word & 0x8080808080808080U) == 0;
}

}  // namespace

bool equal(ByteView a, ByteView b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin());
}

Bytes to_bytes(ByteView bytes) { return {bytes.begin(), bytes.end()}; }

void append(Bytes& to, ByteView bytes) { to.insert(to.end(), bytes.begin(), bytes.end()); }

std::string to_hex(ByteView bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    hex.reserve(bytes.size() * 2);
    for (const auto byte : bytes) {
        hex.push_back(digits[byte >> 4U]);
        hex.push_back(digits[byte & 15U]);
    }
    return hex;
}

std::optional<Bytes> from_hex(std::string_view hex) {
    if (hex.size() % 2 != 0) return std::nullopt;
    Bytes bytes;
    bytes.reserve(hex.size() / 2);
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const int high = hex_digit(hex[i]);
        const int low = hex_digit(hex[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        bytes.push_back(static_cast<std::uint8_t>(high * 16 + low));
    }
    return bytes;
}

std::string to_base64(ByteView bytes) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = static_cast<std::uint32_t>(bytes[i]) << 16U;
        if (left > 1) group |= static_cast<std::uint32_t>(bytes[i + 1]) << 8U;
        if (left > 2) group |= bytes[i + 2];
        text.push_back(base64_digits[group >> 18U]);
        text.push_back(base64_digits[(group >> 12U) & 63U]);
        text.push_back(left > 1 ? base64_digits[(group >> 6U) & 63U] : '=');
        text.push_back(left > 2 ? base64_digits[group & 63U] : '=');
    }
    return text;
}

std::optional<Bytes> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    Bytes bytes;
    bytes.reserve(text.size() / 4 * 3);
    for (std::size_t i = 0; i < text.size(); i += 4) {
        const bool last = i + 4 == text.size();
        const int padding = last && text[i + 3] == '=' ? (text[i + 2] == '=' ? 2 : 1) : 0;
        std::uint32_t group = 0;
        for (int k = 0; k < 4; ++k) {
            const int digit = k < 4 - padding ? base64_digit(text[i + static_cast<unsigned>(k)]) : 0;
            if (digit < 0) return std::nullopt;
            group = (group << 6U) | static_cast<std::uint32_t>(digit);
        }
        // Bits that no byte carries must be zero: one value, one encoding.
        if (padding == 1 && (group & 0xFFU) != 0) return std::nullopt;
        if (padding == 2 && (group & 0xFFFFU) != 0) return std::nullopt;
        bytes.push_back(static_cast<std::uint8_t>(group >> 16U));
        if (padding < 2) bytes.push_back(static_cast<std::uint8_t>(group >> 8U));
        if (padding < 1) bytes.push_back(static_cast<std::uint8_t>(group));
    }
    return bytes;
}

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        if (is_ascii_word(text, at)) {
            at += sizeof(std::uint64_t);
            continue;
        }
        const std::size_t length = utf8_length(text, at);
        if (length == 0) return false;
        at += length;
    }
    return true;
}

}  // namespace trellis
