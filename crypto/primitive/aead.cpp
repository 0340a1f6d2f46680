// SPDX-License-Identifier: Apache-2.0
#include "crypto/primitive/aead.hpp"

#include "crypto/primitive/sodium.hpp"

#include <sodium.h>

namespace trellis::crypto {

static_assert(Nonce{}.size() == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(aead_tag_size == crypto_aead_xchacha20poly1305_ietf_ABYTES);

Bytes aead_seal(const Key& key, const Nonce& nonce, ByteView associated, ByteView plain) {
    ensure_sodium();
    Bytes sealed(plain.size() + aead_tag_size);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed.data(),
                                               nullptr,
                                               plain.data(),
                                               plain.size(),
                                               associated.data(),
                                               associated.size(),
                                               nullptr,
                                               nonce.data(),
                                               key.view().data());
    return sealed;
}

Result<Bytes> aead_open(const Key& key, const Nonce& nonce, ByteView associated, ByteView sealed) {
    ensure_sodium();
    const auto refused = [] {
        return Error{Code::wrong_key, "sealed bytes do not open with this key here"};
    };
    if (sealed.size() < aead_tag_size) return refused();
    Bytes plain(sealed.size() - aead_tag_size);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(plain.data(),
                                                   nullptr,
                                                   nullptr,
                                                   sealed.data(),
                                                   sealed.size(),
                                                   associated.data(),
                                                   associated.size(),
                                                   nonce.data(),
                                                   key.view().data()) != 0) {
        return refused();
    }
    return plain;
}

}  // namespace trellis::crypto
