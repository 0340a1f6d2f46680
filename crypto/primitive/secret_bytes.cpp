// SPDX-License-Identifier: Apache-2.0
#include "crypto/primitive/secret_bytes.hpp"

#include "crypto/primitive/secret_pool.hpp"
#include "crypto/primitive/sodium.hpp"

#include <sodium.h>

namespace trellis::crypto {

std::uint8_t* allocate_secret(std::size_t size) {
    if (size <= secret_cell_size) {
        auto* cell = take_secret_cell();
        TRELLIS_CHECK(cell != nullptr);
        return cell;
    }
    ensure_sodium();
    auto* block = static_cast<std::uint8_t*>(sodium_malloc(size));
    TRELLIS_CHECK(block != nullptr);
    sodium_memzero(block, size);
    return block;
}

void free_secret(std::uint8_t* block, std::size_t size) {
    if (block == nullptr) return;
    if (size <= secret_cell_size) return give_secret_cell(block);
    sodium_memzero(block, size);  // in a browser sodium_free() is plain free()
    sodium_free(block);
}

void copy_secret(std::uint8_t* to, ByteView from) {
    if (!from.empty()) std::copy(from.begin(), from.end(), to);
}

}  // namespace trellis::crypto
