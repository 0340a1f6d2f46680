// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/options.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "tests/sim/streams.hpp"

namespace trellis::sim {
namespace {

struct Member {
    std::string_view name;
    std::int64_t Options::*value;
};

constexpr std::array members = {
    Member{"seed", &Options::seed},
    Member{"families", &Options::families},
    Member{"liaisons", &Options::liaisons},
    Member{"centrals", &Options::centrals},
    Member{"browsers", &Options::browsers},
    Member{"spaces", &Options::spaces},
    Member{"length_ms", &Options::length_ms},
    Member{"works", &Options::works},
    Member{"faults", &Options::faults},
    Member{"bursts", &Options::bursts},
    Member{"ties", &Options::ties},
    Member{"shuffles", &Options::shuffles},
    Member{"latency_ms", &Options::latency_ms},
    Member{"bytes_per_second", &Options::bytes_per_second},
    Member{"resets_per_million", &Options::resets_per_million},
    Member{"passes", &Options::passes},
    Member{"skew_ms", &Options::skew_ms},
    Member{"drift_ppm", &Options::drift_ppm},
    Member{"dead_random", &Options::dead_random},
};

constexpr std::string_view letters = "NTSPAL";

constexpr std::int64_t hour_ms = 3'600'000;
constexpr std::int64_t year_ms = 365 * 24 * hour_ms;

/// What the reference fleet does: one thing in five minutes.
constexpr std::int64_t works_per_device_hour = 12;

}  // namespace

Result<std::uint32_t> families_of(std::string_view text) {
    std::uint32_t families = 0;
    for (const char letter : text) {
        const auto at = letters.find(letter);
        if (at == std::string_view::npos) {
            return Error{Code::invalid, "families of faults are letters of NTSPAL, such as NS"};
        }
        families |= 1U << at;
    }
    return families;
}

std::string letters_of(std::uint32_t families) {
    std::string text;
    for (std::size_t i = 0; i < letters.size(); ++i) {
        if ((families >> i & 1U) != 0) text += letters[i];
    }
    return text;
}

Options draw_options(std::uint64_t seed, std::uint32_t allowed) {
    Random random(mixed(seed, 0x0B71));
    Options options;
    options.seed = static_cast<std::int64_t>(seed);
    options.families = static_cast<std::int64_t>(random.below(families_all + 1) & allowed);
    options.liaisons = random.log_uniform(1, 12);
    options.centrals = random.between(1, 2);
    options.browsers = random.between(0, 1);
    options.spaces = random.between(1, 3);
    options.works = random.log_uniform(60, 900);
    const auto devices = static_cast<std::int64_t>(options.devices());
    options.length_ms = options.works * hour_ms / (works_per_device_hour * devices);
    // One in four is a long time in which little happens.
    if (random.chance(250)) options.length_ms *= random.log_uniform(2, 400);
    options.length_ms = std::max(options.length_ms, hour_ms / 2);
    options.bursts = random.chance(250) ? 1 : 0;
    options.ties = random.chance(500) ? random.between(1, 30) : 0;
    options.shuffles = random.chance(500) ? 1 : 0;
    options.passes = random.chance(300) ? random.between(10, 100) : 0;
    if (options.has(family_network)) {
        options.latency_ms = random.log_uniform(2, 2000);
        options.bytes_per_second = random.log_uniform(2'000, 10'000'000);
        options.resets_per_million = random.chance(500) ? random.log_uniform(10, 50'000) : 0;
    }
    if (options.has(family_time)) {
        options.skew_ms = random.log_uniform(1'000, 10 * year_ms);
        options.drift_ppm = random.log_uniform(1, 500);
        options.dead_random = random.chance(100) ? 1 : 0;
    }
    // Fate does something once for every few things that people do.
    const auto kinds = std::popcount(static_cast<std::uint64_t>(options.families));
    if (kinds > 0) options.faults = options.works * random.log_uniform(2, 30) / 100 + 1;
    return options;
}

Json to_json(const Options& options) {
    Json json;
    for (const auto& member : members) json.set(std::string(member.name), options.*member.value);
    return json;
}

Result<Options> options_from(const Json& json) {
    Options options;
    if (json.object() == nullptr || json.object()->size() != members.size()) {
        return Error{Code::invalid, "the options of a tape are an object of " +
                                        std::to_string(members.size()) + " integers"};
    }
    for (const auto& member : members) {
        const auto* value = json[member.name].integer();
        if (value == nullptr) {
            return Error{Code::invalid, "the options lack '" + std::string(member.name) + "'"};
        }
        options.*member.value = *value;
    }
    return options;
}

}  // namespace trellis::sim
