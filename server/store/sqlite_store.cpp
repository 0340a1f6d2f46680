// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite_store.hpp"

#include "server/store/sqlite_reader.hpp"
#include "server/store/sqlite_schema.hpp"
#include "server/store/sqlite_writer.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace trellis::server {
namespace {

constexpr std::string_view sqlite_prefix = "sqlite:";

Error unusable_file(const std::string& path, const Error& error) {
    switch (error.code) {
        case Code::invalid:
            return error;
        case Code::wrong_key:
            return {Code::invalid, path + " is not a store of trellisd: name another file"};
        case Code::not_found:
        case Code::denied:
            return {error.code,
                    path +
                        " cannot be opened for writing: check that its folder is "
                        "there and that this user may write to it"};
        case Code::no_space:
            return {Code::no_space, "the disk under " + path + " is full: make room on it"};
        case Code::corrupt:
            return {Code::corrupt, path + " is damaged: restore a backup with trellisd restore"};
        case Code::unsupported:
            return {Code::unsupported,
                    path + " was written by a newer trellisd: run that version or a later one"};
        default:
            return {error.code, path + ": " + error.message};
    }
}

Result<void> refuse_strangers(sqlite::Database& database, const std::string& path) {
    TRELLIS_TRY(const auto tables, database.integer("SELECT count(*) FROM sqlite_schema"));
    TRELLIS_TRY(const auto id, database.integer("PRAGMA application_id"));
    if (tables == 0 || id == application_id) return {};
    return Error{Code::invalid,
                 path + " is a database of another program: name another file with --store"};
}

/// What came out of a backup is a new life of every log: nobody's cursor may fit it by chance.
Result<void> begin_new_life(sqlite::Database& database) {
    TRELLIS_TRY(const auto copies,
                database.integer("SELECT count(*) FROM meta WHERE name = 'copy'"));
    if (copies == 0) return {};
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(database));
    TRELLIS_DO(
        database.run("UPDATE space SET incarnation = randomblob(8);"
                     "DELETE FROM meta WHERE name = 'copy'"));
    return transaction.commit();
}

}  // namespace

Result<StoreLock> StoreLock::take(const std::string& store_path) {
    const std::string path = store_path + "-lock";
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) {
        return Error{errno == ENOSPC ? Code::no_space : Code::denied,
                     path + " cannot be created (" + std::strerror(errno) +
                         "): check that its folder is there and that this user may write to it"};
    }
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return StoreLock(descriptor);
    ::close(descriptor);
    return Error{Code::busy, store_path + " is in use by another trellisd: stop it first"};
}

StoreLock::~StoreLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<std::string> sqlite_path(const std::string& url) {
    if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
        return Error{Code::unsupported,
                     "this trellisd has no PostgreSQL store: use --store sqlite:PATH"};
    }
    if (!url.starts_with(sqlite_prefix) || url.size() == sqlite_prefix.size()) {
        return Error{Code::invalid, "the store '" + url + "' is not of the form sqlite:PATH"};
    }
    return url.substr(sqlite_prefix.size());
}

Result<std::unique_ptr<Store>> open_store(const std::string& url, const StoreOptions& options) {
    TRELLIS_TRY(const std::string path, sqlite_path(url));
    return SqliteStore::open(path, options);
}

Result<sqlite::Database> open_store_file(const std::string& path, bool create,
                                         const std::string& vfs) {
    if (!create && vfs.empty() && !std::filesystem::exists(path)) {
        return Error{Code::not_found, "there is no store at " + path};
    }
    auto database = connect(path, create, vfs);
    if (!database) return unusable_file(path, database.error());
    auto ours = refuse_strangers(*database, path);
    if (!ours) return unusable_file(path, ours.error());
    // A backup's copy may be a version behind: looking at it must not change it.
    if (auto done = create ? sqlite::migrate(*database, schema_steps()) : Result<void>(); !done) {
        return unusable_file(path, done.error());
    }
    return database;
}

Result<std::unique_ptr<Store>> SqliteStore::open(const std::string& path,
                                                 const StoreOptions& options) {
    std::optional<StoreLock> lock;
    if (options.vfs.empty()) {
        TRELLIS_TRY(auto taken, StoreLock::take(path));
        lock.emplace(std::move(taken));
    }
    TRELLIS_TRY(auto database, open_store_file(path, true, options.vfs));
    if (auto done = begin_new_life(database); !done) return unusable_file(path, done.error());
    return std::unique_ptr<Store>(new SqliteStore(path, options, std::move(lock)));
}

Result<std::unique_ptr<StoreWriter>> SqliteStore::open_writer() {
    return SqliteWriter::open(path_, options_);
}

Result<std::unique_ptr<StoreReader>> SqliteStore::open_reader() {
    return SqliteReader::open(path_, options_.vfs);
}

Result<Bytes> SqliteStore::server_seed(ByteView fresh) {
    TRELLIS_TRY(auto database, open_store_file(path_, true, options_.vfs));
    TRELLIS_TRY(
        auto add,
        database.prepare("INSERT OR IGNORE INTO meta(name, value) VALUES('server_seed', ?1)"));
    TRELLIS_DO(add.bind_bytes(1, fresh).run());
    TRELLIS_TRY(auto read, database.prepare("SELECT value FROM meta WHERE name = 'server_seed'"));
    TRELLIS_TRY(const bool found, read.step());
    if (!found || read.bytes(0).size() != fresh.size()) {
        return Error{Code::corrupt, path_ + " is damaged: the server's key is missing"};
    }
    return to_bytes(read.bytes(0));
}

Store::Room SqliteStore::room() const {
    Room room;
    if (!options_.vfs.empty()) return room;
    for (const char* const suffix : {"", "-wal"}) {
        std::error_code ignored;
        const auto size = std::filesystem::file_size(path_ + suffix, ignored);
        if (!ignored) room.store_bytes += static_cast<std::int64_t>(size);
    }
    struct statvfs disk {};
    if (::statvfs(path_.c_str(), &disk) == 0) {
        const auto block = static_cast<std::int64_t>(disk.f_frsize);
        room.free_bytes = static_cast<std::int64_t>(disk.f_bavail) * block;
        room.disk_bytes = static_cast<std::int64_t>(disk.f_blocks) * block;
    }
    return room;
}

}  // namespace trellis::server
