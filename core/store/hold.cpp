// SPDX-License-Identifier: Apache-2.0
#include "core/store/hold.hpp"

#include "core/base/limits.hpp"
#include "core/sqlite/id_cell.hpp"

namespace trellis::core {

Result<void> Hold::keep(SpaceIndex space, const Held& held) {
    // What waits already and comes again takes no more room.
    TRELLIS_TRY(auto count, store_.database.prepare(
        "SELECT count(*), ifnull(sum(length(body)),0) FROM _held WHERE space=?1 AND "
        "(device, incarnation, first) <> (?2, ?3, ?4)"));
    count.bind(1, std::int64_t{space}).bind_bytes(2, held.device.view());
    count.bind_bytes(3, held.incarnation.view()).bind(4, static_cast<std::int64_t>(held.first));
    TRELLIS_TRY(const bool found, count.step());
    if (found && (count.integer(0) >= static_cast<std::int64_t>(limits::hold_envelopes_max) ||
                  count.integer(1) + static_cast<std::int64_t>(held.envelope.size()) >
                      static_cast<std::int64_t>(limits::hold_bytes_max))) {
        return Error{Code::too_large, "too many envelopes wait for others that have not come: sync "
                                      "with the relay to get what is missing"};
    }
    TRELLIS_TRY(auto insert, store_.database.prepare(
        "INSERT OR REPLACE INTO _held(space, device, incarnation, first, body, reason, chain) "
        "VALUES(?1,?2,?3,?4,?5,?6,?7)"));
    insert.bind(1, std::int64_t{space}).bind_bytes(2, held.device.view());
    insert.bind_bytes(3, held.incarnation.view()).bind(4, static_cast<std::int64_t>(held.first));
    insert.bind_bytes(5, held.envelope).bind_text(6, held.reason);
    insert.bind_bytes(7, held.chain.view());
    return insert.run();
}

Result<void> Hold::drop(SpaceIndex space, const Held& held) {
    TRELLIS_TRY(auto remove, store_.database.prepare(
        "DELETE FROM _held WHERE space=?1 AND device=?2 AND incarnation=?3 AND first=?4"));
    remove.bind(1, std::int64_t{space}).bind_bytes(2, held.device.view());
    remove.bind_bytes(3, held.incarnation.view()).bind(4, static_cast<std::int64_t>(held.first));
    return remove.run();
}

Result<std::vector<Hold::Held>> Hold::load(SpaceIndex space) {
    std::vector<Held> list;
    TRELLIS_TRY(auto select, store_.database.prepare(
        "SELECT device, incarnation, first, body, reason, chain FROM _held WHERE space=?1 "
        "ORDER BY device, incarnation, first"));
    select.bind(1, std::int64_t{space});
    for (;;) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) return list;
        TRELLIS_TRY(const auto device, sqlite::id_in<DeviceId>(select, 0));
        TRELLIS_TRY(const auto incarnation, sqlite::id_in<Incarnation>(select, 1));
        TRELLIS_TRY(const auto chain, sqlite::id_in<Digest>(select, 5));
        list.push_back({device, incarnation, static_cast<Counter>(select.integer(2)),
                        to_bytes(select.bytes(3)), std::string(select.text(4)), chain});
    }
}

}  // namespace trellis::core
