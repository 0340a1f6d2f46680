// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/env.hpp"

namespace trellis::sync {

/// When to dial again: a random moment between one second and a ceiling that doubles with each
/// failure, up to a minute. A thousand tablets that lost one relay do not come back at once.
class Backoff {
public:
    static constexpr std::int64_t least_ms = 1'000;
    static constexpr std::int64_t most_ms = 60'000;

    /// Borrows the world for its life.
    explicit Backoff(Env& env) : env_(env) {}

    /// Milliseconds from now; counts as a failure.
    std::int64_t next_delay_ms();
    /// After a Welcome.
    void reset() { ceiling_ms_ = least_ms; }

private:
    Env& env_;
    std::int64_t ceiling_ms_ = least_ms;
};

}  // namespace trellis::sync
