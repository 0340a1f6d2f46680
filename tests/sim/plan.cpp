// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/plan.hpp"

#include <algorithm>
#include <array>

#include "tests/sim/streams.hpp"

namespace trellis::sim {
namespace {

struct Kind {
    What what;
    std::string_view name;
    std::uint32_t family;
    unsigned weight;  ///< among the faults of all families that are on
};

constexpr std::array kinds = {
    Kind{What::work, "work", 0, 0},
    Kind{What::contradict, "contradict", 0, 0},
    Kind{What::differ, "differ", 0, 0},
    Kind{What::sync_now, "sync_now", 0, 0},
    Kind{What::close_app, "close_app", 0, 0},
    Kind{What::away, "away", 0, 0},
    Kind{What::bundle, "bundle", 0, 0},
    Kind{What::reset, "reset", family_network, 6},
    Kind{What::hole_up, "hole_up", family_network, 4},
    Kind{What::hole_down, "hole_down", family_network, 4},
    Kind{What::slow, "slow", family_network, 3},
    Kind{What::corrupt_up, "corrupt_up", family_network, 2},
    Kind{What::corrupt_down, "corrupt_down", family_network, 2},
    Kind{What::cut_frame, "cut_frame", family_network, 4},
    Kind{What::replay_up, "replay_up", family_network, 2},
    Kind{What::half_open, "half_open", family_network, 4},
    Kind{What::swizzle, "swizzle", family_network, 2},
    Kind{What::clock_jump, "clock_jump", family_time, 6},
    Kind{What::clock_1970, "clock_1970", family_time, 1},
    Kind{What::clock_2106, "clock_2106", family_time, 1},
    Kind{What::clock_9999, "clock_9999", family_time, 1},
    Kind{What::clock_back, "clock_back", family_time, 4},
    Kind{What::suspend, "suspend", family_time, 6},
    Kind{What::kill, "kill", family_storage, 10},
    Kind{What::power_cut, "power_cut", family_storage, 10},
    Kind{What::kill_at_io, "kill_at_io", family_storage, 10},
    Kind{What::cut_at_io, "cut_at_io", family_storage, 14},
    Kind{What::disk_error, "disk_error", family_storage, 4},
    Kind{What::disk_full, "disk_full", family_storage, 4},
    Kind{What::failed_sync, "failed_sync", family_storage, 4},
    Kind{What::server_kill, "server_kill", family_storage, 4},
    Kind{What::server_power_cut, "server_power_cut", family_storage, 4},
    Kind{What::server_disk_full, "server_disk_full", family_storage, 2},
    Kind{What::server_cut_at_io, "server_cut_at_io", family_storage, 4},
    Kind{What::copy_works, "copy_works", family_topology, 0},
    Kind{What::twins, "twins", family_topology, 2},
    Kind{What::copy_device, "copy_device", family_topology, 8},
    Kind{What::clone, "clone", family_topology, 3},
    Kind{What::clone_away, "clone_away", family_topology, 2},
    Kind{What::restore_device, "restore_device", family_topology, 4},
    Kind{What::wipe, "wipe", family_topology, 2},
    Kind{What::server_backup, "server_backup", family_topology, 6},
    Kind{What::server_restore, "server_restore", family_topology, 2},
    Kind{What::server_image, "server_image", family_topology, 2},
    Kind{What::revoke, "revoke", family_trust, 2},
    Kind{What::rotate, "rotate", family_trust, 6},
    Kind{What::grant, "grant", family_trust, 4},
    Kind{What::lose_device, "lose_device", family_trust, 1},
    Kind{What::forge, "forge", family_trust, 3},
    Kind{What::update, "update", family_life, 4},
};
static_assert(kinds.size() == static_cast<std::size_t>(What::count));

/// How often somebody works at a copy of the database where somebody works, where there is one.
constexpr std::uint64_t copy_works_permille = 250;

What drawn_fault(std::int64_t families, Random& random) {
    unsigned sum = 0;
    for (const auto& kind : kinds) {
        if ((families & kind.family) != 0) sum += kind.weight;
    }
    auto left = random.below(sum);
    for (const auto& kind : kinds) {
        if ((families & kind.family) == 0) continue;
        if (left < kind.weight) return kind.what;
        left -= kind.weight;
    }
    return What::work;
}

/// A database lives twice, or again from an earlier moment.
bool copies_database(What what) {
    return what == What::twins || what == What::clone || what == What::clone_away ||
           what == What::restore_device;
}

/// In the worlds where people carry bundles no database is copied: what is written on top of a
/// carried branch that loses its name waits for that name's owner (docs/simulation.md).
bool has_bundles(const Options& options) {
    if (!options.has(family_topology)) return true;
    return Random(mixed(static_cast<std::uint64_t>(options.seed), 0xB0)).chance(500);
}

/// Three people at once, each with a mind of their own about one field.
void differ(Step step, const Options& options, std::vector<Step>& steps) {
    const auto devices = static_cast<std::uint32_t>(options.devices());
    step.what = What::differ;
    for (std::uint64_t mind = 1; mind <= three_minds; ++mind) {
        steps.push_back({step.at, step.what, step.who, (step.salt & ~three_minds) | mind});
        step.who = (step.who + 1) % devices;
    }
}

void add_works(const Options& options, Random& random, std::vector<Step>& steps) {
    const bool carries = has_bundles(options);
    const auto devices = static_cast<std::uint64_t>(options.devices());
    for (std::int64_t i = 0; i < options.works; ++i) {
        Step step;
        step.at = random.between(0, options.length_ms);
        step.who = static_cast<std::uint32_t>(random.below(devices));
        step.salt = random.next();
        const auto kind = random.below(100);
        if (kind < 4) step.what = What::sync_now;
        if (kind == 4) step.what = What::close_app;
        if (kind == 5 || kind == 6) step.what = What::away;
        if (carries && (kind == 7 || kind == 8)) step.what = What::bundle;
        steps.push_back(step);
        if (step.what != What::work) continue;
        if (options.has(family_topology) && random.chance(copy_works_permille)) {
            steps.push_back({step.at, What::copy_works, step.who, step.salt ^ other_mind});
        }
        if (random.below(100) < static_cast<std::uint64_t>(options.ties)) {
            // Half of them do the same thing; the others something else to the same record, or
            // the same in another way.
            step.who = static_cast<std::uint32_t>((step.who + 1) % devices);
            const auto how = random.below(4);
            if (how == 0) step.what = What::contradict;
            if (how == 1) step.salt ^= other_mind;
            steps.push_back(step);
            if (how == 2 && devices > 2) differ(step, options, steps);
        }
    }
}

}  // namespace

std::string_view name_of(What what) { return kinds[static_cast<std::size_t>(what)].name; }

std::uint32_t family_of(What what) { return kinds[static_cast<std::size_t>(what)].family; }

Plan make_plan(const Options& options) {
    Plan plan{options, {}};
    const auto seed = static_cast<std::uint64_t>(options.seed);
    Random works(mixed(seed, 0x3012));
    Random faults(mixed(seed, 0xFA17));
    add_works(options, works, plan.steps);
    const bool carries = has_bundles(options);
    for (std::int64_t i = 0; i < options.faults; ++i) {
        Step step;
        step.at = faults.between(0, options.length_ms);
        step.who = static_cast<std::uint32_t>(faults.below(options.devices()));
        step.salt = faults.next();
        step.what = drawn_fault(options.families, faults);
        if (carries && copies_database(step.what)) continue;
        plan.steps.push_back(step);
    }
    std::stable_sort(plan.steps.begin(), plan.steps.end(),
                     [](const Step& a, const Step& b) { return a.at < b.at; });
    return plan;
}

// Tapes ----------------------------------------------------------------------------------------

Json to_json(const Plan& plan) {
    Json steps{Json::Array{}};
    for (const auto& step : plan.steps) {
        Json one{Json::Array{}};
        one.push(step.at);
        one.push(name_of(step.what));
        one.push(std::int64_t{step.who});
        one.push(static_cast<std::int64_t>(step.salt));
        steps.push(std::move(one));
    }
    Json json;
    json.set("options", to_json(plan.options));
    json.set("steps", std::move(steps));
    return json;
}

Result<Plan> plan_from(const Json& json) {
    Plan plan;
    TRELLIS_TRY(plan.options, options_from(json["options"]));
    const auto* steps = json["steps"].array();
    if (steps == nullptr) return Error{Code::invalid, "a tape has the member 'steps', an array"};
    for (const auto& one : *steps) {
        const auto* list = one.array();
        const Error bad{Code::invalid, "step " + std::to_string(plan.steps.size() + 1) +
                                           " is not [time, what, who, salt]"};
        if (list == nullptr || list->size() != 4) return bad;
        const auto* at = (*list)[0].integer();
        const auto* name = (*list)[1].string();
        const auto* who = (*list)[2].integer();
        const auto* salt = (*list)[3].integer();
        if (at == nullptr || name == nullptr || who == nullptr || salt == nullptr) return bad;
        const auto kind = std::find_if(kinds.begin(), kinds.end(),
                                       [&](const Kind& each) { return each.name == *name; });
        if (kind == kinds.end()) return bad;
        plan.steps.push_back({*at, kind->what, static_cast<std::uint32_t>(*who),
                              static_cast<std::uint64_t>(*salt)});
    }
    return plan;
}

}  // namespace trellis::sim
