// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>

#include <algorithm>

#include "core/query/query.hpp"
#include "core/store/columns.hpp"

namespace trellis::core {
namespace {

/// What a query may touch: views, and what lies under them, and functions that only compute.
class Guard {
public:
    Guard(sqlite3* handle, const Schema& schema) : handle_(handle), schema_(schema) {
        sqlite3_set_authorizer(handle_, &Guard::judge, this);
    }
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    ~Guard() { sqlite3_set_authorizer(handle_, nullptr, nullptr); }

    [[nodiscard]] bool has_refused() const { return refused_; }
    [[nodiscard]] const std::set<TypeId>& types() const { return types_; }

private:
    static int judge(void* self, int action, const char* first, const char* second,
                     const char* /*database*/, const char* view) noexcept {
        auto& guard = *static_cast<Guard*>(self);
        const int verdict = guard.judge(action, first == nullptr ? "" : first,
                                        second == nullptr ? "" : second,
                                        view != nullptr && guard.is_view(view));
        if (verdict != SQLITE_OK) guard.refused_ = true;
        return verdict;
    }

    int judge(int action, std::string_view first, std::string_view second, bool in_view) {
        switch (action) {
            case SQLITE_SELECT:
            case SQLITE_RECURSIVE: return SQLITE_OK;
            case SQLITE_FUNCTION: return second == "load_extension" ? SQLITE_DENY : SQLITE_OK;
            case SQLITE_READ: break;
            default: return SQLITE_DENY;
        }
        // The view itself, or json_each and its like.
        if (is_view(first) || first == "json_each" || first == "json_tree") return SQLITE_OK;
        if (!in_view) return SQLITE_DENY;
        note(first);
        return SQLITE_OK;
    }

    [[nodiscard]] bool is_view(std::string_view name) const {
        for (const auto& type : schema_.types()) {
            if (type.name == name) return true;
            for (const auto& field : type.fields) {
                if (field.kind == FieldKind::log && type.name + "_" + field.name == name) return true;
            }
        }
        return false;
    }

    void note(std::string_view table) {
        for (const auto& type : schema_.types()) {
            if (table == record_table(type.id) ||
                table.starts_with("_l_" + std::to_string(type.id) + "_")) {
                types_.insert(type.id);
            }
        }
    }

    sqlite3* handle_;
    const Schema& schema_;
    std::set<TypeId> types_;
    bool refused_ = false;
};

std::string lower(std::string_view text) {
    std::string small(text);
    for (auto& c : small) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return small;
}

/// What the authorizer cannot tell: that a statement only reads, before SQLite finds another
/// fault with it; and that a table under a view was named by the query itself, in a common
/// table expression of the view's name.
bool looks_innocent(const std::string& sql, const Schema& schema) {
    const std::string text = lower(sql);
    const auto start = std::min(text.find_first_not_of(" \t\r\n("), text.size());
    const std::string word = text.substr(start, text.find_first_of(" \t\r\n(;", start) - start);
    for (const auto* other : {"insert", "replace", "update", "delete", "create", "drop", "alter",
                              "pragma", "attach", "detach", "vacuum", "begin", "commit", "end",
                              "rollback", "savepoint", "release", "analyze", "reindex"}) {
        if (word == other) return false;
    }
    for (const auto& type : schema.types()) {
        if (text.find(record_table(type.id)) != std::string::npos) return false;
        if (text.find("_l_" + std::to_string(type.id) + "_") != std::string::npos) return false;
    }
    return true;
}

Result<sqlite::Statement> prepare(Replica& replica, const std::string& sql,
                                  std::set<TypeId>* types) {
    Store& store = replica.store();
    const Error denied{Code::denied, "a query may only read the views of the record types"};
    if (!looks_innocent(sql, store.schema)) return denied;
    Guard guard(store.database.handle(), store.schema);
    sqlite3_stmt* handle = nullptr;
    const char* rest = nullptr;
    const int code = sqlite3_prepare_v2(store.database.handle(), sql.data(),
                                        static_cast<int>(sql.size()), &handle, &rest);
    sqlite::Statement statement(handle);
    if (guard.has_refused()) {
        return denied;
    }
    if (code != SQLITE_OK) {
        return Error{Code::invalid, std::string("the query does not make sense: ") +
                                        sqlite3_errmsg(store.database.handle())};
    }
    if (handle == nullptr) return Error{Code::invalid, "the query is empty"};
    const auto tail = sql.substr(static_cast<std::size_t>(rest - sql.data()));
    if (tail.find_first_not_of(" \t\r\n;") != std::string::npos) {
        return Error{Code::invalid, "one statement at a time"};
    }
    if (sqlite3_stmt_readonly(handle) == 0) return denied;
    if (types != nullptr) *types = guard.types();
    return statement;
}

Result<void> bind_params(sqlite::Statement& statement, const Json& params,
                         std::vector<Value>& values) {
    if (params.is_null()) return {};
    if (params.array() == nullptr) return Error{Code::invalid, "params must be an array"};
    const int wanted = sqlite3_bind_parameter_count(statement.handle());
    if (static_cast<std::size_t>(wanted) != params.array()->size()) {
        return Error{Code::invalid, "the query takes " + std::to_string(wanted) + " params"};
    }
    values.resize(params.array()->size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const Json& json = (*params.array())[i];
        if (const auto* text = json.string()) values[i] = Value(*text);
        if (const auto* whole = json.integer()) values[i] = Value(*whole);
        if (const auto* real = json.number()) values[i] = Value(*real);
        if (const auto* flag = json.boolean()) values[i] = Value(*flag);
        if (json.array() != nullptr || json.object() != nullptr) {
            return Error{Code::invalid, "params are numbers, texts, booleans or null"};
        }
        std::string unused;
        bind_value(statement, static_cast<int>(i) + 1, values[i], unused);
    }
    return {};
}

}  // namespace

Result<Json> run_query(Replica& replica, const std::string& sql, const Json& params) {
    TRELLIS_TRY(auto statement, prepare(replica, sql, nullptr));
    std::vector<Value> values;
    TRELLIS_DO(bind_params(statement, params, values));
    Json rows{Json::Array{}};
    for (;;) {
        auto more = statement.step();
        if (!more) return Error{Code::invalid, "the query failed: " + more.error().message};
        if (!*more) return rows;
        Json row{Json::Object{}};
        for (int i = 0; i < statement.columns(); ++i) {
            row.set(std::string(statement.name(i)), to_json(column_native(statement, i)));
        }
        rows.push(std::move(row));
    }
}

Result<std::set<TypeId>> types_read(Replica& replica, const std::string& sql) {
    std::set<TypeId> types;
    TRELLIS_TRY(const auto statement, prepare(replica, sql, &types));
    static_cast<void>(statement);
    return types;
}

}  // namespace trellis::core
