// SPDX-License-Identifier: Apache-2.0
#include "crypto/primitive/box.hpp"

#include "crypto/primitive/sodium.hpp"

#include <sodium.h>

namespace trellis::crypto {
namespace {

static_assert(sealed_box_overhead == crypto_box_SEALBYTES);
static_assert(SealedKey::size == Key::size + sealed_box_overhead);

// As crypto_box_seal does: a function of both public keys, unique because one is used once.
ByteArray<crypto_box_NONCEBYTES> nonce_of(const BoxKey& one_time, const BoxKey& to) {
    ByteArray<crypto_box_NONCEBYTES> nonce{};
    crypto_generichash_state state;
    crypto_generichash_init(&state, nullptr, 0, nonce.size());
    crypto_generichash_update(&state, one_time.bytes.data(), BoxKey::size);
    crypto_generichash_update(&state, to.bytes.data(), BoxKey::size);
    crypto_generichash_final(&state, nonce.data(), nonce.size());
    return nonce;
}

}  // namespace

BoxSecret BoxSecret::generate(Env& env) {
    Key scalar;
    env.random(scalar.span());
    return from_seed(scalar.view());
}

BoxSecret BoxSecret::from_seed(ByteView seed) {
    ensure_sodium();
    BoxKey key;
    Key scalar = Key::from(seed);
    crypto_scalarmult_base(key.bytes.data(), scalar.view().data());
    return {std::move(scalar), key};
}

Result<Bytes> seal_to(const BoxKey& key, ByteView plain, Env& env) {
    const auto one_time = BoxSecret::generate(env);
    const auto nonce = nonce_of(one_time.key(), key);
    Bytes sealed(plain.size() + sealed_box_overhead);
    std::copy(one_time.key().bytes.begin(), one_time.key().bytes.end(), sealed.begin());
    const auto done = crypto_box_easy(sealed.data() + BoxKey::size,
                                      plain.data(),
                                      plain.size(),
                                      nonce.data(),
                                      key.bytes.data(),
                                      one_time.seed().data());
    if (done != 0) {
        return Error{Code::invalid, "the key to seal to is no usable key; ask for a new one"};
    }
    return sealed;
}

Result<Bytes> open_box(const BoxSecret& secret, ByteView sealed) {
    if (sealed.size() < sealed_box_overhead) {
        return Error{Code::wrong_key, "a sealed box is too short to be one"};
    }
    Bytes plain(sealed.size() - sealed_box_overhead);
    if (crypto_box_seal_open(plain.data(),
                             sealed.data(),
                             sealed.size(),
                             secret.key().bytes.data(),
                             secret.seed().data()) != 0) {
        return Error{Code::wrong_key, "a sealed box was sealed to another key, or altered"};
    }
    return plain;
}

Result<SealedKey> seal_key_to(const BoxKey& key, const Key& plain, Env& env) {
    TRELLIS_TRY(const auto sealed, seal_to(key, plain.view(), env));
    return SealedKey::from(sealed);
}

Result<Key> open_sealed_key(const BoxSecret& secret, const SealedKey& sealed) {
    Key key;
    if (crypto_box_seal_open(key.span().data(),
                             sealed.bytes.data(),
                             SealedKey::size,
                             secret.key().bytes.data(),
                             secret.seed().data()) != 0) {
        return Error{Code::wrong_key, "a sealed key was sealed to another device, or altered"};
    }
    return key;
}

Result<Key> agree(const BoxSecret& mine, const BoxKey& theirs) {
    Key shared;
    // Refuses the all-zero result that a key of small order forces.
    if (crypto_scalarmult(shared.span().data(), mine.seed().data(), theirs.bytes.data()) != 0) {
        return Error{Code::invalid, "the other end sent a key that no honest end sends"};
    }
    return shared;
}

}  // namespace trellis::crypto
