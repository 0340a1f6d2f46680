// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/sqlite/database.hpp"
#include "server/store/store.hpp"

namespace trellis::server {

/// Writes what is dropped into inboxes. Statements of one connection; the caller's transaction.
class SqliteInboxWriter {
public:
    /// Requires: the database outlives this.
    static Result<SqliteInboxWriter> open(sqlite::Database& database);

    /// `no_space` where the inbox is full; the same one twice is one. `org`: its row's number.
    Verdict<void> store(std::int64_t org, const sync::StoreSubmission& request,
                        const StoreOptions& options);
    Result<void> drop(std::int64_t org, const sync::DropSubmissions& request);

private:
    struct Row {
        std::int64_t number = 0;
        std::int64_t submissions = 0;
        std::int64_t bytes = 0;
    };
    /// Zeros where there is none.
    Result<Row> row(std::int64_t org, const crypto::InboxId& inbox);
    Result<void> keep(const Row& row);

    sqlite::Database* database_ = nullptr;
    sqlite::Statement find_;
    sqlite::Statement add_inbox_;
    sqlite::Statement move_;
    sqlite::Statement has_;
    sqlite::Statement add_;
    sqlite::Statement remove_;
};

}  // namespace trellis::server
