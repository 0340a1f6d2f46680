// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/env.hpp"
#include "core/base/id.hpp"
#include "core/base/result.hpp"
#include "crypto/primitive/secret_bytes.hpp"

namespace trellis::crypto {

using BoxKey = Id<struct BoxKeyTag, 32>;        ///< public, X25519
using SealedKey = Id<struct SealedKeyTag, 80>;  ///< a 32-byte key, sealed to a BoxKey
inline constexpr std::size_t sealed_box_overhead = 48;

/// The secret half of a key that others seal to, with its public half.
class BoxSecret {
public:
    static BoxSecret generate(Env& env);
    /// The seed is the X25519 scalar. Requires: seed.size() == 32.
    static BoxSecret from_seed(ByteView seed);

    [[nodiscard]] const BoxKey& key() const { return key_; }
    [[nodiscard]] ByteView seed() const { return scalar_.view(); }
    [[nodiscard]] BoxSecret clone() const { return BoxSecret(scalar_.clone(), key_); }

private:
    BoxSecret(Key scalar, const BoxKey& key) : scalar_(std::move(scalar)), key_(key) {}
    Key scalar_;
    BoxKey key_;
};

/// Seals to one key, from nobody in particular. The bytes are those of crypto_box_seal, but
/// the one-time key comes from `env`, so that runs can be repeated. `invalid` where the key is
/// of small order.
Result<Bytes> seal_to(const BoxKey& key, ByteView plain, Env& env);
/// `wrong_key` where it was sealed to another key or altered.
Result<Bytes> open_box(const BoxSecret& secret, ByteView sealed);

Result<SealedKey> seal_key_to(const BoxKey& key, const Key& plain, Env& env);
Result<Key> open_sealed_key(const BoxSecret& secret, const SealedKey& sealed);

/// What both ends of an X25519 exchange share, not hashed. `invalid` where their key is of
/// small order.
Result<Key> agree(const BoxSecret& mine, const BoxKey& theirs);

}  // namespace trellis::crypto
