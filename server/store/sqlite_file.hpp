// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/sqlite/database.hpp"

#include <string>
#include <utility>

/// The file of a SQLite store as a database, whichever disk it lies on. Portable: who asks
/// whether it exists, locks it or moves it is sqlite_store.hpp.
namespace trellis::server {

/// A path on the platform's own disk, or on the disk that SQLite knows by the name `vfs`.
struct StorePlace {
    // NOLINTNEXTLINE(google-explicit-constructor): a path is a place
    StorePlace(std::string the_path, std::string the_vfs = {})
        : path(std::move(the_path)), vfs(std::move(the_vfs)) {}

    std::string path;
    std::string vfs;  ///< empty: the platform's own
};

/// One more connection to a store's file, in the clear.
Result<sqlite::Database> connect(const StorePlace& place, bool create);

/// Opens the file without its lock; `invalid` where it is not a store of this program. With
/// `create` it is made or migrated where that is due.
Result<sqlite::Database> open_store_database(const StorePlace& place, bool create);

/// What came out of a backup is a new life of every log: nobody's cursor may fit it by chance.
/// Does nothing for any other file.
Result<void> begin_new_life(sqlite::Database& database, const StorePlace& place);

/// Marks the file as what came out of a backup.
Result<void> mark_as_copy(sqlite::Database& database);

/// The seed of the server's key: `fresh` is kept and returned where there is none yet.
Result<Bytes> keep_server_seed(const StorePlace& place, ByteView fresh);

/// The error that a failed opening of this file becomes for the operator.
Error unusable_store(const StorePlace& place, const Error& error);

}  // namespace trellis::server
