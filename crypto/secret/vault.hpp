// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/env.hpp"
#include "core/base/id.hpp"
#include "crypto/primitive/aead.hpp"
#include "crypto/primitive/password.hpp"
#include "crypto/secret/pin.hpp"

namespace trellis::crypto {

using SeatId = Id<struct SeatTag, 16>;                ///< random: one person on one installation
using InstallationMark = Id<struct MarkTag, 16>;      ///< random: which installation a vault is of

/// What a seat's PIN opens.
struct VaultSecrets {
    Key database;            ///< of the seat's own database, which holds its device key
    OrgId org;               ///< zeros: it belongs to no organisation yet
    DeviceId device;         ///< who the seat is there
    std::uint64_t log_length = 0;  ///< of the membership log when it was last locked
    bool may_be_rescued = true;    ///< its database key is sealed to supervisors too
};

struct VaultOrder {
    SeatId seat;
    InstallationMark installation;
    PasswordCost cost;
};

/// A seat's file: what only its PIN opens, and how often that was tried (docs/format.md,
/// "Vault"). Bytes in, bytes out; keeping them durable is the caller's.
class Vault {
public:
    /// What a right PIN gives. The key seals again what has changed, without the PIN.
    struct Opened {
        Key key;
        VaultSecrets secrets;
    };

    /// `hardware`: the factor that the device holds for this seat, none where it has no such
    /// store. The PIN is taken as it is: judge() it before.
    static Result<Vault> make(const VaultOrder& order, const Pin& pin, const Key* hardware,
                              const VaultSecrets& secrets, Env& env);
    /// Any damage, a foreign version or a cost outside the limits is the error of a wrong PIN.
    static Result<Vault> parse(ByteView file);
    [[nodiscard]] Bytes bytes() const;

    [[nodiscard]] const SeatId& seat() const { return order_.seat; }
    [[nodiscard]] const InstallationMark& installation() const { return order_.installation; }
    [[nodiscard]] const PasswordCost& cost() const { return order_.cost; }
    [[nodiscard]] bool needs_hardware() const { return needs_hardware_; }

    /// How long the next attempt has to wait; 0: not at all. After a restart of the device the
    /// wait begins anew: then bytes() has changed.
    std::int64_t wait_ms(Env& env);
    /// Counts an attempt. Make bytes() durable before open(), or pulling the plug is free.
    void count_attempt(Env& env);
    /// Takes the count back after a right PIN.
    void forgive() { fails_ = 0; }
    [[nodiscard]] unsigned attempts_left() const;

    /// `wrong_key` for a wrong PIN, another device's factor and damage alike: the commitment is
    /// compared before anything is decrypted, so no file opens with two PINs.
    [[nodiscard]] Result<Opened> open(const Pin& pin, const Key* hardware) const;
    /// Puts other secrets in, under the same PIN.
    void reseal(const Key& key, const VaultSecrets& secrets, Env& env);

private:
    Vault() = default;
    [[nodiscard]] Bytes header() const;
    [[nodiscard]] Result<Key> key_of(const Pin& pin, const Key* hardware) const;

    VaultOrder order_;
    PasswordSalt salt_{};
    bool needs_hardware_ = false;
    std::uint8_t fails_ = 0;
    Digest commit_;
    Nonce nonce_{};
    Bytes sealed_;
    std::uint64_t boot_ = 0;       ///< of the last attempt
    std::int64_t tried_at_ = 0;    ///< monotonic time of that boot
};

/// The one error of a vault that does not open.
Error vault_error();

}  // namespace trellis::crypto
