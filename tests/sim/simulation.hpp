// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>

#include "tests/sim/plan.hpp"
#include "tests/sim/world.hpp"

namespace trellis::sim {

/// A bug put in on purpose, at the simulator's edge, that the checkers must find.
enum class Canary : std::uint8_t {
    none,
    early_answer,  ///< the server answers an append before it is committed
    lying_disk,    ///< a device's disk says "synced" and did nothing
};

struct Settings {
    std::FILE* tell_to = nullptr;  ///< one readable line an event
    Canary canary = Canary::none;
};

/// What one run came to.
struct Outcome {
    std::optional<Breach> failure;
    Digest hash;                   ///< of everything that happened
    std::uint64_t events = 0;
    std::int64_t device_ms = 0;    ///< virtual, summed over devices
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
    std::uint64_t kills = 0;
    std::uint64_t power_cuts = 0;
    std::uint64_t restores = 0;
    std::uint64_t changes = 0;     ///< acknowledged
    Time healing_ms = 0;           ///< from the end of faults to convergence
    Tally works;
    Tally faults;
    Tally reached;
};

/// Runs a plan: founding; people and faults; then the faults end, and everybody must come to the
/// same within a bounded time; then a burst of work, and again.
Outcome run(const Plan& plan, const Settings& settings = {});

}  // namespace trellis::sim
