// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/env.hpp"
#include "core/base/id.hpp"
#include "crypto/primitive/label.hpp"
#include "crypto/primitive/secret_bytes.hpp"

namespace trellis::crypto {

using SignKey = Id<struct SignKeyTag, 32>;  ///< public, Ed25519
using Signature = Id<struct SignatureTag, 64>;

/// The secret half of a signing key, with its public half.
class SignSecret {
public:
    static SignSecret generate(Env& env);
    /// Requires: seed.size() == 32.
    static SignSecret from_seed(ByteView seed);

    [[nodiscard]] const SignKey& key() const { return key_; }
    /// The 32 bytes from which from_seed() makes this again.
    [[nodiscard]] ByteView seed() const { return pair_.view().first(32); }
    [[nodiscard]] ByteView pair() const { return pair_.view(); }
    [[nodiscard]] SignSecret clone() const { return SignSecret(pair_.clone(), key_); }

private:
    SignSecret(SecretBytes<64> pair, const SignKey& key) : pair_(std::move(pair)), key_(key) {}
    SecretBytes<64> pair_;
    SignKey key_;
};

/// Ed25519 over the label, the organisation and the digest.
Signature sign(const SignSecret& secret, Label label, const OrgId& org, const Digest& digest);

/// False for malleated signatures and small-order keys too.
bool verify(const SignKey& key,
            Label label,
            const OrgId& org,
            const Digest& digest,
            const Signature& signature);

}  // namespace trellis::crypto
