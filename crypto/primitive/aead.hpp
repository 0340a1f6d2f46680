// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "crypto/primitive/secret_bytes.hpp"

namespace trellis::crypto {

using Nonce = ByteArray<24>;
inline constexpr std::size_t aead_tag_size = 16;

/// XChaCha20-Poly1305 (IETF): the ciphertext, then its tag. A nonce is used once with a key.
Bytes aead_seal(const Key& key, const Nonce& nonce, ByteView associated, ByteView plain);

/// `wrong_key` unless key, nonce, associated bytes and ciphertext are those of aead_seal().
Result<Bytes> aead_open(const Key& key, const Nonce& nonce, ByteView associated, ByteView sealed);

}  // namespace trellis::crypto
