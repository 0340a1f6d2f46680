// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/secret/vault.hpp"

namespace trellis::clients {

/// Where a device keeps what never leaves it: a mobile platform's hardware keystore. One
/// factor for each seat; a PIN counts only together with it.
class KeyStore {
public:
    KeyStore() = default;
    KeyStore(const KeyStore&) = delete;
    KeyStore& operator=(const KeyStore&) = delete;
    virtual ~KeyStore() = default;

    /// False: this device has no such store, and vaults are made without it.
    [[nodiscard]] virtual bool is_there() const = 0;
    /// The seat's factor, made at the first call. Requires: is_there().
    virtual Result<crypto::Key> factor(const crypto::SeatId& seat) = 0;
    /// Forgets it for good: then the seat's vault opens nowhere any more.
    virtual Result<void> erase(const crypto::SeatId& seat) = 0;
};

/// A device without one.
class NoKeyStore final : public KeyStore {
public:
    [[nodiscard]] bool is_there() const override { return false; }
    Result<crypto::Key> factor(const crypto::SeatId& /*seat*/) override {
        return Error{Code::unsupported, "this device keeps no keys in hardware"};
    }
    Result<void> erase(const crypto::SeatId& /*seat*/) override { return {}; }
};

}  // namespace trellis::clients
