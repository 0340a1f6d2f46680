// SPDX-License-Identifier: Apache-2.0
#include "core/store/lacked.hpp"

#include "core/sqlite/id_cell.hpp"

namespace trellis::core {

Result<void> Lacked::note(SpaceIndex space, const ChainEnd& end) {
    TRELLIS_TRY(auto insert, store_.database.prepare(
        "INSERT INTO _lacked(space, device, incarnation, stored) VALUES(?1,?2,?3,?4) "
        "ON CONFLICT DO UPDATE SET stored=min(stored, excluded.stored)"));
    insert.bind(1, std::int64_t{space}).bind_bytes(2, end.device.view());
    insert.bind_bytes(3, end.incarnation.view()).bind(4, static_cast<std::int64_t>(end.last));
    return insert.run();
}

Result<void> Lacked::settle(const SpaceState& space, const ChainEnd& end) {
    TRELLIS_TRY(auto update, store_.database.prepare(
        "UPDATE _lacked SET stored=?4 WHERE space=?1 AND device=?2 AND incarnation=?3 "
        "AND stored<?4"));
    update.bind(1, std::int64_t{space.index}).bind_bytes(2, end.device.view());
    update.bind_bytes(3, end.incarnation.view()).bind(4, static_cast<std::int64_t>(end.last));
    TRELLIS_DO(update.run());
    if (held(space, end) > end.last) return {};
    // What is held back will be more of the chain.
    TRELLIS_TRY(auto remove, store_.database.prepare(
        "DELETE FROM _lacked WHERE space=?1 AND device=?2 AND incarnation=?3 AND NOT EXISTS("
        "SELECT 1 FROM _held WHERE space=?1 AND device=?2 AND incarnation=?3)"));
    remove.bind(1, std::int64_t{space.index}).bind_bytes(2, end.device.view());
    remove.bind_bytes(3, end.incarnation.view());
    return remove.run();
}

Result<void> Lacked::follow(const SpaceState& space,
                            const std::vector<crypto::EnvelopeRun>& runs) {
    TRELLIS_TRY(const auto ends, noted(space.index));
    for (auto end : ends) {
        for (const auto& run : runs) {
            if (run.device != end.device || run.incarnation != end.incarnation) continue;
            TRELLIS_TRY(end.last, crypto::last_of(run));
            TRELLIS_DO(settle(space, end));
        }
    }
    return {};
}

Result<std::vector<ChainEnd>> Lacked::load(const SpaceState& space) {
    TRELLIS_TRY(auto ends, noted(space.index));
    std::erase_if(ends, [&](const ChainEnd& end) { return held(space, end) <= end.last; });
    return ends;
}

/// What waits for others is not part of the chain yet, and goes up once it is.
Counter Lacked::held(const SpaceState& space, const ChainEnd& end) const {
    const auto* actor = store_.actors.find(
        space.index, crypto::actor_id(space.id, end.device, end.incarnation));
    return actor == nullptr ? 0 : actor->last;
}

Result<std::vector<ChainEnd>> Lacked::noted(SpaceIndex space) {
    TRELLIS_TRY(auto select, store_.database.prepare(
        "SELECT device, incarnation, stored FROM _lacked WHERE space=?1"));
    select.bind(1, std::int64_t{space});
    std::vector<ChainEnd> ends;
    for (;;) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) return ends;
        TRELLIS_TRY(const auto device, sqlite::id_in<DeviceId>(select, 0));
        TRELLIS_TRY(const auto incarnation, sqlite::id_in<Incarnation>(select, 1));
        ends.push_back({device, incarnation, static_cast<Counter>(select.integer(2)), Digest()});
    }
}

}  // namespace trellis::core
