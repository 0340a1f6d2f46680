// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/pin.hpp"

#include <array>
#include <string_view>

#include "core/base/limits.hpp"

namespace trellis::crypto {
namespace {

static_assert(limits::pin_bytes_max == SecretBytes<256>::size);

/// Those that lists of leaked PINs begin with and that no rule below finds.
constexpr std::array<std::string_view, 28> popular = {
    "112233", "121314", "123654", "131313", "142536", "147258", "147852", "159357",
    "159753", "142857", "246810", "135790", "102030", "101112", "314159", "271828",
    "258456", "789456", "456123", "741852", "852456", "963852", "123321", "696969",
    "password", "passwort", "qwerty", "trellis",
};

/// One letter of UTF-8 that is known to be well-formed.
std::uint32_t next_letter(ByteView& rest) {
    const std::uint8_t lead = rest[0];
    const std::size_t more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    std::uint32_t letter = more == 0 ? lead : lead & (0x3FU >> more);
    for (std::size_t i = 1; i <= more; ++i) letter = letter << 6U | (rest[i] & 0x3FU);
    rest = rest.subspan(more + 1);
    return letter;
}

/// The ASCII letter that a compatibility form stands for; others as they are.
std::uint32_t plain(std::uint32_t letter) {
    if (letter >= 0xFF01 && letter <= 0xFF5E) return letter - 0xFF01 + '!';
    if (letter >= 0x0660 && letter <= 0x0669) return letter - 0x0660 + '0';
    if (letter >= 0x06F0 && letter <= 0x06F9) return letter - 0x06F0 + '0';
    if (letter >= 0x0966 && letter <= 0x096F) return letter - 0x0966 + '0';
    if (letter >= 0x2080 && letter <= 0x2089) return letter - 0x2080 + '0';
    if (letter == 0x2070 || (letter >= 0x2074 && letter <= 0x2079)) return letter - 0x2070 + '0';
    if (letter == 0x00B2 || letter == 0x00B3) return letter - 0x00B0 + '0';
    if (letter == 0x00B9) return '1';
    const bool is_space = letter == 0x00A0 || letter == 0x3000 || letter == 0x202F ||
                          (letter >= 0x2000 && letter <= 0x200A);
    return is_space ? ' ' : letter;
}

/// Accents typed on their own have two forms; a keyboard's own letters have one.
bool is_refused(std::uint32_t letter) {
    const bool is_control = letter < 0x20 || (letter >= 0x7F && letter < 0xA0);
    const bool is_accent = (letter >= 0x0300 && letter <= 0x036F) ||
                           (letter >= 0x1AB0 && letter <= 0x1AFF) ||
                           (letter >= 0x20D0 && letter <= 0x20FF);
    const bool is_unseen = letter == 0xFEFF || letter == 0x00AD ||
                           (letter >= 0x200B && letter <= 0x200F);
    return is_control || is_accent || is_unseen;
}

/// Every letter the one before it plus `step`, round from 9 to 0.
bool runs_by(ByteView text, int step) {
    for (std::size_t i = 1; i < text.size(); ++i) {
        if ((text[i] - text[i - 1] - step) % 10 != 0) return false;
    }
    return true;
}

bool repeats_after(ByteView text, std::size_t period) {
    for (std::size_t i = period; i < text.size(); ++i) {
        if (text[i] != text[i - period]) return false;
    }
    return true;
}

bool is_popular(const Pin& pin) {
    const auto text = pin.view();
    if (pin.is_digits() && (runs_by(text, 1) || runs_by(text, -1))) return true;
    for (std::size_t period = 1; period <= 3; ++period) {
        if (repeats_after(text, period)) return true;
    }
    // A year twice is found above only for periods up to three.
    if (pin.is_digits() && text.size() == 8 && repeats_after(text, 4)) return true;
    for (const auto known : popular) {
        if (text.size() < known.size()) continue;
        bool is_same = true;
        for (std::size_t i = 0; i < known.size(); ++i) {
            const auto letter = text[i] >= 'A' && text[i] <= 'Z' ? text[i] + ('a' - 'A') : text[i];
            is_same = is_same && letter == known[i];
        }
        // "password1" is no better than "password".
        if (is_same && text.size() <= known.size() + (known[0] >= 'a' ? 3 : 0)) return true;
    }
    return false;
}

}  // namespace

bool Pin::add(std::uint32_t letter) {
    ByteArray<4> bytes{};
    std::size_t size = 0;
    if (letter < 0x80) {
        bytes[size++] = static_cast<std::uint8_t>(letter);
    } else {
        const unsigned more = letter < 0x800 ? 1 : letter < 0x10000 ? 2 : 3;
        const unsigned lead = more == 1 ? 0xC0 : more == 2 ? 0xE0 : 0xF0;
        bytes[size++] = static_cast<std::uint8_t>(lead | letter >> (6U * more));
        for (unsigned i = more; i-- > 0;) {
            bytes[size++] = static_cast<std::uint8_t>(0x80U | (letter >> (6U * i) & 0x3FU));
        }
    }
    if (size_ + size > bytes_.size) return false;
    const auto to = bytes_.span().subspan(size_, size);
    copy_secret(to.data(), ByteView(bytes).first(size));
    size_ += size;
    return true;
}

Result<Pin> Pin::parse(ByteView typed) {
    const Error refused{Code::invalid, "type a PIN of digits, or a passphrase of ordinary letters"};
    if (!is_utf8(as_text(typed))) return refused;
    Pin pin;
    bool is_gap = false;
    while (!typed.empty()) {
        const auto letter = plain(next_letter(typed));
        // The end of a line is how a file or a terminal ends what was typed.
        if ((letter == '\n' || letter == '\r') && (typed.empty() || typed[0] == '\n')) continue;
        if (is_refused(letter)) return refused;
        if (letter == ' ') {
            is_gap = pin.size_ > 0;
            continue;
        }
        if (is_gap && !pin.add(' ')) return refused;
        is_gap = false;
        if (!pin.add(letter)) return refused;
    }
    return pin;
}

std::size_t Pin::characters() const {
    std::size_t count = 0;
    for (const auto byte : view()) count += (byte & 0xC0U) != 0x80 ? 1 : 0;
    return count;
}

bool Pin::is_digits() const {
    for (const auto byte : view()) {
        if (byte < '0' || byte > '9') return false;
    }
    return size_ > 0;
}

Result<PinTier> judge(const Pin& pin, bool has_hardware_factor) {
    if (pin.characters() < limits::pin_min) {
        return Error{Code::invalid, "a PIN has at least six digits"};
    }
    if (is_popular(pin)) {
        return Error{Code::invalid, "that PIN is one of the first that anybody tries; choose "
                                    "another"};
    }
    // Six words are longer than that in every list of words.
    if (!pin.is_digits() && pin.characters() >= limits::passphrase_min) return PinTier::strong;
    return has_hardware_factor ? PinTier::hardware : PinTier::curious;
}

std::string_view to_string(PinTier tier) {
    switch (tier) {
        case PinTier::curious: return "curious";
        case PinTier::hardware: return "hardware";
        case PinTier::strong: return "strong";
    }
    return "";
}

}  // namespace trellis::crypto
