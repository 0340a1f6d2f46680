// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/base32.hpp"

namespace trellis::crypto {
namespace {

constexpr std::string_view digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

std::optional<unsigned> value_of(char letter) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    if (letter == 'O') letter = '0';
    if (letter == 'I' || letter == 'L') letter = '1';
    const auto place = digits.find(letter);
    if (place == std::string_view::npos) return std::nullopt;
    return static_cast<unsigned>(place);
}

}  // namespace

std::string to_base32(ByteView bytes) {
    std::string text;
    text.reserve((bytes.size() * 8 + 4) / 5);
    unsigned held = 0;
    unsigned held_bits = 0;
    for (const auto byte : bytes) {
        held = held << 8U | byte;
        held_bits += 8;
        while (held_bits >= 5) {
            held_bits -= 5;
            text.push_back(digits[held >> held_bits & 31U]);
        }
        held &= (1U << held_bits) - 1;
    }
    if (held_bits > 0) text.push_back(digits[held << (5 - held_bits) & 31U]);
    return text;
}

std::optional<Bytes> from_base32(std::string_view text) {
    Bytes bytes;
    unsigned held = 0;
    unsigned held_bits = 0;
    for (const char letter : text) {
        if (letter == ' ' || letter == '-' || letter == '\n' || letter == '\r' || letter == '\t') {
            continue;
        }
        const auto value = value_of(letter);
        if (!value) return std::nullopt;
        held = held << 5U | *value;
        held_bits += 5;
        if (held_bits >= 8) {
            held_bits -= 8;
            bytes.push_back(static_cast<std::uint8_t>(held >> held_bits));
        }
        held &= (1U << held_bits) - 1;
    }
    // Less than a digit may be left over, and only zeros.
    if (held_bits >= 5 || held != 0) return std::nullopt;
    return bytes;
}

}  // namespace trellis::crypto
