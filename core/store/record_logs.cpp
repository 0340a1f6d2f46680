// SPDX-License-Identifier: Apache-2.0
// The entries of log fields: immutable rows beside their record, joined by nothing but union.
#include <algorithm>

#include "core/store/columns.hpp"
#include "core/store/record_store.hpp"
#include "core/store/stored_value.hpp"

namespace trellis::core {
namespace {

using EntryValues = std::vector<std::pair<FieldId, Value>>;

Bytes encode_values(const EntryValues& values) {
    ByteWriter out;
    out.varint(values.size());
    for (const auto& [field, value] : values) {
        out.varint(field);
        write_value(value, out);
    }
    return out.take();
}

Result<EntryValues> decode_values(ByteView bytes) {
    EntryValues values;
    if (bytes.empty()) return values;
    ByteReader in(bytes);
    for (auto left = in.count(in.left(), 2); left > 0 && !in.failed(); --left) {
        const auto field = static_cast<FieldId>(in.varint_to(0xFFFFFFFFU));
        values.emplace_back(field, read_value(in));
    }
    TRELLIS_DO(in.finish("a log entry's row"));
    return values;
}

}  // namespace

Result<RecordStore::LogTable*> RecordStore::log(TypeId type, FieldId field) {
    auto& made = logs_[{type, field}];
    if (made.insert.is_ready()) return &made;
    const Type* declared = schema_.type(type);
    made.field = declared == nullptr ? nullptr : declared->field(field);
    if (made.field == nullptr || made.field->kind != FieldKind::log) {
        made.field = nullptr;
        TRELLIS_TRY(made.insert, database_.prepare(
            "INSERT OR REPLACE INTO _other_entry(parent, id, at, quality, x, type, field) "
            "VALUES(?1,?2,?3,?4,?5,?6,?7)"));
        TRELLIS_TRY(made.select, database_.prepare(
            "SELECT id, at, quality, x FROM _other_entry WHERE parent=?1 AND type=?2 AND field=?3"));
        return &made;
    }
    std::string names = "parent, id, at, quality, x";
    std::string values = "?1,?2,?3,?4,?5";
    std::string columns;
    int at = 5;
    for (const auto& part : made.field->entry) {
        columns += ", " + column(part.id);
        values += ",?" + std::to_string(++at);
    }
    const std::string table = log_table(type, field);
    TRELLIS_TRY(made.insert, database_.prepare("INSERT OR REPLACE INTO " + table + "(" + names +
                                               columns + ") VALUES(" + values + ")"));
    TRELLIS_TRY(made.select, database_.prepare("SELECT id, at, quality, x" + columns + " FROM " +
                                               table + " WHERE parent=?1"));
    return &made;
}

Result<void> RecordStore::append(const Place& place, FieldId field, const LogEntry& entry) {
    TRELLIS_TRY(auto* log, this->log(place.type, field));
    TRELLIS_TRY(const auto actor, locate(place.space, RecordId::dotted(entry.dot)));
    auto& insert = log->insert;
    insert.bind(1, place.row).bind(2, actor).bind(3, entry.stamp.time);
    insert.bind(4, std::int64_t{static_cast<std::uint8_t>(entry.stamp.quality)});
    EntryValues rest;
    std::vector<std::string> scratch;
    if (log->field == nullptr) {
        rest = entry.values;
        insert.bind(6, std::int64_t{place.type}).bind(7, std::int64_t{field});
    } else {
        const auto& parts = log->field->entry;
        scratch.resize(parts.size());
        for (std::size_t i = 0; i < parts.size(); ++i) insert.bind_null(static_cast<int>(i) + 6);
        for (const auto& [id, value] : entry.values) {
            std::size_t at = 0;
            while (at < parts.size() && parts[at].id != id) ++at;
            if (at == parts.size()) {
                rest.emplace_back(id, value);
            } else {
                bind_value(insert, static_cast<int>(at) + 6, value, scratch[at]);
            }
        }
    }
    const Bytes kept = rest.empty() ? Bytes() : encode_values(rest);
    insert.bind_bytes(5, kept);
    return insert.run();
}

Result<std::vector<LogEntry>> RecordStore::entries(const Place& place, FieldId field) {
    TRELLIS_TRY(auto* log, this->log(place.type, field));
    log->select.bind(1, place.row);
    if (log->field == nullptr) {
        log->select.bind(2, std::int64_t{place.type}).bind(3, std::int64_t{field});
    }
    return read_entries(log->select, log->field);
}

Result<std::vector<LogEntry>> RecordStore::read_entries(sqlite::Statement& select,
                                                        const Field* field) {
    std::vector<LogEntry> entries;
    for (;;) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) break;
        LogEntry entry;
        entry.row = select.integer(0);
        entry.dot = {actors_.at(row_actor(entry.row)).id, row_counter(entry.row)};
        entry.stamp = {select.integer(1), static_cast<ClockQuality>(select.integer(2) & 3)};
        TRELLIS_TRY(entry.values, decode_values(select.bytes(3)));
        for (std::size_t i = 0; field != nullptr && i < field->entry.size(); ++i) {
            Value value = conform(column_native(select, static_cast<int>(i) + 4),
                                  field->entry[i]);
            if (!value.is_null()) entry.values.emplace_back(field->entry[i].id, std::move(value));
        }
        entries.push_back(std::move(entry));
    }
    // Order for people: by time, then by name (interface: merge semantics, log).
    std::sort(entries.begin(), entries.end(), [](const LogEntry& a, const LogEntry& b) {
        if (a.stamp.time != b.stamp.time) return a.stamp.time < b.stamp.time;
        if (a.dot.counter != b.dot.counter) return a.dot.counter < b.dot.counter;
        return a.dot.actor < b.dot.actor;
    });
    return entries;
}

Result<void> RecordStore::join_log_writes(const Place& place, VersionVector& writes) {
    const Type* type = schema_.type(place.type);
    std::vector<std::string> selects = {
        "SELECT id FROM _other_entry WHERE type=" + std::to_string(place.type) + " AND parent=?1"};
    for (const auto& field : type == nullptr ? std::vector<Field>() : type->fields) {
        if (field.kind != FieldKind::log) continue;
        selects.push_back("SELECT id FROM " + log_table(place.type, field.id) +
                          " WHERE parent=?1");
    }
    for (const auto& sql : selects) {
        TRELLIS_TRY(auto select, database_.prepare(sql));
        select.bind(1, place.row);
        for (;;) {
            TRELLIS_TRY(const bool more, select.step());
            if (!more) break;
            const RowId id = select.integer(0);
            writes.raise(actors_.at(row_actor(id)).id, row_counter(id));
        }
    }
    return {};
}

Result<void> RecordStore::clear(SpaceIndex space) {
    const std::string mine = " WHERE s=" + std::to_string(space);
    std::string sql;
    for (const auto& type : schema_.types()) {
        const std::string rows = record_table(type.id) + mine;
        bool search = false;
        for (const auto& field : type.fields) {
            search = search || field.search;
            if (field.kind != FieldKind::log) continue;
            sql += "DELETE FROM " + log_table(type.id, field.id) +
                   " WHERE parent IN (SELECT id FROM " + rows + ");";
        }
        if (search) {
            sql += "DELETE FROM " + search_table(type.id) +
                   " WHERE rowid IN (SELECT id FROM " + rows + ");";
        }
        sql += "DELETE FROM " + rows + ";";
    }
    sql += "DELETE FROM _other_entry WHERE parent IN (SELECT id FROM _other" + mine + ");";
    sql += "DELETE FROM _other" + mine + ";";
    sql += "DELETE FROM _link WHERE space=" + std::to_string(space) + ";";
    return database_.run(sql);
}

Result<void> RecordStore::shred(SpaceIndex space) {
    TRELLIS_DO(clear(space));
    std::string sql = "DELETE FROM _keyed WHERE space=" + std::to_string(space) + ";";
    for (const auto& type : schema_.types()) {
        const bool is_searched = std::any_of(type.fields.begin(), type.fields.end(),
                                             [](const Field& field) { return field.search; });
        if (!is_searched) continue;
        // A deleted row's words stay in the index until its segments are merged.
        const auto table = search_table(type.id);
        sql += "INSERT INTO " + table + "(" + table + ") VALUES('optimize');";
    }
    return database_.run(sql);
}

Result<bool> RecordStore::has_tombstones(const Place& place) {
    const bool known = schema_.type(place.type) != nullptr;
    TRELLIS_TRY(auto select, database_.prepare(
        known ? "SELECT p FROM " + record_table(place.type) + " WHERE id=?1"
              : "SELECT p FROM _other WHERE id=?1 AND type=" + std::to_string(place.type)));
    select.bind(1, place.row);
    TRELLIS_TRY(const bool found, select.step());
    return found && !select.is_null(0);
}

}  // namespace trellis::core
