// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tests/sim/simulation.hpp"

namespace trellis::sim {

/// What many runs came to together.
class Ledger {
public:
    void add(std::uint64_t seed, const Outcome& outcome);

    [[nodiscard]] std::uint64_t seeds() const { return seeds_; }
    [[nodiscard]] std::uint64_t failures() const { return failures_; }
    [[nodiscard]] std::int64_t device_hours() const { return device_ms_ / 3'600'000; }
    /// Names that every sufficiently long series must reach and that this one has not.
    [[nodiscard]] std::vector<std::string> never_reached() const;

    /// For people; `cpu_seconds` of 0: not measured here.
    [[nodiscard]] std::string report(double cpu_seconds) const;
    /// One line of JSON, to append to a file that goes on over many series.
    [[nodiscard]] Json to_json(double cpu_seconds) const;

private:
    std::uint64_t seeds_ = 0;
    std::uint64_t failures_ = 0;
    std::int64_t device_ms_ = 0;
    std::uint64_t changes_ = 0;
    std::uint64_t events_ = 0;
    std::uint64_t frames_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t kills_ = 0;
    std::uint64_t power_cuts_ = 0;
    std::uint64_t restores_ = 0;
    Time slowest_healing_ms_ = 0;
    Tally works_;
    Tally faults_;
    Tally reached_;
    std::uint64_t first_seed_ = 0;
    std::uint64_t last_seed_ = 0;
};

/// Every interesting state that somebody calls World::sometimes() for.
const std::vector<std::string>& all_sometimes();

}  // namespace trellis::sim
