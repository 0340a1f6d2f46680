// SPDX-License-Identifier: Apache-2.0
// C11: who was let out stays out.
#include "tests/sim/checkers/checkers.hpp"
#include "tests/sim/fleet.hpp"

namespace trellis::sim {

void check_closed_doors(Fleet& fleet, std::size_t from) {
    if (!fleet.admin().is_member()) return;
    const auto& membership = fleet.admin().replica().membership();
    for (std::size_t i = 0; i < fleet.size(); ++i) {
        Device& device = fleet.device(i);
        if (!fleet.is_revoked(device) || !device.is_member()) continue;
        const auto* record = membership.device(*device.id());
        if (record == nullptr || record->is_active) continue;
        const auto& deeds = fleet.truth.deeds();
        for (std::size_t at = from; at < deeds.size(); ++at) {
            const auto known = device.known().find(deeds[at].space);
            if (known == device.known().end() || !known->second.covers(deeds[at].dot)) continue;
            return fleet.world.fail("C11", device.name() + " was let out, and shows " +
                                               to_string(deeds[at].dot));
        }
        fleet.world.sometimes("former_device_shut_out");
    }
}

}  // namespace trellis::sim
