// SPDX-License-Identifier: Apache-2.0
// What a narrower schema had to keep aside moves into the tables of a wider one.
#include "core/store/record_store.hpp"

namespace trellis::core {
Result<void> RecordStore::adopt(const SchemaChanges& changes) {
    for (const auto type : changes.added_types) TRELLIS_DO(adopt_type(type));
    for (const auto type : changes.widened_types) TRELLIS_DO(widen_type(type));
    for (const auto& type : schema_.types()) {
        for (const auto& field : type.fields) {
            if (field.kind == FieldKind::log) TRELLIS_DO(adopt_entries(type.id, field));
        }
    }
    return {};
}

/// Whole records of a type that was unknown.
Result<void> RecordStore::adopt_type(TypeId type) {
    std::vector<Place> places;
    {
        TRELLIS_TRY(auto select, database_.prepare("SELECT id, s, k FROM _other WHERE type=?1"));
        select.bind(1, std::int64_t{type});
        for (;;) {
            TRELLIS_TRY(const bool more, select.step());
            if (!more) break;
            const RowId row = select.integer(0);
            places.push_back({type, static_cast<SpaceIndex>(select.integer(1)), row,
                              record_of(row, select.bytes(2))});
        }
    }
    for (const auto& place : places) {
        TRELLIS_TRY(const auto state, load_other(place));
        if (state) TRELLIS_DO(save(place, *state, false));
    }
    return database_.run("DELETE FROM _other WHERE type=" + std::to_string(type));
}

/// Records of a known type that may hold values of a field which had no column. Only rows with
/// merge state beyond their creation can.
Result<void> RecordStore::widen_type(TypeId type) {
    std::vector<Place> places;
    {
        TRELLIS_TRY(auto select, database_.prepare("SELECT id, s, k FROM " + record_table(type) +
                                                   " WHERE length(m) > 12"));
        for (;;) {
            TRELLIS_TRY(const bool more, select.step());
            if (!more) break;
            const RowId row = select.integer(0);
            places.push_back({type, static_cast<SpaceIndex>(select.integer(1)), row,
                              record_of(row, select.bytes(2))});
        }
    }
    for (const auto& place : places) {
        TRELLIS_TRY(const auto state, load(place));
        if (state) TRELLIS_DO(save(place, *state, true));
    }
    return {};
}

/// Entries of a log that was unknown.
Result<void> RecordStore::adopt_entries(TypeId type, const Field& field) {
    const std::string which = " FROM _other_entry WHERE type=" + std::to_string(type) +
                              " AND field=" + std::to_string(field.id);
    std::vector<RowId> parents;
    TRELLIS_TRY(auto select_parents, database_.prepare("SELECT DISTINCT parent" + which));
    for (;;) {
        TRELLIS_TRY(const bool more, select_parents.step());
        if (!more) break;
        parents.push_back(select_parents.integer(0));
    }
    TRELLIS_TRY(auto select,
                database_.prepare("SELECT id, at, quality, x" + which + " AND parent=?1"));
    for (const auto parent : parents) {
        select.bind(1, parent);
        TRELLIS_TRY(const auto kept, read_entries(select, nullptr));
        for (const auto& entry : kept) {
            const auto space = actors_.at(row_actor(entry.row)).space;
            TRELLIS_DO(append({type, space, parent, {}}, field.id, entry));
        }
    }
    return parents.empty() ? Result<void>{} : database_.run("DELETE" + which);
}

}  // namespace trellis::core
