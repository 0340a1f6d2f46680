// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.hpp"
#include "crypto/primitive/secret_bytes.hpp"

namespace trellis::crypto {

/// What somebody types to open a seat: digits or a passphrase, in one form however it was
/// typed. Wiped at the end.
class Pin {
public:
    /// Takes UTF-8 as a keyboard gives it: full-width forms and the digits of Arabic, Persian
    /// and Devanagari keyboards become ASCII, spaces around it go and several become one.
    /// `invalid` for bytes that are no such text, control characters, separate accents, or
    /// over limits::pin_bytes_max. Says nothing about how good it is.
    static Result<Pin> parse(ByteView typed);

    [[nodiscard]] ByteView view() const { return bytes_.view().first(size_); }
    [[nodiscard]] std::size_t characters() const;
    [[nodiscard]] bool is_digits() const;

private:
    Pin() = default;
    bool add(std::uint32_t letter);
    SecretBytes<256> bytes_;
    std::size_t size_ = 0;
};

/// What protects a seat's data from whoever copies the tablet's memory.
enum class PinTier : std::uint8_t {
    curious,   ///< a short PIN and no hardware factor: keeps out colleagues, not thieves
    hardware,  ///< a PIN that counts only together with a key inside the device
    strong,    ///< a passphrase that needs no help
};

/// How good a PIN is, or `invalid` with why it may not be used: under six characters, or one
/// of those that everybody tries first.
Result<PinTier> judge(const Pin& pin, bool has_hardware_factor);

/// "curious", "hardware" or "strong".
std::string_view to_string(PinTier tier);

}  // namespace trellis::crypto
