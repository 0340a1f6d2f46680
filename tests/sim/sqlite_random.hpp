// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace trellis::sim {

/// SQLite's own randomness (salts of its write-ahead log, SQL's randomblob()) follows from the
/// seed from now on, in the whole process.
void pin_sqlite_random(std::uint64_t seed);

}  // namespace trellis::sim
