// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/secret/vault.hpp"
#include "tests/support/fake_env.hpp"

namespace trellis::test {

/// The vault of fixtures/vault/v1/pin.hex, whose PIN is 830517.
inline crypto::Pin sample_pin() { return *crypto::Pin::parse(as_bytes("830517")); }

inline crypto::VaultOrder sample_order() {
    crypto::VaultOrder order;
    order.seat.bytes.fill(0x11);
    order.installation.bytes.fill(0x22);
    order.cost = crypto::password_cost_floor;
    return order;
}

inline crypto::VaultSecrets sample_secrets() {
    crypto::VaultSecrets secrets;
    const auto key = secrets.database.span();
    for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(0x40 + i);
    secrets.org.bytes.fill(0x33);
    secrets.device.bytes.fill(0x44);
    secrets.log_length = 41;
    return secrets;
}

inline crypto::Vault sample_vault(Env& env, const crypto::Key* hardware = nullptr) {
    return *crypto::Vault::make(sample_order(), sample_pin(), hardware, sample_secrets(), env);
}

}  // namespace trellis::test
