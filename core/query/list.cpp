// SPDX-License-Identifier: Apache-2.0
#include "core/query/query.hpp"
#include "core/query/record_view.hpp"
#include "core/store/columns.hpp"
#include "core/store/search.hpp"

namespace trellis::core {
namespace {

/// SQL with its parameters, gathered piece by piece.
struct Clause {
    std::string sql;
    std::vector<Value> values;

    void add(std::string_view text) { sql += text; }
    void add(Value value) {
        values.push_back(std::move(value));
        sql += '?' + std::to_string(values.size());
    }
};

std::string_view comparison(std::string_view name) {
    if (name == "lt") return "<";
    if (name == "le") return "<=";
    if (name == "gt") return ">";
    if (name == "ge") return ">=";
    return {};
}

/// A value as the column holds it. Sets are compared by membership, statuses by level.
Result<Value> operand(const Field& field, const Json& json, const Schema& schema) {
    if (field.kind == FieldKind::status || field.kind == FieldKind::counter) {
        if (json.integer() != nullptr) return Value(*json.integer());
        if (json.string() != nullptr) return Value(*json.string());
        if (json.is_null()) return Value();
        return Error{Code::invalid, field.name + " cannot be compared with that"};
    }
    return value_from_json(json, field, schema);
}

Result<void> add_condition(const Field& field, const Json& json, const Schema& schema,
                           Clause& clause) {
    const std::string name = column(field.id);
    if (field.kind == FieldKind::log) {
        return Error{Code::invalid, field.name + " is a log: query its view instead"};
    }
    if (field.kind == FieldKind::set) {
        TRELLIS_TRY(const auto value, operand(field, json, schema));
        clause.add("EXISTS(SELECT 1 FROM json_each(" + name + ") WHERE value=");
        const auto* record = value.get<RecordId>();
        clause.add(record == nullptr ? value : Value(record->hex()));
        clause.add(")");
        return {};
    }
    if (json.object() == nullptr) {
        TRELLIS_TRY(auto value, operand(field, json, schema));
        clause.add(name + " IS ");
        clause.add(std::move(value));
        return {};
    }
    bool first = true;
    for (const auto& [operation, right] : *json.object()) {
        if (!first) clause.add(" AND ");
        first = false;
        if (operation == "in" && right.array() != nullptr) {
            clause.add(name + " IN (");
            for (std::size_t i = 0; i < right.array()->size(); ++i) {
                if (i > 0) clause.add(",");
                TRELLIS_TRY(auto value, operand(field, (*right.array())[i], schema));
                clause.add(std::move(value));
            }
            clause.add(")");
            continue;
        }
        TRELLIS_TRY(auto value, operand(field, right, schema));
        if (operation == "ne") {
            clause.add(name + " IS NOT ");
        } else if (const auto sign = comparison(operation); !sign.empty()) {
            clause.add(name + std::string(sign));
        } else {
            return Error{Code::invalid, "where: lt, le, gt, ge, ne and in are known, not " + operation};
        }
        clause.add(std::move(value));
    }
    if (first) clause.add("1");
    return {};
}

Result<void> add_where(Replica& replica, const Type& type, const ListRequest& request,
                       Clause& clause) {
    clause.add(" WHERE p IS NOT 1");
    if (request.space) {
        const auto* space = replica.store().spaces.find(*request.space);
        if (space == nullptr) {
            return Error{Code::not_found, "this device does not belong to that space"};
        }
        clause.add(" AND s=" + std::to_string(space->index));
    }
    if (request.where.is_null()) return {};
    if (request.where.object() == nullptr) {
        return Error{Code::invalid, "where must be an object of fields and values"};
    }
    for (const auto& [name, json] : *request.where.object()) {
        clause.add(" AND ");
        const auto* field = type.field(name);
        if (field != nullptr) {
            TRELLIS_DO(add_condition(*field, json, replica.store().schema, clause));
            continue;
        }
        if (name != "search" || json.string() == nullptr) {
            return Error{Code::invalid, type.name + " has no field " + name};
        }
        clause.add("id IN (SELECT rowid FROM " + search_table(type.id) + " WHERE body MATCH ");
        clause.add(Value(search_query(*json.string())));
        clause.add(")");
    }
    return {};
}

Result<void> add_order(Replica& replica, const Type& type, const ListRequest& request,
                       Clause& clause) {
    std::string name = "id";
    bool descending = false;
    if (!request.order.empty()) {
        descending = request.order[0] == '-';
        const auto* field = type.field(std::string_view(request.order).substr(descending ? 1 : 0));
        if (field == nullptr || field->kind == FieldKind::log) {
            return Error{Code::invalid, type.name + " cannot be ordered by " + request.order};
        }
        name = column(field->id);
    }
    if (request.after) {
        TRELLIS_TRY(const auto place, replica.place_of(*request.after));
        const std::string row = std::to_string(place.row);
        const std::string table = record_table(type.id);
        const std::string sign = descending ? "<" : ">";
        clause.add(name == "id" ? " AND id" + sign + row
                                : " AND (ifnull(" + name + ",''),id)" + sign + "(SELECT ifnull(" +
                                      name + ",''),id FROM " + table + " WHERE id=" + row + ")");
    }
    const std::string direction = descending ? " DESC" : "";
    clause.add(" ORDER BY " +
               (name == "id" ? "id" + direction
                             : "ifnull(" + name + ",'')" + direction + ", id" + direction));
    if (request.limit > 0) clause.add(" LIMIT " + std::to_string(request.limit));
    return {};
}

void bind_all(sqlite::Statement& statement, const Clause& clause,
              std::vector<std::string>& scratch) {
    scratch.resize(clause.values.size());
    for (std::size_t i = 0; i < clause.values.size(); ++i) {
        bind_value(statement, static_cast<int>(i) + 1, clause.values[i], scratch[i]);
    }
}

}  // namespace

Result<std::int64_t> count_records(Replica& replica, const ListRequest& request) {
    Store& store = replica.store();
    const auto* type = store.schema.type(request.type);
    if (type == nullptr) return Error{Code::invalid, "there is no record type " + request.type};
    Clause clause;
    clause.add("SELECT count(*) FROM " + record_table(type->id));
    TRELLIS_DO(add_where(replica, *type, request, clause));
    TRELLIS_TRY(auto select, store.database.prepare(clause.sql));
    std::vector<std::string> scratch;
    bind_all(select, clause, scratch);
    TRELLIS_TRY(const bool found, select.step());
    return found ? select.integer(0) : 0;
}

Result<Json> list_records(Replica& replica, const ListRequest& request) {
    Store& store = replica.store();
    const auto* type = store.schema.type(request.type);
    if (type == nullptr) return Error{Code::invalid, "there is no record type " + request.type};
    Clause clause;
    clause.add("SELECT id, s, k FROM " + record_table(type->id));
    TRELLIS_DO(add_where(replica, *type, request, clause));
    TRELLIS_DO(add_order(replica, *type, request, clause));
    std::vector<Place> places;
    {
        TRELLIS_TRY(auto select, store.database.prepare(clause.sql));
        std::vector<std::string> scratch;
        bind_all(select, clause, scratch);
        for (;;) {
            TRELLIS_TRY(const bool more, select.step());
            if (!more) break;
            const RowId row = select.integer(0);
            places.push_back({type->id, static_cast<SpaceIndex>(select.integer(1)), row,
                              store.records.record_of(row, select.bytes(2))});
        }
    }
    Json rows{Json::Array{}};
    for (const auto& place : places) {
        TRELLIS_TRY(auto row, view_record(replica, place));
        rows.push(std::move(row));
    }
    return rows;
}

}  // namespace trellis::core
