// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/sqlite/statement.hpp"

struct sqlite3;

namespace trellis::sqlite {

/// How pages are encrypted. Either opens on every platform; the file's keeper says which.
enum class Cipher : std::uint8_t {
    aegis,    ///< where the processor has AES instructions
    chacha20  ///< elsewhere
};

struct OpenOptions {
    OpenOptions() = default;
    OpenOptions(const OpenOptions&) = default;
    OpenOptions& operator=(const OpenOptions&) = default;
    ~OpenOptions();  ///< wipes the key

    std::string path;
    Bytes key;                      ///< 32 bytes, or empty: the file is in the clear (the server's)
    Cipher cipher = Cipher::aegis;
    bool create = true;
    bool shared_memory = true;      ///< false: one process only; a second is told `busy`
    int cache_kib = 16 * 1024;
    std::string vfs;                ///< empty: the platform's own
};

/// One connection to one SQLite file: WAL, synchronous=FULL, foreign keys off, defensive; what is
/// deleted is overwritten, in the file itself after checkpoint(). For one thread. After a failed
/// write or sync it is broken: it refuses all but rollback(), and is to be closed and opened anew.
class Database {
public:
    /// `wrong_key` (or not a database), `corrupt`, `not_found`, `busy`, `no_space`, `denied`.
    static Result<Database> open(const OpenOptions& options);

    Database(Database&&) noexcept;
    Database& operator=(Database&&) noexcept;
    ~Database();

    /// Runs one or more statements without parameters.
    Result<void> run(std::string_view sql);
    Result<Statement> prepare(std::string_view sql);
    /// The first column of the first row as an integer; `not_found` where there is no row.
    Result<std::int64_t> integer(std::string_view sql);

    Result<void> begin();     ///< BEGIN IMMEDIATE
    Result<void> commit();    ///< durable when it returns
    void rollback();          ///< safe outside a transaction

    /// Copies this database, committed and consistent, into a new file under the same key.
    Result<void> copy_to(const std::string& path);
    /// Moves the write-ahead log into the file.
    Result<void> checkpoint();
    /// Problems that SQLite finds in the file; empty where there is none.
    Result<std::vector<std::string>> integrity_problems();

    [[nodiscard]] std::int64_t last_row_id() const;
    [[nodiscard]] bool is_broken() const;
    /// An error where it is broken.
    [[nodiscard]] Result<void> usable() const;
    [[nodiscard]] sqlite3* handle() const { return handle_; }

private:
    explicit Database(sqlite3* handle) : handle_(handle) {}
    sqlite3* handle_ = nullptr;
};

/// A transaction that is rolled back unless commit() was called and succeeded.
class Transaction {
public:
    static Result<Transaction> begin(Database& database);
    Transaction(Transaction&& other) noexcept : database_(other.database_) {
        other.database_ = nullptr;
    }
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    Result<void> commit();

private:
    explicit Transaction(Database& database) : database_(&database) {}
    Database* database_;
};

/// Runs the numbered steps that `PRAGMA user_version` says are missing, each in a transaction
/// of its own. `unsupported` where the file is from a newer program.
Result<void> migrate(Database& database, const std::vector<std::string_view>& steps);

/// An Error out of SQLite's last one, with `what` was being done; the connection is broken where
/// that was a write or a sync which the disk did not do.
Error last_error(sqlite3* handle, std::string_view what);

}  // namespace trellis::sqlite
