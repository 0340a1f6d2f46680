// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace trellis::sim {

/// Families of faults, one bit each.
enum Family : std::uint32_t {
    family_network = 1,
    family_time = 2,
    family_storage = 4,
    family_topology = 8,
    family_trust = 16,
    family_life = 32,
    families_all = 63
};

/// The letters of families, such as "NSP"; `invalid` for another letter.
Result<std::uint32_t> families_of(std::string_view letters);
std::string letters_of(std::uint32_t families);

/// One seed's world, drawn from it and written out in full. Everything is an integer, so that it
/// prints, reads and shrinks alike.
struct Options {
    std::int64_t seed = 1;
    std::int64_t families = 0;
    std::int64_t liaisons = 2;
    std::int64_t centrals = 1;
    std::int64_t browsers = 0;
    std::int64_t spaces = 1;
    std::int64_t length_ms = 3'600'000;  ///< of the time before the world is healed
    std::int64_t works = 100;            ///< things that people do in it
    std::int64_t faults = 0;             ///< things that fate does in it
    std::int64_t bursts = 0;             ///< 1: everybody is away and comes back at once
    std::int64_t ties = 0;               ///< of 100 works: done by two at the same time
    std::int64_t shuffles = 0;           ///< 1: events of one millisecond come in any order
    std::int64_t latency_ms = 30;
    std::int64_t bytes_per_second = 1'000'000;
    std::int64_t resets_per_million = 0;
    std::int64_t passes = 0;             ///< of 100 devices: sync in passes, not live
    std::int64_t skew_ms = 0;            ///< most that a clock is off by
    std::int64_t drift_ppm = 0;
    std::int64_t dead_random = 0;        ///< 1: one device's random source says zeros

    bool operator==(const Options&) const = default;

    [[nodiscard]] std::size_t devices() const {
        return static_cast<std::size_t>(liaisons + centrals + browsers);
    }
    [[nodiscard]] bool has(Family family) const { return (families & family) != 0; }
};

/// Families in `allowed` are on with a chance of one half each, all magnitudes over orders of
/// magnitude.
Options draw_options(std::uint64_t seed, std::uint32_t allowed = families_all);

Json to_json(const Options& options);
/// `invalid` names the member that is missing or unknown.
Result<Options> options_from(const Json& json);

}  // namespace trellis::sim
