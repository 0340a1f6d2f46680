// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/sqlite/database.hpp"

#include <string>
#include <vector>

/// What an operator does with a store beside serving it.
namespace trellis::server {

/// A consistent copy, also while a server writes. Refuses to replace a file.
Result<void> backup_store(const std::string& store_path, const std::string& backup_path);

/// Puts a backup in the store's place, where no server runs; the store that was there is kept
/// beside it under the name returned (empty: there was none). Every log begins a new life.
Result<std::string> restore_store(const std::string& store_path, const std::string& backup_path);

/// Everything wrong with the file: SQLite's own check, dense positions, chain hashes, rolling
/// heads. Empty where all is well. At most a hundred problems are listed.
Result<std::vector<std::string>> check_store(const std::string& store_path,
                                             const std::string& vfs = {});
/// The same for a store that is open.
Result<std::vector<std::string>> check_store(sqlite::Database& database);

}  // namespace trellis::server
