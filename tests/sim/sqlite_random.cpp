// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/sqlite_random.hpp"

#include <sqlite3.h>

namespace trellis::sim {

void pin_sqlite_random(std::uint64_t seed) {
    sqlite3_initialize();
    // 0 would mean: from the system.
    const auto pinned = static_cast<int>(seed % 0x7FFFFFFE) + 1;
    sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, pinned, static_cast<sqlite3*>(nullptr));
    sqlite3_randomness(0, nullptr);  // what is left of the old stream is dropped
}

}  // namespace trellis::sim
