// SPDX-License-Identifier: Apache-2.0
// C16 and C4: what a device says it has read of the relay's log it holds, and the log holds what
// devices do.
#include <set>

#include "tests/sim/checkers/checkers.hpp"
#include "tests/sim/fleet.hpp"

namespace trellis::sim {
namespace {

/// What waits for something, and branches that have lost their name, by where they begin.
Result<std::set<Dot>> kept_aside(Device& device, const SpaceId& space) {
    TRELLIS_TRY(const auto list, device.replica().quarantine(space));
    std::set<Dot> dots;
    for (const auto& each : list) dots.insert(each.dot);
    return dots;
}

/// The first position after `from` and up to `to` whose envelope the device does not have.
Result<std::optional<std::size_t>> skipped(Device& device, const SpaceId& space,
                                           const RelayLog::Space& log, std::size_t from,
                                           std::size_t to) {
    TRELLIS_TRY(const auto version, device.replica().version(space));
    std::optional<std::set<Dot>> aside;
    for (std::size_t at = from; at < to; ++at) {
        const auto& entry = log.entries[at];
        if (version.counter(entry.actor) >= entry.last) continue;
        if (!aside) {
            TRELLIS_TRY(aside, kept_aside(device, space));
        }
        if (!aside->contains({entry.actor, entry.first})) return std::optional(at + 1);
    }
    return std::optional<std::size_t>();
}

}  // namespace

void check_cursor(Fleet& fleet, Device& device, const SpaceId& space, const Cursor& cursor) {
    auto& checked = fleet.checked_cursors[{device.index(), space}];
    if (checked == cursor) return;
    const auto* log = fleet.relay_log.find(space);
    if (cursor.position == 0) {
        checked = cursor;
        return;
    }
    if (log == nullptr || !log->contains(cursor)) {
        // The relay was put back, and the device has not heard of it yet.
        if (fleet.server_restores > 0) return;
        return fleet.world.fail("C16", device.name() + " follows a log up to " +
                                           std::to_string(cursor.position) +
                                           " that is not the relay's");
    }
    const bool goes_on = log->contains(checked) && checked.position <= cursor.position;
    const auto from = goes_on ? static_cast<std::size_t>(checked.position) : 0;
    const auto missing =
        skipped(device, space, *log, from, static_cast<std::size_t>(cursor.position));
    if (!missing) return;  // its disk fails: it is looked at again
    checked = cursor;
    if (!*missing) return;
    const auto& entry = log->entries[**missing - 1];
    fleet.world.fail("C16", device.name() + " has read the relay's log up to " +
                                std::to_string(cursor.position) + " and lacks " +
                                to_string(Dot{entry.actor, entry.first}) + " at " +
                                std::to_string(**missing));
}

void check_logs(Fleet& fleet) {
    const auto stored = fleet.server.chains();
    for (const auto& space : fleet.people.spaces()) {
        const auto* log = fleet.relay_log.find(space);
        for (auto* device : fleet.readers(space)) {
            const auto& cursor = device->replica().store().spaces.find(space)->cursor;
            const bool is_fresh = cursor.position == 0 && (log == nullptr || log->entries.empty());
            if (!is_fresh && (log == nullptr || !log->contains(cursor))) {
                return fleet.world.fail("C16", device->name() + " is at rest, and follows a log "
                                                                "that is not the relay's");
            }
            const auto version = device->replica().version(space);
            if (!version) return fleet.world.fail("C18", version.error().message);
            for (const auto& entry : version->entries()) {
                const auto found = stored.find(entry.actor);
                if (found != stored.end() && found->second >= entry.counter) continue;
                return fleet.world.fail("C4", device->name() + " is at rest, and the relay lacks " +
                                                  to_string(Dot{entry.actor, entry.counter}));
            }
        }
    }
}

}  // namespace trellis::sim
