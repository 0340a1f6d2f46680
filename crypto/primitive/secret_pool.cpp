// SPDX-License-Identifier: Apache-2.0
#include "crypto/primitive/secret_pool.hpp"

#include <atomic>
#include <new>

#include <sodium.h>

#include "crypto/primitive/sodium.hpp"

namespace trellis::crypto {
namespace {

/// What a cell holds while nobody has it.
struct FreeCell {
    FreeCell* next;
};

/// Held for a few instructions, but for a new slab.
class Lock {
public:
    explicit Lock(std::atomic_flag& flag) : flag_(flag) {
        while (flag_.test_and_set(std::memory_order_acquire)) {
#ifdef __cpp_lib_atomic_wait
            flag_.wait(true, std::memory_order_relaxed);
#endif
        }
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() {
        flag_.clear(std::memory_order_release);
#ifdef __cpp_lib_atomic_wait
        flag_.notify_one();
#endif
    }

private:
    std::atomic_flag& flag_;
};

// Trivial to destroy, so that secrets of any lifetime may come back.
std::atomic_flag is_taken;
FreeCell* first_free = nullptr;

void put_first(std::uint8_t* cell) { first_free = ::new (cell) FreeCell{first_free}; }

void add_slab() {
    ensure_sodium();
    // Locks the pages where the system lets us; without that right it still guards and wipes.
    auto* slab = static_cast<std::uint8_t*>(sodium_malloc(secret_slab_cells * secret_cell_size));
    if (slab == nullptr) return;
    for (std::size_t i = secret_slab_cells; i > 0; --i) put_first(slab + (i - 1) * secret_cell_size);
}

}  // namespace

std::uint8_t* take_secret_cell() {
    std::uint8_t* cell = nullptr;
    {
        const Lock lock(is_taken);
        if (first_free == nullptr) add_slab();
        if (first_free == nullptr) return nullptr;
        cell = reinterpret_cast<std::uint8_t*>(first_free);
        first_free = first_free->next;
    }
    sodium_memzero(cell, secret_cell_size);
    return cell;
}

void give_secret_cell(std::uint8_t* cell) {
    sodium_memzero(cell, secret_cell_size);
    const Lock lock(is_taken);
    put_first(cell);
}

}  // namespace trellis::crypto
