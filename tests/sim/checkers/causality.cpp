// SPDX-License-Identifier: Apache-2.0
// C2, C5 and C6: what a device shows while the world goes on.
#include "core/query/export.hpp"
#include "tests/sim/checkers/checkers.hpp"
#include "tests/sim/fleet.hpp"

namespace trellis::sim {
namespace {

/// Two digests cost as much as a hundred changes.
constexpr std::uint64_t digest_permille = 15;

/// C6: nothing that was shown goes away again, but what a fork renames.
void check_growth(Fleet& fleet, Device& device, const VersionVector& before,
                  const VersionVector& after) {
    for (const auto& entry : before.entries()) {
        if (after.counter(entry.actor) >= entry.counter) continue;
        if (device.was_put_back() || fleet.may_rename(entry.actor)) continue;
        fleet.world.fail("C6", device.name() + " showed " +
                                   to_string(Dot{entry.actor, entry.counter}) +
                                   " and does not any more");
    }
}

/// C5: whoever shows a change shows all that its author had seen.
void check_past(Fleet& fleet, Device& device, const VersionVector& before,
                const VersionVector& after) {
    for (const auto& entry : after.entries()) {
        if (before.counter(entry.actor) >= entry.counter) continue;
        const Deed* deed = fleet.truth.find({entry.actor, entry.counter});
        if (deed == nullptr || after.covers(deed->past)) continue;
        for (const auto& past : deed->past.entries()) {
            if (after.counter(past.actor) >= past.counter || fleet.may_rename(past.actor)) continue;
            return fleet.world.fail("C5", device.name() + " shows " + to_string(deed->dot) +
                                              " (serial " + std::to_string(deed->serial) +
                                              ") without " +
                                              to_string(Dot{past.actor, past.counter}) +
                                              ", which its author had seen");
        }
    }
}

/// Where chains of a space end in a database.
Result<std::map<ActorId, core::ChainEnd>> ends_of(core::Replica& replica, const SpaceId& space) {
    TRELLIS_TRY(const auto chains, replica.chains(space));
    std::map<ActorId, core::ChainEnd> ends;
    for (const auto& end : chains) {
        ends[crypto::actor_id(space, end.device, end.incarnation)] = end;
    }
    return ends;
}

/// Copies may have said two things under one name: equal counters are not yet equal changes.
bool is_one_history(Fleet& fleet, core::Replica& a, core::Replica& b, const SpaceId& space,
                    const VersionVector& version) {
    const auto ends_a = ends_of(a, space);
    const auto ends_b = ends_of(b, space);
    if (!ends_a || !ends_b) return false;
    for (const auto& entry : version.entries()) {
        if (!fleet.may_rename(entry.actor)) continue;
        const auto in_a = ends_a->find(entry.actor);
        const auto in_b = ends_b->find(entry.actor);
        if (in_a == ends_a->end() || in_b == ends_b->end()) return false;
        if (in_a->second.last != entry.counter || in_b->second.last != entry.counter) return false;
        if (in_a->second.chain != in_b->second.chain) return false;
    }
    return true;
}

/// C2: who holds the same shows the same.
void check_equals(Fleet& fleet, Device& device, const SpaceId& space, const VersionVector& after) {
    if (!fleet.world.random.checks.chance(digest_permille)) return;
    for (std::size_t i = 0; i < fleet.size(); ++i) {
        Device& other = fleet.device(i);
        if (&other == &device || !other.is_member()) continue;
        auto& a = device.replica();
        auto& b = other.replica();
        const auto known = other.known().find(space);
        if (known == other.known().end() || !(known->second == after)) continue;
        // What was last looked at may have grown since.
        const auto live = b.version(space);
        if (!live || !(*live == after)) continue;
        if (a.membership().head() != b.membership().head()) continue;
        if (a.store().schema.types().size() != b.store().schema.types().size()) continue;
        if (!is_one_history(fleet, a, b, space, after)) continue;
        const auto digest_a = core::digest_state(a, space);
        const auto digest_b = core::digest_state(b, space);
        if (!digest_a || !digest_b) return;
        fleet.world.sometimes("equal_versions_compared");
        if (*digest_a == *digest_b) return;
        return fleet.world.fail("C2", device.name() + " and " + other.name() +
                                          " hold the same changes and show different states");
    }
}

}  // namespace

void check_news(Fleet& fleet, Device& device, const SpaceId& space, const VersionVector& before) {
    const auto& after = device.known().at(space);
    check_growth(fleet, device, before, after);
    check_past(fleet, device, before, after);
    check_equals(fleet, device, space, after);
}

}  // namespace trellis::sim
