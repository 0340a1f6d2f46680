// SPDX-License-Identifier: Apache-2.0
#include "crypto/primitive/sodium.hpp"

#include "core/base/check.hpp"

#include <sodium.h>

namespace trellis::crypto {

void ensure_sodium() {
    static const bool started = sodium_init() >= 0;
    TRELLIS_CHECK(started);
}

bool equal_in_constant_time(ByteView a, ByteView b) {
    if (a.size() != b.size()) return false;
    return a.empty() || sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

void wipe(std::span<std::uint8_t> bytes) {
    if (!bytes.empty()) sodium_memzero(bytes.data(), bytes.size());
}

}  // namespace trellis::crypto
