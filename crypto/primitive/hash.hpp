// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/id.hpp"
#include "crypto/primitive/label.hpp"
#include "crypto/primitive/secret_bytes.hpp"

#include <initializer_list>

namespace trellis::crypto {

/// BLAKE2b over the label's length, the label's text, then everything added.
/// Parts are not separated: add only fixed widths, or one variable part at the end.
class Hasher {
public:
    explicit Hasher(Label label) : Hasher(label, {}, Digest::size) {}
    /// Keyed, with a result of `size` bytes (16 to 64).
    Hasher(Label label, ByteView key, std::size_t size);

    Hasher& add(ByteView bytes);
    Hasher& add_u32(std::uint32_t value);
    Hasher& add_u64(std::uint64_t value);
    /// Once; the hasher is spent. Requires: made without another size.
    Digest finish();
    /// Once. Requires: out.size() is the size asked for.
    void finish_into(std::span<std::uint8_t> out);

private:
    alignas(64) ByteArray<384> state_;
    std::size_t size_;
};

/// BLAKE2b-256 of the label and the parts, one after the other.
Digest hash(Label label, std::initializer_list<ByteView> parts);

/// A new key from a key: BLAKE2b-256 keyed with it, over the label and the context.
Key derive(const Key& key, Label label, ByteView context);
/// The same from a secret of another size (16 to 64 bytes).
Key derive(ByteView secret, Label label, ByteView context);

/// Keyed BLAKE2b with a short result, for nonces and salts.
template <std::size_t N>
ByteArray<N> keyed_hash(const Key& key, Label label, std::initializer_list<ByteView> parts) {
    Hasher hasher(label, key.view(), N);
    for (const auto part : parts)
        hasher.add(part);
    ByteArray<N> result{};
    hasher.finish_into(result);
    return result;
}

}  // namespace trellis::crypto
