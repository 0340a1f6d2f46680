// SPDX-License-Identifier: Apache-2.0
#include "core/store/tables.hpp"

#include <algorithm>
#include <set>

namespace trellis::core {
namespace {

// Names that begin with an underscore: a record type's view may have any other.
constexpr std::string_view first_step = R"sql(
CREATE TABLE _meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;

-- One row a space. own: the incarnation we write under; stored: our counter that the relay has
-- confirmed; seen: our counter that another device has confirmed; told: the position we have
-- last told others that we hold.
CREATE TABLE _space(
  idx INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, own BLOB NOT NULL,
  cursor_incarnation BLOB NOT NULL, cursor_position INTEGER NOT NULL, cursor_head BLOB NOT NULL,
  stored INTEGER NOT NULL, seen INTEGER NOT NULL, told INTEGER NOT NULL);

CREATE TABLE _actor(
  idx INTEGER PRIMARY KEY, space INTEGER NOT NULL, id BLOB NOT NULL, device BLOB NOT NULL,
  incarnation BLOB NOT NULL, last INTEGER NOT NULL, chain BLOB NOT NULL, said BLOB NOT NULL);

-- Sealed envelopes, own and others', as received, with the chain hash after each. id: (actor,
-- first counter).
CREATE TABLE _sealed(id INTEGER PRIMARY KEY, chain BLOB NOT NULL, body BLOB NOT NULL);

-- Own changes not sealed yet. id: (actor, first counter).
CREATE TABLE _tail(id INTEGER PRIMARY KEY, change BLOB NOT NULL);

-- Where our own envelopes lie in the relay's log, until others have seen them.
CREATE TABLE _own_place(
  space INTEGER, last INTEGER, position INTEGER NOT NULL, PRIMARY KEY(space, last)) WITHOUT ROWID;

-- Envelopes that wait for others they depend on, or for the membership log.
CREATE TABLE _held(
  space INTEGER, device BLOB, incarnation BLOB, first INTEGER, body BLOB NOT NULL,
  reason TEXT NOT NULL, chain BLOB NOT NULL,
  PRIMARY KEY(space, device, incarnation, first)) WITHOUT ROWID;

-- Records that are not named by the dot of their creation.
CREATE TABLE _keyed(
  space INTEGER, rec BLOB, row INTEGER NOT NULL, PRIMARY KEY(space, rec)) WITHOUT ROWID;

-- Records of types that only a newer schema knows, whole in m.
CREATE TABLE _other(
  type INTEGER, id INTEGER, s INTEGER NOT NULL, k BLOB, p INTEGER, c INTEGER, m BLOB NOT NULL,
  PRIMARY KEY(type, id)) WITHOUT ROWID;
-- Entries of logs that only a newer schema knows.
CREATE TABLE _other_entry(
  type INTEGER, field INTEGER, parent INTEGER, id INTEGER, at INTEGER NOT NULL,
  quality INTEGER NOT NULL, x BLOB NOT NULL, PRIMARY KEY(type, field, parent, id)) WITHOUT ROWID;

-- Live statements that two records are the same. id: (actor, counter) of the link.
CREATE TABLE _link(
  space INTEGER, type INTEGER, id INTEGER, a BLOB NOT NULL, b BLOB NOT NULL,
  PRIMARY KEY(space, type, id)) WITHOUT ROWID;

-- The membership log; confirmed: the relay has it.
CREATE TABLE _entry(idx INTEGER PRIMARY KEY, body BLOB NOT NULL, confirmed INTEGER NOT NULL);
)sql";

constexpr std::string_view second_step = R"sql(
-- What rows leave out: sealed envelopes that do not count by the membership log. id: (actor,
-- first counter); counter 0 stands for the actor's unsealed changes.
CREATE TABLE _aside(id INTEGER PRIMARY KEY);

-- Own chains written under before, until the relay has confirmed all of them.
CREATE TABLE _former(actor INTEGER PRIMARY KEY, stored INTEGER NOT NULL);

-- Branches of forked chains that are not the ones that kept the name.
CREATE TABLE _branch(
  space INTEGER, device BLOB, incarnation BLOB, first INTEGER, chain BLOB, body BLOB NOT NULL,
  PRIMARY KEY(space, device, incarnation, first, chain)) WITHOUT ROWID;

-- Heads of the relay's log as we came by them, 8 bytes each, one row a page; first: position of
-- the first.
CREATE TABLE _head(
  space INTEGER, first INTEGER, heads BLOB NOT NULL, PRIMARY KEY(space, first)) WITHOUT ROWID;

-- Places of a log that others have seen and that we have not come to. kind: 0 the space's log,
-- 1 the membership log.
CREATE TABLE _witness(
  space INTEGER, kind INTEGER, position INTEGER, head BLOB, log BLOB NOT NULL,
  device BLOB NOT NULL, evidence BLOB NOT NULL,
  PRIMARY KEY(space, kind, position, head)) WITHOUT ROWID;

-- What an administrator must look at; name: says once what happened once.
CREATE TABLE _alarm(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, space BLOB NOT NULL,
  device BLOB NOT NULL, at INTEGER NOT NULL, evidence BLOB NOT NULL);
)sql";

constexpr std::string_view third_step = R"sql(
-- Records of shredded spaces that work of ours touched which no relay had: JSON as it was shown.
CREATE TABLE _orphan(
  id BLOB PRIMARY KEY, space BLOB NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
)sql";

constexpr std::string_view fourth_step = R"sql(
-- Chains of which the relay's log may lack what we hold; stored: counter up to which it has them.
CREATE TABLE _lacked(
  space INTEGER, device BLOB, incarnation BLOB, stored INTEGER NOT NULL,
  PRIMARY KEY(space, device, incarnation)) WITHOUT ROWID;
)sql";

Result<std::set<std::string>> columns_of(sqlite::Database& database, const std::string& table) {
    std::set<std::string> names;
    TRELLIS_TRY(auto select, database.prepare("SELECT name FROM pragma_table_info(?1)"));
    select.bind_text(1, table);
    for (;;) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) return names;
        names.emplace(select.text(0));
    }
}

/// Of a new table: SQLite reads its whole schema again for every column that is added later.
std::string declared(const std::vector<const Field*>& fields) {
    std::string sql;
    for (const auto* field : fields) sql += ", " + column(field->id);
    return sql;
}

Result<void> add_missing_columns(sqlite::Database& database, const std::string& table,
                                 const std::vector<const Field*>& fields, bool& widened) {
    TRELLIS_TRY(const auto present, columns_of(database, table));
    for (const auto* field : fields) {
        if (present.count(column(field->id)) != 0) continue;
        TRELLIS_DO(database.run("ALTER TABLE " + table + " ADD COLUMN " + column(field->id)));
        widened = true;
    }
    return {};
}

std::vector<const Field*> entry_fields(const Field& log) {
    std::vector<const Field*> fields;
    for (const auto& field : log.entry) fields.push_back(&field);
    return fields;
}

/// Column shown in a view: references as the text that names them elsewhere.
std::string shown(const Field& field, std::string_view table) {
    const std::string name = std::string(table) + "." + column(field.id);
    const bool is_ref = field.value == ValueType::ref && field.kind == FieldKind::scalar_register;
    return (is_ref ? "nullif(lower(hex(" + name + ")),'')" : name) + " AS " + quoted(field.name);
}

Result<void> make_view(sqlite::Database& database, const Schema& schema, const Type& type) {
    std::string sql = "DROP VIEW IF EXISTS " + quoted(type.name) + "; CREATE VIEW " +
                      quoted(type.name) +
                      " AS SELECT trellis_rec(id,k) AS rec, trellis_space(s) AS _space, "
                      "CASE p WHEN 2 THEN 'deleted_with_edits' ELSE 'live' END AS _state";
    for (const auto* field : column_fields(type)) sql += ", " + shown(*field, "t");
    sql += " FROM " + record_table(type.id) + " t WHERE p IS NOT 1";
    TRELLIS_DO(database.run(sql));
    for (const auto& field : type.fields) {
        // A log's view has a name of its own only where no type has that name.
        const std::string plain_name = type.name + "_" + field.name;
        if (field.kind != FieldKind::log || schema.type(plain_name) != nullptr) continue;
        const std::string name = quoted(plain_name);
        sql = "DROP VIEW IF EXISTS " + name + "; CREATE VIEW " + name +
              " AS SELECT trellis_rec(t.id,t.k) AS rec, trellis_dot(l.id) AS entry, l.at AS _at";
        for (const auto& part : field.entry) sql += ", " + shown(part, "l");
        sql += " FROM " + log_table(type.id, field.id) + " l JOIN " + record_table(type.id) +
               " t ON t.id=l.parent WHERE t.p IS NOT 1";
        TRELLIS_DO(database.run(sql));
    }
    return {};
}

Result<void> make_indexes(sqlite::Database& database, const Type& type) {
    const std::string table = record_table(type.id);
    // Both are empty but for what needs a person's eye.
    std::string sql = "CREATE INDEX IF NOT EXISTS " + table + "_review ON " + table +
                      "(id) WHERE p=2; CREATE INDEX IF NOT EXISTS " + table + "_conflict ON " +
                      table + "(id) WHERE c IS NOT NULL;";
    bool search = false;
    for (const auto& field : type.fields) {
        search = search || field.search;
        if (!field.index || field.kind == FieldKind::log) continue;
        sql += "CREATE INDEX IF NOT EXISTS " + table + "_" + column(field.id) + " ON " + table +
               "(" + column(field.id) + ");";
    }
    if (search) {
        sql += "CREATE VIRTUAL TABLE IF NOT EXISTS " + search_table(type.id) +
               " USING fts5(body, content='', contentless_delete=1, "
               "tokenize=\"unicode61 remove_diacritics 2\");";
    }
    return database.run(sql);
}

Result<void> apply_type(sqlite::Database& database, const Schema& schema, const Type& type,
                        SchemaChanges& changes) {
    const std::string table = record_table(type.id);
    TRELLIS_TRY(const auto present, columns_of(database, table));
    if (present.empty()) {
        changes.added_types.push_back(type.id);
        TRELLIS_DO(database.run("CREATE TABLE " + table +
                                "(id INTEGER PRIMARY KEY, s INTEGER NOT NULL, k BLOB, p INTEGER, "
                                "c INTEGER, m BLOB NOT NULL" +
                                declared(column_fields(type)) + ")"));
    }
    bool widened = false;
    TRELLIS_DO(add_missing_columns(database, table, column_fields(type), widened));
    for (const auto& field : type.fields) {
        if (field.kind != FieldKind::log) continue;
        const std::string log = log_table(type.id, field.id);
        TRELLIS_TRY(const auto log_present, columns_of(database, log));
        widened = widened || log_present.empty();
        // x: values of fields that only a newer schema knows.
        TRELLIS_DO(database.run("CREATE TABLE IF NOT EXISTS " + log +
                                "(parent INTEGER, id INTEGER, at INTEGER NOT NULL, quality INTEGER "
                                "NOT NULL, x BLOB" +
                                declared(entry_fields(field)) +
                                ", PRIMARY KEY(parent, id)) WITHOUT ROWID"));
        TRELLIS_DO(add_missing_columns(database, log, entry_fields(field), widened));
    }
    if (widened && !present.empty()) changes.widened_types.push_back(type.id);
    TRELLIS_DO(make_indexes(database, type));
    return make_view(database, schema, type);
}

}  // namespace

const std::vector<std::string_view>& database_steps() {
    static const std::vector<std::string_view> steps = {first_step, second_step, third_step,
                                                        fourth_step};
    return steps;
}

std::string record_table(TypeId type) { return "_t_" + std::to_string(type); }
std::string log_table(TypeId type, FieldId field) {
    return "_l_" + std::to_string(type) + "_" + std::to_string(field);
}
std::string search_table(TypeId type) { return "_s_" + std::to_string(type); }
std::string column(FieldId field) { return "f" + std::to_string(field); }

std::string quoted(std::string_view name) {
    std::string text = "\"";
    for (const char c : name) {
        if (c == '"') text += '"';
        text += c;
    }
    return text + '"';
}

Result<SchemaChanges> apply_schema(sqlite::Database& database, const Schema& schema) {
    SchemaChanges changes;
    for (const auto& type : schema.types()) {
        TRELLIS_DO(apply_type(database, schema, type, changes));
    }
    return changes;
}

std::vector<const Field*> column_fields(const Type& type) {
    std::vector<const Field*> fields;
    for (const auto& field : type.fields) {
        if (field.kind != FieldKind::log) fields.push_back(&field);
    }
    return fields;
}

}  // namespace trellis::core
