// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/record/op.hpp"

namespace trellis::core {

/// A sum. Each increment arrives exactly once (the caller keeps a version vector).
struct Tally {
    std::int64_t sum = 0;
    bool operator==(const Tally&) const = default;

    /// Adds modulo 2^64: the one sum that no order of arrival changes. It takes 2^23 increments
    /// of the largest size to get there.
    void apply(const Increment& increment) {
        sum = static_cast<std::int64_t>(static_cast<std::uint64_t>(sum) +
                                        static_cast<std::uint64_t>(increment.by));
    }
};

}  // namespace trellis::core
