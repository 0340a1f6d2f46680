// SPDX-License-Identifier: Apache-2.0
#include "core/sqlite/database.hpp"

#include <sqlite3.h>

#include <utility>

#include "core/sqlite/broken.hpp"

namespace trellis::sqlite {
namespace {

Code code_of(int sqlite_code) {
    switch (sqlite_code & 0xFF) {
        case SQLITE_NOTADB: return Code::wrong_key;
        case SQLITE_CORRUPT: return Code::corrupt;
        case SQLITE_FULL: return Code::no_space;
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return Code::busy;
        case SQLITE_CANTOPEN: return Code::not_found;
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_AUTH: return Code::denied;
        case SQLITE_TOOBIG: return Code::too_large;
        default: return Code::internal;
    }
}

/// A plain fill before a free is one that compilers leave out.
void wipe(Bytes& bytes) {
    volatile std::uint8_t* at = bytes.data();
    for (std::size_t i = 0; i < bytes.size(); ++i) at[i] = 0;
}

/// What a connection remembers beside SQLite, so that its statements can say it, too. Made when
/// it is opened: there may be no memory when it is needed.
constexpr const char* broken_name = "trellis-broken";

bool* broken_flag(sqlite3* handle) {
    return static_cast<bool*>(sqlite3_get_clientdata(handle, broken_name));
}

/// Of the pages that were being written, nobody knows any more which the disk holds.
bool breaks(int extended_code) {
    switch (extended_code) {
        case SQLITE_IOERR_WRITE:
        case SQLITE_IOERR_FSYNC:
        case SQLITE_IOERR_DIR_FSYNC:
        case SQLITE_IOERR_TRUNCATE: return true;
        default: return false;
    }
}

const char* advice(int extended_code) {
    if (extended_code == SQLITE_NOMEM || extended_code == SQLITE_IOERR_NOMEM) {
        return "; close other programs and try again";
    }
    if ((extended_code & 0xFF) != SQLITE_IOERR) return "";
    return "; check the disk, then open the database again";
}

/// "raw:" and the key: no pass-phrase stretching, the key is already uniform.
Result<void> give_key(sqlite3* handle, const OpenOptions& options) {
    if (options.key.size() != 32) {
        return Error{Code::invalid, "the database key must be 32 bytes"};
    }
    // From here on SQLite zeroes all memory that it frees, in this process and for good: keys of
    // pages, pages and texts of statements do not outlive their database.
    if (sqlite3_exec(handle, "PRAGMA memory_security=fill", nullptr, nullptr, nullptr) !=
        SQLITE_OK) {
        return last_error(handle, "asking for memory that is wiped");
    }
    const std::string cipher = std::string("PRAGMA cipher='") +
                               (options.cipher == Cipher::aegis ? "aegis" : "chacha20") + "'";
    if (sqlite3_exec(handle, cipher.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        return last_error(handle, "choosing the page cipher");
    }
    Bytes raw;
    raw.reserve(4 + options.key.size());
    append(raw, as_bytes("raw:"));
    append(raw, options.key);
    const int code = sqlite3_key(handle, raw.data(), static_cast<int>(raw.size()));
    wipe(raw);
    if (code != SQLITE_OK) return last_error(handle, "giving the database its key");
    return {};
}

/// A wrong key shows at the first read, not when it is given.
Result<void> prove_readable(sqlite3* handle, const OpenOptions& options) {
    // Before the first read, or a write-ahead log that is there already wants shared memory.
    if (!options.shared_memory) {
        sqlite3_exec(handle, "PRAGMA locking_mode=EXCLUSIVE", nullptr, nullptr, nullptr);
    }
    const int code =
        sqlite3_exec(handle, "SELECT count(*) FROM sqlite_schema", nullptr, nullptr, nullptr);
    if (code == SQLITE_OK) return {};
    if (code_of(code) == Code::wrong_key) {
        return Error{Code::wrong_key, options.path +
                     ": the key does not open this file, or it is not a database of this program"};
    }
    if (code_of(code) == Code::busy) {
        return Error{Code::busy, options.path + " is open in another program: close it there first"};
    }
    return last_error(handle, "opening " + options.path);
}

Result<void> configure(sqlite3* handle, const OpenOptions& options) {
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 1);  // VACUUM INTO attaches its target
    std::string pragmas;
    pragmas +=
        "PRAGMA journal_mode=WAL;"
        "PRAGMA synchronous=FULL;"
        "PRAGMA temp_store=MEMORY;"
        "PRAGMA secure_delete=ON;"
        "PRAGMA wal_autocheckpoint=2000;";
    pragmas += "PRAGMA cache_size=-" + std::to_string(options.cache_kib) + ";";
    if (sqlite3_exec(handle, pragmas.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
        return last_error(handle, "setting up " + options.path);
    }
    return {};
}

/// A program that was killed may have left commits that are written and not synced: they show
/// from now on, so they must not vanish any more. Costs nothing after a clean end.
Result<void> make_durable(sqlite3* handle, const OpenOptions& options) {
    const int code = sqlite3_wal_checkpoint_v2(handle, nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr,
                                               nullptr);
    // Whoever holds the log will sync it; and a full disk is still there to be read.
    if ((code & 0xFF) != SQLITE_IOERR) return {};
    return last_error(handle, "opening " + options.path);
}

/// A commit that failed in its sync lies whole in the write-ahead log: opening the file anew would
/// show it, and a power cut take it away again. A small commit written over it makes it what its
/// author was told, refused. Where that fails too, the next one does it.
void bury_refused(sqlite3* handle) {
    sqlite3_stmt* read = nullptr;
    if (sqlite3_prepare_v2(handle, "PRAGMA user_version", -1, &read, nullptr) != SQLITE_OK) return;
    const bool is_read = sqlite3_step(read) == SQLITE_ROW;
    const int version = sqlite3_column_int(read, 0);
    sqlite3_finalize(read);
    if (!is_read) return;
    const std::string same = "PRAGMA user_version=" + std::to_string(version);
    sqlite3_exec(handle, same.c_str(), nullptr, nullptr, nullptr);
}

}  // namespace

Error last_error(sqlite3* handle, std::string_view what) {
    const int code = sqlite3_extended_errcode(handle);
    bool* const broken = broken_flag(handle);
    if (broken != nullptr && breaks(code)) *broken = true;
    return {code_of(code), std::string(what) + ": " + sqlite3_errmsg(handle) + advice(code)};
}

OpenOptions::~OpenOptions() { wipe(key); }

void give_up(sqlite3* handle) { *broken_flag(handle) = true; }

Result<Database> Database::open(const OpenOptions& options) {
    sqlite3* handle = nullptr;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    if (options.create) flags |= SQLITE_OPEN_CREATE;
    const int code = sqlite3_open_v2(options.path.c_str(), &handle, flags,
                                     options.vfs.empty() ? nullptr : options.vfs.c_str());
    Database database(handle);
    if (code != SQLITE_OK) {
        if (handle == nullptr) return Error{Code::internal, "no memory to open " + options.path};
        return last_error(handle, "opening " + options.path);
    }
    const auto forget = [](void* flag) { delete static_cast<bool*>(flag); };
    if (sqlite3_set_clientdata(handle, broken_name, new bool(false), forget) != SQLITE_OK) {
        return Error{Code::internal, "no memory to open " + options.path};
    }
    sqlite3_busy_timeout(handle, 5000);
    if (!options.key.empty()) TRELLIS_DO(give_key(handle, options));
    TRELLIS_DO(prove_readable(handle, options));
    TRELLIS_DO(configure(handle, options));
    TRELLIS_DO(make_durable(handle, options));
    return database;
}

Database::Database(Database&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)) {}

Database& Database::operator=(Database&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
}

Database::~Database() { sqlite3_close_v2(handle_); }

bool Database::is_broken() const { return *broken_flag(handle_); }

Result<void> Database::usable() const {
    if (!is_broken()) return {};
    return Error{Code::internal, "what is in memory may differ from what the disk holds: close "
                                 "this database and open it again"};
}

Result<void> Database::run(std::string_view sql) {
    TRELLIS_DO(usable());
    if (sqlite3_exec(handle_, std::string(sql).c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) {
        return {};
    }
    return last_error(handle_, "running SQL");
}

Result<Statement> Database::prepare(std::string_view sql) {
    TRELLIS_DO(usable());
    sqlite3_stmt* statement = nullptr;
    const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    if (code != SQLITE_OK) return last_error(handle_, "preparing SQL");
    return Statement(statement);
}

Result<std::int64_t> Database::integer(std::string_view sql) {
    TRELLIS_TRY(auto statement, prepare(sql));
    TRELLIS_TRY(const bool found, statement.step());
    if (!found) return Error{Code::not_found, "no row"};
    return statement.integer(0);
}

Result<void> Database::begin() { return run("BEGIN IMMEDIATE"); }

Result<void> Database::commit() {
    auto result = run("COMMIT");
    if (result) return result;
    rollback();
    if (is_broken()) bury_refused(handle_);
    return result;
}

void Database::rollback() {
    if (sqlite3_get_autocommit(handle_) == 0) {
        sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
    }
}

Result<void> Database::copy_to(const std::string& path) {
    TRELLIS_TRY(auto statement, prepare("VACUUM INTO ?1"));
    statement.bind_text(1, path);
    return statement.run();
}

Result<void> Database::checkpoint() {
    const int code = sqlite3_wal_checkpoint_v2(handle_, nullptr, SQLITE_CHECKPOINT_TRUNCATE,
                                               nullptr, nullptr);
    if (code == SQLITE_OK) return {};
    return last_error(handle_, "moving the write-ahead log into the file");
}

Result<std::vector<std::string>> Database::integrity_problems() {
    std::vector<std::string> problems;
    TRELLIS_TRY(auto statement, prepare("PRAGMA integrity_check"));
    for (;;) {
        TRELLIS_TRY(const bool more, statement.step());
        if (!more) return problems;
        if (statement.text(0) != "ok") problems.emplace_back(statement.text(0));
    }
}

std::int64_t Database::last_row_id() const { return sqlite3_last_insert_rowid(handle_); }

Result<Transaction> Transaction::begin(Database& database) {
    TRELLIS_DO(database.begin());
    return Transaction(database);
}

Transaction::~Transaction() {
    if (database_ != nullptr) database_->rollback();
}

Result<void> Transaction::commit() {
    TRELLIS_CHECK(database_ != nullptr);
    auto* database = std::exchange(database_, nullptr);
    return database->commit();
}

Result<void> migrate(Database& database, const std::vector<std::string_view>& steps) {
    TRELLIS_TRY(const auto version, database.integer("PRAGMA user_version"));
    if (version > static_cast<std::int64_t>(steps.size())) {
        return Error{Code::unsupported,
                     "this database was written by a newer version of the program: upgrade it"};
    }
    for (auto step = static_cast<std::size_t>(version); step < steps.size(); ++step) {
        TRELLIS_TRY(auto transaction, Transaction::begin(database));
        TRELLIS_DO(database.run(steps[step]));
        TRELLIS_DO(database.run("PRAGMA user_version=" + std::to_string(step + 1)));
        TRELLIS_DO(transaction.commit());
    }
    return {};
}

}  // namespace trellis::sqlite
