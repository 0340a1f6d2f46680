// SPDX-License-Identifier: Apache-2.0
#include "core/store/branches.hpp"

#include "core/base/limits.hpp"
#include "core/sqlite/id_cell.hpp"

namespace trellis::core {

Result<bool> Branches::is_full(SpaceIndex space) {
    TRELLIS_TRY(const auto count, store_.database.integer(
        "SELECT count(*) FROM _branch WHERE space=" + std::to_string(space)));
    return count >= static_cast<std::int64_t>(limits::branch_envelopes_max);
}

Result<void> Branches::keep(SpaceIndex space, const Kept& kept) {
    empty_.erase(space);
    TRELLIS_TRY(auto insert, store_.database.prepare(
        "INSERT OR REPLACE INTO _branch(space, device, incarnation, first, chain, body) "
        "VALUES(?1,?2,?3,?4,?5,?6)"));
    insert.bind(1, std::int64_t{space}).bind_bytes(2, kept.device.view());
    insert.bind_bytes(3, kept.incarnation.view()).bind(4, static_cast<std::int64_t>(kept.first));
    insert.bind_bytes(5, kept.chain.view()).bind_bytes(6, kept.envelope);
    return insert.run();
}

Result<std::vector<Branches::Kept>> Branches::load(SpaceIndex space) {
    std::vector<Kept> list;
    TRELLIS_TRY(auto select, store_.database.prepare(
        "SELECT device, incarnation, first, chain, body FROM _branch WHERE space=?1 "
        "ORDER BY device, incarnation, first, chain"));
    select.bind(1, std::int64_t{space});
    for (;;) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) return list;
        TRELLIS_TRY(const auto device, sqlite::id_in<DeviceId>(select, 0));
        TRELLIS_TRY(const auto incarnation, sqlite::id_in<Incarnation>(select, 1));
        TRELLIS_TRY(const auto chain, sqlite::id_in<Digest>(select, 3));
        list.push_back({device, incarnation, static_cast<Counter>(select.integer(2)), chain,
                        to_bytes(select.bytes(4))});
    }
}

Result<std::vector<Digest>> Branches::ends_before(const Actor& actor, Counter first) {
    std::vector<Digest> ends;
    if (empty_.count(actor.space) > 0) return ends;
    TRELLIS_TRY(const auto any, store_.database.integer(
        "SELECT EXISTS(SELECT 1 FROM _branch WHERE space=" + std::to_string(actor.space) + ")"));
    if (any == 0) {
        empty_.insert(actor.space);
        return ends;
    }
    TRELLIS_TRY(auto select, store_.database.prepare(
        "SELECT first, chain, body FROM _branch WHERE space=?1 AND device=?2 AND incarnation=?3 "
        "AND first<?4"));
    select.bind(1, std::int64_t{actor.space}).bind_bytes(2, actor.device.view());
    select.bind_bytes(3, actor.incarnation.view()).bind(4, static_cast<std::int64_t>(first));
    for (;;) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) return ends;
        TRELLIS_TRY(const auto header, crypto::parse_envelope(select.bytes(2)));
        const auto end = static_cast<Counter>(select.integer(0)) + header.ops;
        TRELLIS_TRY(const auto chain, sqlite::id_in<Digest>(select, 1));
        if (end == first) ends.push_back(chain);
    }
}

}  // namespace trellis::core
