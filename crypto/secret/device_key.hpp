// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/identity.hpp"

namespace trellis::crypto {

/// A device's secrets: what it signs with, what others seal to, and what hedges its nonces.
class DeviceKey {
public:
    static constexpr std::size_t stored_size = 97;

    static DeviceKey generate(Env& env);
    /// From store(): version, signing seed, box scalar, nonce seed. `corrupt` or `unsupported`.
    static Result<DeviceKey> restore(ByteView stored);
    /// For the device's database, which is encrypted.
    [[nodiscard]] SecretBytes<stored_size> store() const;

    [[nodiscard]] DeviceId id(const OrgId& org) const {
        return device_id(org, sign_.key(), box_.key());
    }
    [[nodiscard]] const SignSecret& sign() const { return sign_; }
    [[nodiscard]] const BoxSecret& box() const { return box_; }
    /// Keys the salts of envelopes.
    [[nodiscard]] const Key& nonce_key() const { return nonce_key_; }
    [[nodiscard]] DeviceKey clone() const;

private:
    DeviceKey(SignSecret sign, BoxSecret box, Key nonce_seed);
    SignSecret sign_;
    BoxSecret box_;
    Key nonce_seed_;
    Key nonce_key_;
};

}  // namespace trellis::crypto
