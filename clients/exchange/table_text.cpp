// SPDX-License-Identifier: Apache-2.0
#include "clients/exchange/table_text.hpp"

#include <algorithm>
#include <array>

namespace trellis::clients {
namespace {

constexpr std::string_view ascii_blanks = " \t\r\n";
// UTF-8 of: U+00A0, U+FEFF, U+200B, U+200C, U+200D.
constexpr std::array<std::string_view, 5> wide_blanks{
    "\xC2\xA0", "\xEF\xBB\xBF", "\xE2\x80\x8B", "\xE2\x80\x8C", "\xE2\x80\x8D"};

bool is_ascii(char c) {
    return static_cast<unsigned char>(c) < 0x80;
}
bool is_blank(char c) {
    return ascii_blanks.find(c) != std::string_view::npos;
}

std::size_t blank_at_begin(std::string_view text) {
    if (text.empty()) return 0;
    if (is_ascii(text.front())) return is_blank(text.front()) ? 1 : 0;
    for (const auto blank : wide_blanks) {
        if (text.starts_with(blank)) return blank.size();
    }
    return 0;
}

std::size_t blank_at_end(std::string_view text) {
    if (text.empty()) return 0;
    if (is_ascii(text.back())) return is_blank(text.back()) ? 1 : 0;
    for (const auto blank : wide_blanks) {
        if (text.ends_with(blank)) return blank.size();
    }
    return 0;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

void append_utf8(char32_t scalar, std::string& to) {
    const auto tail = [&](unsigned shift) {
        to += static_cast<char>(0x80U | ((scalar >> shift) & 0x3FU));
    };
    if (scalar < 0x80) {
        to += static_cast<char>(scalar);
    } else if (scalar < 0x800) {
        to += static_cast<char>(0xC0U | (scalar >> 6U));
        tail(0);
    } else if (scalar < 0x10000) {
        to += static_cast<char>(0xE0U | (scalar >> 12U));
        tail(6);
        tail(0);
    } else {
        to += static_cast<char>(0xF0U | (scalar >> 18U));
        tail(12);
        tail(6);
        tail(0);
    }
}

bool is_high(char32_t unit) {
    return unit >= 0xD800 && unit < 0xDC00;
}
bool is_low(char32_t unit) {
    return unit >= 0xDC00 && unit < 0xE000;
}

}  // namespace

Beginning beginning_of(ByteView bytes) {
    const auto text = as_text(bytes);
    if (text.starts_with("\xEF\xBB\xBF")) return {Encoding::utf8, 3};
    if (text.starts_with("\xFF\xFE")) return {Encoding::utf16_little, 2};
    if (text.starts_with("\xFE\xFF")) return {Encoding::utf16_big, 2};
    return {};
}

Decoded decode_utf16(ByteView bytes, bool big_endian) {
    Decoded decoded;
    decoded.text.reserve(bytes.size() / 2);
    const auto unit = [&](std::size_t at) -> char32_t {
        const unsigned first = bytes[at];
        const unsigned second = bytes[at + 1];
        return big_endian ? first << 8U | second : second << 8U | first;
    };
    std::size_t at = 0;
    while (at + 2 <= bytes.size()) {
        char32_t scalar = unit(at);
        at += 2;
        if (is_high(scalar) && at + 2 <= bytes.size() && is_low(unit(at))) {
            scalar = 0x10000 + ((scalar - 0xD800) << 10U) + (unit(at) - 0xDC00);
            at += 2;
        } else if (is_high(scalar) || is_low(scalar)) {
            decoded.is_whole = false;
            return decoded;
        }
        append_utf8(scalar, decoded.text);
    }
    decoded.is_whole = at == bytes.size();
    return decoded;
}

std::size_t count_line_breaks(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool is_half = text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
        if ((text[at] == '\r' && !is_half) || text[at] == '\n') ++count;
    }
    return count;
}

std::string_view without_blanks(std::string_view text) {
    while (const auto size = blank_at_begin(text))
        text.remove_prefix(size);
    while (const auto size = blank_at_end(text))
        text.remove_suffix(size);
    return text;
}

std::string tidy_name(std::string_view name) {
    std::string tidy;
    for (auto rest = without_blanks(name); !rest.empty();) {
        const auto size = blank_at_begin(rest);
        if (size == 0) {
            tidy += rest.front();
        } else if (tidy.back() != ' ') {  // never the first: the name begins with no blank
            tidy += ' ';
        }
        rest.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return tidy;
}

bool is_same_name(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return lower(x) == lower(y);
    });
}

}  // namespace trellis::clients
