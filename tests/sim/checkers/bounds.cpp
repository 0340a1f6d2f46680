// SPDX-License-Identifier: Apache-2.0
// C13, C14 and the quiet half of C17: a fleet at rest stays at rest, and keeps little beside
// what it was told.
#include "core/query/export.hpp"
#include "tests/sim/checkers/checkers.hpp"
#include "tests/sim/fleet.hpp"

namespace trellis::sim {
namespace {

constexpr Time hour_ms = 3'600'000;
/// One ping in thirty seconds, and a little.
constexpr std::uint64_t frames_per_quiet_hour = 120 + 20;

/// Everything that somebody could point at in an export: values, elements, entries, heads.
std::uint64_t things_in(const Json& json) {
    if (const auto* array = json.array()) {
        std::uint64_t count = 0;
        for (const auto& each : *array) count += things_in(each);
        return count;
    }
    if (const auto* object = json.object()) {
        std::uint64_t count = 0;
        for (const auto& [name, value] : *object) count += things_in(value);
        return count;
    }
    return 1;
}

void check_quiet(Fleet& fleet) {
    auto& world = fleet.world;
    std::vector<std::uint64_t> before;
    for (std::size_t i = 0; i < fleet.size(); ++i) before.push_back(fleet.network.sent_by(i));
    world.run_until(world.now() + hour_ms);
    for (std::size_t i = 0; i < fleet.size(); ++i) {
        const auto sent = fleet.network.sent_by(i) - before[i];
        if (sent <= frames_per_quiet_hour || fleet.device(i).is_lost()) continue;
        if (fleet.is_revoked(fleet.device(i))) continue;
        return world.fail("C17", fleet.device(i).name() + " sent " + std::to_string(sent) +
                                     " frames in an hour in which nothing happened");
    }
}

/// Another session of a device that has everything moves nothing.
void check_idempotence(Fleet& fleet, const SpaceId& space) {
    auto& world = fleet.world;
    const auto readers = fleet.readers(space);
    if (readers.empty()) return;
    Device& device = *readers[static_cast<std::size_t>(world.random.checks.below(readers.size()))];
    const auto before = core::digest_state(device.replica(), space);
    device.drop_line();
    for (int i = 0; i < 60 && !device.settled() && !world.failure(); ++i) {
        world.run_until(world.now() + 1'000);
    }
    if (world.failure()) return;
    if (!device.settled()) return world.fail("C17", device.name() + " does not settle again");
    const auto& progress = device.line()->session()->progress();
    const auto after = core::digest_state(device.replica(), space);
    if (!before || !after || !(*before == *after)) {
        return world.fail("C14", "to sync again changed what " + device.name() + " shows");
    }
    if (progress.received > 0 || progress.sent > 0) {
        return world.fail("C14", "a session of equals moved envelopes at " + device.name());
    }
}

/// 64 bytes an actor, 96 a thing that is shown, 48 an op that could still be told apart.
void check_metadata(Fleet& fleet, const SpaceId& space) {
    const auto readers = fleet.readers(space);
    if (readers.empty()) return;
    auto& replica = readers.front()->replica();
    const auto stats = replica.stats();
    const auto state = core::export_state(replica, std::nullopt);
    if (!stats || !state) return fleet.world.fail("C18", "figures cannot be read");
    const auto most = 64 * stats->actors + 96 * things_in(*state) + 4096;
    if (stats->merge_bytes <= most) return;
    fleet.world.fail("C13", "merging keeps " + std::to_string(stats->merge_bytes) +
                                " bytes where " + std::to_string(most) + " are allowed");
}

}  // namespace

void check_bounds(Fleet& fleet) {
    check_quiet(fleet);
    for (const auto& space : fleet.people.spaces()) {
        if (!fleet.world.failure()) check_idempotence(fleet, space);
    }
    if (!fleet.world.failure()) check_metadata(fleet, fleet.people.spaces().front());
}

}  // namespace trellis::sim
