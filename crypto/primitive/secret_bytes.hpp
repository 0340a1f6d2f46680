// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/check.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace trellis::crypto {

/// A block between guard pages, locked where the system allows it; small ones share theirs.
std::uint8_t* allocate_secret(std::size_t size);
/// Wipes the block before it is given back. Nothing happens for null.
void free_secret(std::uint8_t* block, std::size_t size);
void copy_secret(std::uint8_t* to, ByteView from);

/// N bytes that only their owner knows: never swapped out where the system allows it, wiped
/// at the end, moved but copied only by clone(), and never printed. Empty after a move.
template <std::size_t N>
class SecretBytes {
public:
    static constexpr std::size_t size = N;

    SecretBytes() : block_(allocate_secret(N)) {}
    /// Requires: view.size() == N.
    static SecretBytes from(ByteView view) {
        TRELLIS_CHECK(view.size() == N);
        SecretBytes secret;
        copy_secret(secret.block_, view);
        return secret;
    }
    SecretBytes(const SecretBytes&) = delete;
    SecretBytes& operator=(const SecretBytes&) = delete;
    SecretBytes(SecretBytes&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
    SecretBytes& operator=(SecretBytes&& other) noexcept {
        std::swap(block_, other.block_);
        return *this;
    }
    ~SecretBytes() { free_secret(block_, N); }

    [[nodiscard]] SecretBytes clone() const { return from(view()); }
    [[nodiscard]] ByteView view() const {
        TRELLIS_CHECK(block_ != nullptr);
        return {block_, N};
    }
    [[nodiscard]] std::span<std::uint8_t> span() {
        TRELLIS_CHECK(block_ != nullptr);
        return {block_, N};
    }

private:
    std::uint8_t* block_;
};

/// A key of any of our symmetric constructions.
using Key = SecretBytes<32>;

}  // namespace trellis::crypto
