// SPDX-License-Identifier: Apache-2.0
// C15: what is stored once under a name is the only thing of that name.
#include "tests/sim/checkers/checkers.hpp"
#include "tests/sim/fleet.hpp"

namespace trellis::sim {
namespace {

constexpr std::size_t salt_at = crypto::envelope_header_size;

}  // namespace

void check_stored(Fleet& fleet, const sync::SpaceAppend& append) {
    for (const auto& placed : append.envelopes) {
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
