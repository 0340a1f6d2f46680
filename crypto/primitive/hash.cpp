// SPDX-License-Identifier: Apache-2.0
#include "crypto/primitive/hash.hpp"

#include "crypto/primitive/sodium.hpp"

#include <sodium.h>

namespace trellis::crypto {
namespace {

static_assert(sizeof(crypto_generichash_state) <= 384);
static_assert(alignof(crypto_generichash_state) <= 64);

crypto_generichash_state* state_of(ByteArray<384>& storage) {
    return static_cast<crypto_generichash_state*>(static_cast<void*>(storage.data()));
}

}  // namespace

Hasher::Hasher(Label label, ByteView key, std::size_t size) : size_(size) {
    ensure_sodium();
    TRELLIS_CHECK(size >= crypto_generichash_BYTES_MIN);
    TRELLIS_CHECK(size <= crypto_generichash_BYTES_MAX);
    TRELLIS_CHECK(key.empty() || key.size() >= crypto_generichash_KEYBYTES_MIN);
    const auto started = crypto_generichash_init(
        state_of(state_), key.empty() ? nullptr : key.data(), key.size(), size);
    TRELLIS_CHECK(started == 0);
    const auto text = text_of(label);
    const auto length = static_cast<std::uint8_t>(text.size());
    add({&length, 1});
    add(as_bytes(text));
}

Hasher& Hasher::add(ByteView bytes) {
    crypto_generichash_update(state_of(state_), bytes.data(), bytes.size());
    return *this;
}

Hasher& Hasher::add_u32(std::uint32_t value) {
    ByteArray<4> bytes{};
    for (unsigned i = 0; i < 4; ++i)
        bytes[i] = static_cast<std::uint8_t>(value >> (8U * i));
    return add(bytes);
}

Hasher& Hasher::add_u64(std::uint64_t value) {
    ByteArray<8> bytes{};
    for (unsigned i = 0; i < 8; ++i)
        bytes[i] = static_cast<std::uint8_t>(value >> (8U * i));
    return add(bytes);
}

Digest Hasher::finish() {
    Digest digest;
    finish_into(digest.bytes);
    return digest;
}

void Hasher::finish_into(std::span<std::uint8_t> out) {
    TRELLIS_CHECK(out.size() == size_);
    const auto finished = crypto_generichash_final(state_of(state_), out.data(), out.size());
    TRELLIS_CHECK(finished == 0);
}

Digest hash(Label label, std::initializer_list<ByteView> parts) {
    Hasher hasher(label);
    for (const auto part : parts)
        hasher.add(part);
    return hasher.finish();
}

Key derive(const Key& key, Label label, ByteView context) {
    return derive(key.view(), label, context);
}

Key derive(ByteView secret, Label label, ByteView context) {
    TRELLIS_CHECK(!secret.empty());
    Key result;
    Hasher hasher(label, secret, Key::size);
    hasher.add(context);
    hasher.finish_into(result.span());
    return result;
}

}  // namespace trellis::crypto
