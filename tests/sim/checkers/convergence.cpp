// SPDX-License-Identifier: Apache-2.0
// C1, C2 and C15 when everybody has everything.
#include "core/query/export.hpp"
#include "tests/sim/checkers/checkers.hpp"
#include "tests/sim/fleet.hpp"

namespace trellis::sim {
namespace {

/// The first line in which two exports differ, for people.
std::string difference(core::Replica& a, core::Replica& b, const SpaceId& space) {
    const auto left = core::export_state(a, space);
    const auto right = core::export_state(b, space);
    if (!left || !right) return "one cannot be exported";
    const auto& x = *left->array();
    const auto& y = *right->array();
    for (std::size_t i = 0; i < x.size() && i < y.size(); ++i) {
        if (!(x[i] == y[i])) return print_json(x[i]) + " <> " + print_json(y[i]);
    }
    return std::to_string(x.size()) + " and " + std::to_string(y.size()) + " lines";
}

void check_chains(Fleet& fleet, Device& first, Device& other, const SpaceId& space) {
    auto ours = first.replica().chains(space);
    auto theirs = other.replica().chains(space);
    if (!ours || !theirs) return fleet.world.fail("C18", "chains cannot be read");
    std::map<ActorId, core::ChainEnd> ends;
    for (const auto& end : *ours) {
        ends[crypto::actor_id(space, end.device, end.incarnation)] = end;
    }
    for (const auto& end : *theirs) {
        const auto actor = crypto::actor_id(space, end.device, end.incarnation);
        const auto found = ends.find(actor);
        if (found == ends.end() || found->second.last != end.last) continue;  // told by C1
        if (found->second.chain == end.chain) continue;
        return fleet.world.fail("C15", first.name() + " and " + other.name() +
                                           " hold two histories of " + actor.hex());
    }
}

}  // namespace

void check_convergence(Fleet& fleet) {
    for (const auto& space : fleet.people.spaces()) {
        const auto readers = fleet.readers(space);
        std::optional<Digest> first;
        for (auto* device : readers) {
            const auto digest = core::digest_state(device->replica(), space);
            if (!digest) return fleet.world.fail("C18", digest.error().message);
            if (!first) first = *digest;
            check_chains(fleet, *readers.front(), *device, space);
            if (*digest == *first) continue;
            return fleet.world.fail(
                "C1", readers.front()->name() + " and " + device->name() + " differ: " +
                          difference(readers.front()->replica(), device->replica(), space));
        }
        if (first) fleet.world.note("digest", {}, first->view());
    }
}

}  // namespace trellis::sim
