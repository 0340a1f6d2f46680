// SPDX-License-Identifier: Apache-2.0
#include "core/store/spaces.hpp"

#include "core/sqlite/id_cell.hpp"

namespace trellis::core {

/// All or nothing: what is here stays where it cannot be read.
Result<void> Spaces::load() {
    std::vector<SpaceState> spaces(1);
    TRELLIS_TRY(auto select, database_.prepare(
        "SELECT idx, id, own, cursor_incarnation, cursor_position, cursor_head, stored, seen, told "
        "FROM _space ORDER BY idx"));
    for (;;) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) break;
        SpaceState state;
        state.index = static_cast<SpaceIndex>(select.integer(0));
        if (state.index != spaces.size()) {
            return Error{Code::corrupt, "the database's table of spaces has gaps: restore a backup"};
        }
        TRELLIS_TRY(state.id, sqlite::id_in<SpaceId>(select, 1));
        TRELLIS_TRY(state.own, sqlite::id_in<Incarnation>(select, 2));
        TRELLIS_TRY(state.cursor.incarnation, sqlite::id_in<LogIncarnation>(select, 3));
        state.cursor.position = static_cast<std::uint64_t>(select.integer(4));
        TRELLIS_TRY(state.cursor.head, sqlite::id_in<Digest>(select, 5));
        state.stored = static_cast<Counter>(select.integer(6));
        state.seen = static_cast<Counter>(select.integer(7));
        state.told = static_cast<std::uint64_t>(select.integer(8));
        spaces.push_back(state);
    }
    spaces_ = std::move(spaces);
    return {};
}

const SpaceState* Spaces::find(const SpaceId& id) const {
    for (std::size_t i = 1; i < spaces_.size(); ++i) {
        if (spaces_[i].id == id) return &spaces_[i];
    }
    return nullptr;
}

Result<SpaceIndex> Spaces::intern(const SpaceId& id, const Incarnation& own) {
    if (const auto* known = find(id)) return known->index;
    SpaceState state;
    state.index = static_cast<SpaceIndex>(spaces_.size());
    state.id = id;
    state.own = own;
    spaces_.push_back(state);
    TRELLIS_DO(save(state));
    return state.index;
}

Result<void> Spaces::save(const SpaceState& state) {
    TRELLIS_TRY(auto upsert, database_.prepare(
        "INSERT OR REPLACE INTO _space(idx, id, own, cursor_incarnation, cursor_position, "
        "cursor_head, stored, seen, told) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)"));
    upsert.bind(1, std::int64_t{state.index}).bind_bytes(2, state.id.view());
    upsert.bind_bytes(3, state.own.view()).bind_bytes(4, state.cursor.incarnation.view());
    upsert.bind(5, static_cast<std::int64_t>(state.cursor.position));
    upsert.bind_bytes(6, state.cursor.head.view());
    upsert.bind(7, static_cast<std::int64_t>(state.stored));
    upsert.bind(8, static_cast<std::int64_t>(state.seen));
    upsert.bind(9, static_cast<std::int64_t>(state.told));
    TRELLIS_DO(upsert.run());
    spaces_[state.index] = state;
    return {};
}

}  // namespace trellis::core
