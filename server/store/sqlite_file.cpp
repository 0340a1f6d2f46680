// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite_file.hpp"

#include "server/store/sqlite_schema.hpp"

namespace trellis::server {
namespace {

Result<void> refuse_strangers(sqlite::Database& database, const std::string& path) {
    TRELLIS_TRY(const auto tables, database.integer("SELECT count(*) FROM sqlite_schema"));
    TRELLIS_TRY(const auto id, database.integer("PRAGMA application_id"));
    if (tables == 0 || id == application_id) return {};
    return Error{Code::invalid,
                 path + " is a database of another program: name another file with --store"};
}

Result<void> renew_logs(sqlite::Database& database) {
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

Error unusable_store(const StorePlace& place, const Error& error) {
    const std::string& path = place.path;
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

Result<sqlite::Database> connect(const StorePlace& place, bool create) {
    sqlite::OpenOptions options;
    options.path = place.path;
    options.create = create;
    options.vfs = place.vfs;
    return sqlite::Database::open(options);
}

Result<sqlite::Database> open_store_database(const StorePlace& place, bool create) {
    auto database = connect(place, create);
    if (!database) return unusable_store(place, database.error());
    auto ours = refuse_strangers(*database, place.path);
    if (!ours) return unusable_store(place, ours.error());
    // A backup's copy may be a version behind: looking at it must not change it.
    if (auto done = create ? sqlite::migrate(*database, schema_steps()) : Result<void>(); !done) {
        return unusable_store(place, done.error());
    }
    return database;
}

Result<void> begin_new_life(sqlite::Database& database, const StorePlace& place) {
    if (auto done = renew_logs(database); !done) return unusable_store(place, done.error());
    return {};
}

Result<void> mark_as_copy(sqlite::Database& database) {
    return database.run("INSERT OR REPLACE INTO meta(name, value) VALUES('copy', x'01')");
}

Result<Bytes> keep_server_seed(const StorePlace& place, ByteView fresh) {
    TRELLIS_TRY(auto database, open_store_database(place, true));
    TRELLIS_TRY(
        auto add,
        database.prepare("INSERT OR IGNORE INTO meta(name, value) VALUES('server_seed', ?1)"));
    TRELLIS_DO(add.bind_bytes(1, fresh).run());
    TRELLIS_TRY(auto read, database.prepare("SELECT value FROM meta WHERE name = 'server_seed'"));
    TRELLIS_TRY(const bool found, read.step());
    if (!found || read.bytes(0).size() != fresh.size()) {
        return Error{Code::corrupt, place.path + " is damaged: the server's key is missing"};
    }
    return to_bytes(read.bytes(0));
}

}  // namespace trellis::server
