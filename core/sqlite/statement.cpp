// SPDX-License-Identifier: Apache-2.0
#include "core/sqlite/statement.hpp"

#include <sqlite3.h>

#include <utility>

#include "core/sqlite/database.hpp"

namespace trellis::sqlite {

Statement& Statement::operator=(Statement&& other) noexcept {
    if (this != &other) {
        sqlite3_finalize(handle_);
        handle_ = std::exchange(other.handle_, nullptr);
    }
    return *this;
}

Statement::~Statement() { sqlite3_finalize(handle_); }

namespace {

/// A use that an error ended early leaves the statement on its row: the next begins anew.
void begin_anew(sqlite3_stmt* handle) {
    if (sqlite3_stmt_busy(handle) != 0) sqlite3_reset(handle);
}

}  // namespace

Statement& Statement::bind(int at, std::int64_t value) {
    begin_anew(handle_);
    TRELLIS_CHECK(sqlite3_bind_int64(handle_, at, value) == SQLITE_OK);
    return *this;
}

Statement& Statement::bind(int at, double value) {
    begin_anew(handle_);
    TRELLIS_CHECK(sqlite3_bind_double(handle_, at, value) == SQLITE_OK);
    return *this;
}

Statement& Statement::bind_text(int at, std::string_view value) {
    begin_anew(handle_);
    // An empty view may have no address, which SQLite would take for NULL.
    const char* data = value.empty() ? "" : value.data();
    TRELLIS_CHECK(sqlite3_bind_text64(handle_, at, data, value.size(), SQLITE_STATIC,
                                      SQLITE_UTF8) == SQLITE_OK);
    return *this;
}

Statement& Statement::bind_bytes(int at, ByteView value) {
    begin_anew(handle_);
    const void* data = value.empty() ? "" : static_cast<const void*>(value.data());
    TRELLIS_CHECK(sqlite3_bind_blob64(handle_, at, data, value.size(), SQLITE_STATIC) == SQLITE_OK);
    return *this;
}

Statement& Statement::bind_null(int at) {
    begin_anew(handle_);
    TRELLIS_CHECK(sqlite3_bind_null(handle_, at) == SQLITE_OK);
    return *this;
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(handle_);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) {
        sqlite3_reset(handle_);
        return false;
    }
    Error error = last_error(sqlite3_db_handle(handle_), "running a statement");
    sqlite3_reset(handle_);
    return error;
}

Result<void> Statement::run() {
    for (;;) {
        TRELLIS_TRY(const bool more, step());
        if (!more) return {};
    }
}

void Statement::reset() { sqlite3_reset(handle_); }
void Statement::clear_bindings() { sqlite3_clear_bindings(handle_); }

Statement::Kind Statement::kind(int column) const {
    switch (sqlite3_column_type(handle_, column)) {
        case SQLITE_INTEGER: return Kind::integer;
        case SQLITE_FLOAT: return Kind::real;
        case SQLITE_TEXT: return Kind::text;
        case SQLITE_BLOB: return Kind::bytes;
        default: return Kind::null;
    }
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(handle_, column); }
double Statement::real(int column) const { return sqlite3_column_double(handle_, column); }

std::string_view Statement::text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    if (data == nullptr) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

ByteView Statement::bytes(int column) const {
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(handle_, column));
    if (data == nullptr) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
}

int Statement::columns() const { return sqlite3_column_count(handle_); }
std::string_view Statement::name(int column) const { return sqlite3_column_name(handle_, column); }

}  // namespace trellis::sqlite
