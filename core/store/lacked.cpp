// SPDX-License-Identifier: Apache-2.0
#include "core/store/lacked.hpp"

#include "core/sqlite/id_cell.hpp"

namespace trellis::core {
namespace {

/// ?1 the space, ?2 and ?3 the chain, ?4 its last counter.
Result<void> run(Store& store, std::string_view sql, SpaceIndex space, const ChainEnd& end) {
    TRELLIS_TRY(auto statement, store.database.prepare(sql));
    statement.bind(1, std::int64_t{space}).bind_bytes(2, end.device.view());
    statement.bind_bytes(3, end.incarnation.view()).bind(4, static_cast<std::int64_t>(end.last));
    return statement.run();
}

}  // namespace

Result<void> Lacked::note(SpaceIndex space, const ChainEnd& end) {
    return run(store_,
               "INSERT INTO _lacked(space, device, incarnation, stored) VALUES(?1,?2,?3,?4) "
               "ON CONFLICT DO UPDATE SET stored=min(stored, excluded.stored)",
               space, end);
}

Result<void> Lacked::settle(const SpaceState& space, const ChainEnd& end) {
    // What is held back will be more of the chain. Of the two statements at most one writes.
    if (held(space, end) <= end.last) {
        TRELLIS_DO(run(store_,
                       "DELETE FROM _lacked WHERE space=?1 AND device=?2 AND incarnation=?3 AND "
                       "stored<=?4 AND NOT EXISTS(SELECT 1 FROM _held WHERE space=?1 AND "
                       "device=?2 AND incarnation=?3)",
                       space.index, end));
    }
    return run(store_,
               "UPDATE _lacked SET stored=?4 WHERE space=?1 AND device=?2 AND incarnation=?3 AND "
               "stored<?4",
               space.index, end);
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
