// SPDX-License-Identifier: Apache-2.0
#include "crypto/primitive/sign.hpp"

#include "crypto/primitive/sodium.hpp"

#include <sodium.h>

namespace trellis::crypto {
namespace {

// What is signed: the label with its length, the organisation, the digest.
struct Message {
    ByteArray<1 + 255 + OrgId::size + Digest::size> bytes{};
    std::size_t size = 0;

    void add(ByteView view) {
        std::copy(view.begin(), view.end(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
        size += view.size();
    }
};

Message message_of(Label label, const OrgId& org, const Digest& digest) {
    Message message;
    const auto text = text_of(label);
    const auto length = static_cast<std::uint8_t>(text.size());
    message.add({&length, 1});
    message.add(as_bytes(text));
    message.add(org.view());
    message.add(digest.view());
    return message;
}

}  // namespace

SignSecret SignSecret::generate(Env& env) {
    Key seed;
    env.random(seed.span());
    return from_seed(seed.view());
}

SignSecret SignSecret::from_seed(ByteView seed) {
    ensure_sodium();
    TRELLIS_CHECK(seed.size() == crypto_sign_SEEDBYTES);
    SecretBytes<64> pair;
    SignKey key;
    crypto_sign_seed_keypair(key.bytes.data(), pair.span().data(), seed.data());
    return {std::move(pair), key};
}

Signature sign(const SignSecret& secret, Label label, const OrgId& org, const Digest& digest) {
    const auto message = message_of(label, org, digest);
    Signature signature;
    crypto_sign_detached(
        signature.bytes.data(), nullptr, message.bytes.data(), message.size, secret.pair().data());
    return signature;
}

bool verify(const SignKey& key,
            Label label,
            const OrgId& org,
            const Digest& digest,
            const Signature& signature) {
    ensure_sodium();
    const auto message = message_of(label, org, digest);
    return crypto_sign_verify_detached(
               signature.bytes.data(), message.bytes.data(), message.size, key.bytes.data()) == 0;
}

}  // namespace trellis::crypto
