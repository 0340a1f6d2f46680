// SPDX-License-Identifier: Apache-2.0
// What this device hands in for others (core/store/lacked.hpp).
#include "core/replica.hpp"

namespace trellis::core {

Result<std::vector<ChainEnd>> Replica::lacked(const SpaceId& id) {
    TRELLIS_TRY(const auto* known, known_space(id));
    // A former reader may only hand in what it has written itself.
    if (!membership().can(device(), id, crypto::right_read)) return std::vector<ChainEnd>();
    return lacked_.load(*known);
}

Result<void> Replica::note_lacked(const SpaceId& id, const std::vector<ChainEnd>& ends) {
    TRELLIS_TRY(const auto* known, known_space(id));
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_->database));
    for (const auto& end : ends) {
        if (held_of(*known, end.device, end.incarnation) <= end.last) continue;
        TRELLIS_DO(lacked_.note(known->index, end));
    }
    return transaction.commit();
}

Result<void> Replica::settle_lacked(const SpaceId& id, const ChainEnd& end) {
    TRELLIS_TRY(const auto* known, known_space(id));
    return lacked_.settle(*known, end);
}

/// Where this device's copy of a chain ends.
Counter Replica::held_of(const SpaceState& space, const DeviceId& of,
                         const Incarnation& incarnation) const {
    const auto* actor =
        store_->actors.find(space.index, crypto::actor_id(space.id, of, incarnation));
    return actor == nullptr ? 0 : actor->last;
}

/// What these runs bring beyond what is held: whole, held back or not.
Result<std::vector<ChainEnd>> Replica::news_in(const SpaceState& space,
                                               const std::vector<crypto::EnvelopeRun>& runs) const {
    std::vector<ChainEnd> ends;
    for (const auto& run : runs) {
        TRELLIS_TRY(const auto last, crypto::last_of(run));
        const auto held = held_of(space, run.device, run.incarnation);
        if (last > held) ends.push_back({run.device, run.incarnation, held, Digest()});
    }
    return ends;
}

}  // namespace trellis::core
