// SPDX-License-Identifier: Apache-2.0
// C15: what is stored once under a name is the only thing of that name. C11: and it is sealed
// with a key as new as its author knew.
#include "tests/sim/checkers/checkers.hpp"
#include "tests/sim/fleet.hpp"

namespace trellis::sim {
namespace {

constexpr std::size_t salt_at = crypto::envelope_header_size;

/// C11: who was let out before its author wrote has no key to it.
void check_epoch(Fleet& fleet, const sync::PlacedEnvelope& placed) {
    for (Counter counter = placed.first; counter <= placed.last; ++counter) {
        const Deed* deed = fleet.truth.find({placed.actor, counter});
        if (deed == nullptr || deed->epoch <= placed.epoch) continue;
        // Who may not write any more gets no new key, and hands in what it has with an old one.
        if (fleet.may_rename(placed.actor) || fleet.revoked.contains(deed->author)) continue;
        return fleet.world.fail("C11", to_string(deed->dot) + " was sealed with key " +
                                           std::to_string(placed.epoch) +
                                           ", and its author knew of key " +
                                           std::to_string(deed->epoch));
    }
}

}  // namespace

void check_stored(Fleet& fleet, const sync::SpaceAppend& append) {
    for (const auto& placed : append.envelopes) {
        check_epoch(fleet, placed);
        // The salt decides the nonce under the actor's key of this epoch.
        Bytes name = to_bytes(placed.actor.view());
        for (unsigned shift = 0; shift < 32; shift += 8) {
            name.push_back(static_cast<std::uint8_t>(placed.epoch >> shift));
        }
        const ByteView bytes = placed.envelope;
        trellis::append(name, bytes.subspan(salt_at, crypto::envelope_salt_size));
        const auto [known, is_new] = fleet.salts.emplace(name, placed.chain);
        if (!is_new && known->second != placed.chain) {
            return fleet.world.fail("C15", "one key and nonce sealed two envelopes of " +
                                               placed.actor.hex());
        }
        const auto [slot, is_first] =
            fleet.stored_names.emplace(Dot{placed.actor, placed.first}, placed.chain);
        if (is_first || slot->second == placed.chain) continue;
        // A relay that lost one branch may be given the other: devices then settle it.
        if (fleet.restores > 0) continue;
        return fleet.world.fail("C15", "two envelopes are stored under one name: " +
                                           to_string(Dot{placed.actor, placed.first}));
    }
}

}  // namespace trellis::sim
