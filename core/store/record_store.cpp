// SPDX-License-Identifier: Apache-2.0
#include "core/store/record_store.hpp"

#include <array>

#include "core/store/columns.hpp"
#include "core/store/stored_value.hpp"

namespace trellis::core {
namespace {

// Columns of every record table before the fields' own: id, s, k, p, c, m.
constexpr int fixed_columns = 6;

std::string insert_sql(const std::string& table, const std::vector<const Field*>& fields) {
    std::string names = "INSERT INTO " + table + "(id,s,k,p,c,m";
    std::string values = ") VALUES(?1,?2,?3,?4,?5,?6";
    int at = fixed_columns;
    for (const auto* field : fields) {
        names += "," + column(field->id);
        values += ",?" + std::to_string(++at);
    }
    return names + values + ")";
}

std::string update_sql(const std::string& table, const std::vector<const Field*>& fields) {
    std::string sql = "UPDATE " + table + " SET p=?4,c=?5,m=?6";
    int at = fixed_columns;
    for (const auto* field : fields) sql += "," + column(field->id) + "=?" + std::to_string(++at);
    return sql + " WHERE id=?1";
}

std::string select_sql(const std::string& table, const std::vector<const Field*>& fields) {
    std::string sql = "SELECT m";
    for (const auto* field : fields) sql += "," + column(field->id);
    return sql + " FROM " + table + " WHERE id=?1";
}

void bind_presence(sqlite::Statement& statement, const RecordRow& row) {
    // NULL: no delete stands. 0 says that one does, and that edits or a restore outlive it.
    if (row.has_tombstones) {
        statement.bind(4, std::int64_t{static_cast<std::uint8_t>(row.presence)});
    } else {
        statement.bind_null(4);
    }
    if (row.conflicts > 0) {
        statement.bind(5, static_cast<std::int64_t>(row.conflicts));
    } else {
        statement.bind_null(5);
    }
}

void bind_key(sqlite::Statement& statement, int at, const Place& place) {
    if (row_actor(place.row) == 0) {
        statement.bind_bytes(at, place.record.view());
    } else {
        statement.bind_null(at);
    }
}

}  // namespace

Result<std::optional<RowId>> RecordStore::find_row(SpaceIndex space, const RecordId& record) {
    if (!record.is_possible()) return std::optional<RowId>();  // its row would be another's
    if (!record.is_keyed()) {
        const auto* actor = actors_.find(space, record.actor_prefix());
        if (actor == nullptr) return std::optional<RowId>();
        return std::optional(row_id(actor->index, record.counter()));
    }
    if (!find_keyed_.is_ready()) {
        TRELLIS_TRY(find_keyed_,
                    database_.prepare("SELECT row FROM _keyed WHERE space=?1 AND rec=?2"));
    }
    find_keyed_.bind(1, std::int64_t{space}).bind_bytes(2, record.view());
    TRELLIS_TRY(const bool found, find_keyed_.step());
    if (!found) return std::optional<RowId>();
    const RowId row = find_keyed_.integer(0);
    find_keyed_.reset();
    return std::optional(row);
}

Result<RowId> RecordStore::locate(SpaceIndex space, const RecordId& record) {
    TRELLIS_TRY(const auto known, find_row(space, record));
    if (known) return *known;
    if (!record.is_possible()) {
        return Error{Code::invalid, "no record can have the name " + record.hex()};
    }
    if (!record.is_keyed()) {
        TRELLIS_TRY(const auto actor, actors_.intern(space, record.actor_prefix()));
        return row_id(actor, record.counter());
    }
    TRELLIS_TRY(const auto last, database_.integer("SELECT ifnull(max(row),0) FROM _keyed"));
    TRELLIS_TRY(auto insert,
                database_.prepare("INSERT INTO _keyed(space, rec, row) VALUES(?1,?2,?3)"));
    insert.bind(1, std::int64_t{space}).bind_bytes(2, record.view()).bind(3, last + 1);
    TRELLIS_DO(insert.run());
    return last + 1;
}

Result<bool> RecordStore::has(const Place& place) {
    TRELLIS_TRY(auto* tables, this->tables(place.type));
    if (tables == nullptr) return false;
    tables->probe.bind(1, place.row);
    TRELLIS_TRY(const bool found, tables->probe.step());
    tables->probe.reset();
    return found;
}

Result<std::optional<Place>> RecordStore::find(const RecordId& record,
                                               const std::vector<SpaceIndex>& spaces) {
    for (const auto space : spaces) {
        TRELLIS_TRY(const auto row, find_row(space, record));
        if (!row) continue;
        for (const auto& type : schema_.types()) {
            const Place place{type.id, space, *row, record};
            TRELLIS_TRY(const bool here, has(place));
            if (here) return std::optional(place);
        }
    }
    return std::optional<Place>();
}

RecordId RecordStore::record_of(RowId row, ByteView keyed) const {
    if (row_actor(row) == 0) {
        // A damaged row's name is nobody's.
        return keyed.size() == RecordId::size ? RecordId::from(keyed) : RecordId();
    }
    return RecordId::dotted({actors_.at(row_actor(row)).id, row_counter(row)});
}

Result<RecordStore::Tables*> RecordStore::tables(TypeId type) {
    const auto known = tables_.find(type);
    if (known != tables_.end()) return &known->second;
    const Type* declared = schema_.type(type);
    if (declared == nullptr) return static_cast<Tables*>(nullptr);
    Tables made;
    made.type = declared;
    made.columns = column_fields(*declared);
    const std::string table = record_table(type);
    TRELLIS_TRY(made.select, database_.prepare(select_sql(table, made.columns)));
    TRELLIS_TRY(made.insert, database_.prepare(insert_sql(table, made.columns)));
    TRELLIS_TRY(made.probe, database_.prepare("SELECT 1 FROM " + table + " WHERE id=?1"));
    TRELLIS_TRY(made.update, database_.prepare(update_sql(table, made.columns)));
    for (const auto* field : made.columns) {
        made.searched.push_back(field->search);
        made.has_search = made.has_search || field->search;
    }
    return &tables_.emplace(type, std::move(made)).first->second;
}

Result<std::optional<RecordState>> RecordStore::load(const Place& place) {
    TRELLIS_TRY(auto* tables, this->tables(place.type));
    if (tables == nullptr) return load_other(place);
    auto& select = tables->select;
    select.bind(1, place.row);
    TRELLIS_TRY(const bool found, select.step());
    if (!found) return std::optional<RecordState>();
    std::vector<Value> columns;
    columns.reserve(tables->columns.size());
    for (std::size_t i = 0; i < tables->columns.size(); ++i) {
        columns.push_back(from_column(column_native(select, static_cast<int>(i) + 1),
                                      *tables->columns[i]));
    }
    auto state = from_row(select.bytes(0), columns, tables->type, place.row, actors_);
    select.reset();
    if (!state) return std::move(state).error();
    return std::optional(std::move(*state));
}

Result<void> RecordStore::save(const Place& place, const RecordState& state, bool exists) {
    TRELLIS_TRY(auto* tables, this->tables(place.type));
    if (tables == nullptr) return save_other(place, state);
    const RecordRow row = to_row(state, tables->type, place.row, place.space, actors_);
    auto& statement = exists ? tables->update : tables->insert;
    statement.bind(1, place.row).bind_bytes(6, row.merge);
    if (!exists) {
        statement.bind(2, std::int64_t{place.space});
        bind_key(statement, 3, place);
    }
    bind_presence(statement, row);
    std::vector<std::string> scratch(row.columns.size());
    for (std::size_t i = 0; i < row.columns.size(); ++i) {
        bind_value(statement, fixed_columns + 1 + static_cast<int>(i), row.columns[i], scratch[i]);
    }
    TRELLIS_DO(statement.run());
    return index_text(*tables, place.row, row.columns, exists);
}

/// What a creation puts into one column, where the column and the creation say all there is to
/// say about the field; elements of sets are listed in `sets` besides.
bool RecordStore::created_column(const Field& field, const FieldEdit& edit,
                                 std::vector<CreatedSet>& sets, CreatedColumn& column) {
    if (const auto* assign = std::get_if<Assign>(&edit.action)) {
        column.value = &assign->value;
        return assign->seen.empty() && !assign->value.is_null() &&
               (field.kind == FieldKind::scalar_register || field.kind == FieldKind::text);
    }
    const auto* set = std::get_if<EditSet>(&edit.action);
    if (set == nullptr || field.kind != FieldKind::set || !set->remove.empty()) return false;
    column.made = Value(set_text(set->add));
    column.value = &column.made;
    sets.push_back({field.id, &set->add});
    return true;
}

Result<bool> RecordStore::insert_created(const Place& place, const Stamp& stamp,
                                         const Write& write) {
    TRELLIS_TRY(auto* tables, this->tables(place.type));
    if (tables == nullptr) return false;
    created_columns_.resize(std::max(created_columns_.size(), tables->columns.size()));
    for (auto& column : created_columns_) column.value = nullptr;
    std::vector<CreatedSet> sets;
    std::size_t at = 0;
    for (const auto& edit : write.fields) {
        while (at < tables->columns.size() && tables->columns[at]->id < edit.field) ++at;
        if (at == tables->columns.size() || tables->columns[at]->id != edit.field) return false;
        if (!created_column(*tables->columns[at], edit, sets, created_columns_[at])) return false;
    }
    const Bytes merge = created_row(place.row, stamp, sets);
    auto& insert = tables->insert;
    insert.bind(1, place.row).bind(2, std::int64_t{place.space});
    insert.bind_null(3).bind_null(4).bind_null(5).bind_bytes(6, merge);
    for (std::size_t i = 0; i < tables->columns.size(); ++i) {
        auto& made = created_columns_[i];
        const int parameter = fixed_columns + 1 + static_cast<int>(i);
        if (made.value == nullptr) {
            insert.bind_null(parameter);
        } else {
            bind_value(insert, parameter, *made.value, made.scratch);
        }
    }
    if (auto inserted = insert.run(); !inserted) {
        TRELLIS_TRY(const bool is_here, has(place));
        return is_here ? Result<bool>(false) : Result<bool>(inserted.error());
    }
    if (tables->has_search) {
        std::vector<Value> texts(tables->columns.size());
        for (std::size_t i = 0; i < texts.size(); ++i) {
            const auto* value = created_columns_[i].value;
            if (tables->searched[i] && value != nullptr) texts[i] = *value;
        }
        TRELLIS_DO(index_text(*tables, place.row, texts, false));
    }
    return true;
}

Result<void> RecordStore::index_text(const Tables& tables, RowId row,
                                     const std::vector<Value>& columns, bool exists) {
    if (!tables.has_search) return {};
    std::string text;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto* part = tables.searched[i] ? columns[i].get<std::string>() : nullptr;
        if (part == nullptr || part->empty()) continue;
        if (!text.empty()) text += '\n';
        text += *part;
    }
    return search_.put(tables.type->id, row, text, exists);
}

Result<std::optional<RecordState>> RecordStore::load_other(const Place& place) {
    TRELLIS_TRY(auto select, database_.prepare("SELECT m FROM _other WHERE type=?1 AND id=?2"));
    select.bind(1, std::int64_t{place.type}).bind(2, place.row);
    TRELLIS_TRY(const bool found, select.step());
    if (!found) return std::optional<RecordState>();
    TRELLIS_TRY(auto state, from_row(select.bytes(0), {}, nullptr, place.row, actors_));
    return std::optional(std::move(state));
}

Result<void> RecordStore::save_other(const Place& place, const RecordState& state) {
    const RecordRow row = to_row(state, nullptr, place.row, place.space, actors_);
    TRELLIS_TRY(auto upsert, database_.prepare(
        "INSERT OR REPLACE INTO _other(type, id, s, p, c, m, k) VALUES(?7,?1,?2,?4,?5,?6,?3)"));
    upsert.bind(7, std::int64_t{place.type}).bind(1, place.row);
    upsert.bind(2, std::int64_t{place.space}).bind_bytes(6, row.merge);
    bind_key(upsert, 3, place);
    bind_presence(upsert, row);
    return upsert.run();
}

}  // namespace trellis::core
