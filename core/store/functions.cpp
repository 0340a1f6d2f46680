// SPDX-License-Identifier: Apache-2.0
#include "core/store/functions.hpp"

#include <sqlite3.h>

namespace trellis::core {
namespace {

void answer(sqlite3_context* context, const std::string& text) {
    sqlite3_result_text64(context, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

const Actor* actor_of(sqlite3_context* context, RowId row) {
    const auto& actors = *static_cast<const Actors*>(sqlite3_user_data(context));
    return row_actor(row) < actors.all().size() ? &actors.at(row_actor(row)) : nullptr;
}

void name_record(sqlite3_context* context, int /*count*/, sqlite3_value** values) noexcept {
    if (sqlite3_value_type(values[1]) == SQLITE_BLOB) {
        const auto* bytes = static_cast<const std::uint8_t*>(sqlite3_value_blob(values[1]));
        const auto size = static_cast<std::size_t>(sqlite3_value_bytes(values[1]));
        return answer(context, to_hex({bytes, size}));
    }
    const RowId row = sqlite3_value_int64(values[0]);
    if (const auto* actor = actor_of(context, row)) {
        answer(context, RecordId::dotted({actor->id, row_counter(row)}).hex());
    }
}

void name_dot(sqlite3_context* context, int /*count*/, sqlite3_value** values) noexcept {
    const RowId row = sqlite3_value_int64(values[0]);
    if (const auto* actor = actor_of(context, row)) {
        answer(context, to_string(Dot{actor->id, row_counter(row)}));
    }
}

void name_space(sqlite3_context* context, int /*count*/, sqlite3_value** values) noexcept {
    const auto& spaces = *static_cast<const Spaces*>(sqlite3_user_data(context));
    const auto index = static_cast<std::size_t>(sqlite3_value_int64(values[0]));
    if (index < spaces.all().size()) answer(context, spaces.at(static_cast<SpaceIndex>(index)).id.hex());
}

// SQLite calls these: without memory they end the program, nothing is thrown through it.
using Function = void (*)(sqlite3_context*, int, sqlite3_value**);

Result<void> define(sqlite::Database& database, const char* name, int arguments,
                    const void* context, Function function) {
    const int code = sqlite3_create_function_v2(
        database.handle(), name, arguments, SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS,
        const_cast<void*>(context), function, nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return {};
    return sqlite::last_error(database.handle(), "defining an SQL function");
}

}  // namespace

Result<void> define_functions(sqlite::Database& database, const Actors& actors,
                              const Spaces& spaces) {
    TRELLIS_DO(define(database, "trellis_rec", 2, &actors, name_record));
    TRELLIS_DO(define(database, "trellis_dot", 1, &actors, name_dot));
    return define(database, "trellis_space", 1, &spaces, name_space);
}

}  // namespace trellis::core
