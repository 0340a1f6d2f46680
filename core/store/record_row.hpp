// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/merge/record_state.hpp"
#include "core/record/schema.hpp"
#include "core/store/actors.hpp"
#include "core/store/tables.hpp"

namespace trellis::core {

/// One record as its row holds it: the shown values in typed columns, and in `merge` what
/// merging needs besides. A record that nobody has edited since its creation needs about ten
/// bytes there, however many fields it has (docs/format.md, "Record row").
struct RecordRow {
    Presence presence = Presence::live;
    bool has_tombstones = false;
    std::size_t conflicts = 0;    ///< fields with more than one live value
    Bytes merge;
    std::vector<Value> columns;   ///< as column_fields(type); sets and statuses as display text
};

/// `type` null: the schema does not know it, and everything stays in `merge`.
RecordRow to_row(const RecordState& state, const Type* type, RowId row, SpaceIndex space,
                 const Actors& actors);

/// The inverse; `corrupt` where the row is damaged. `writes` lacks what was appended to logs.
Result<RecordState> from_row(ByteView merge, const std::vector<Value>& columns, const Type* type,
                             RowId row, const Actors& actors);

/// A set that a creation filled.
struct CreatedSet {
    FieldId field = 0;
    const std::vector<Value>* elements = nullptr;
};
/// `merge` of a record that its own row's dot created, with plain columns and these sets.
Bytes created_row(RowId row, const Stamp& created_at, const std::vector<CreatedSet>& sets);

/// A set as its column shows it: a JSON array.
std::string set_text(const std::vector<Value>& elements);

/// A column's content as the value that the field keeps.
Value from_column(Value native, const Field& field);

}  // namespace trellis::core
