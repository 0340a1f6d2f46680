// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite_inbox.hpp"

namespace trellis::server {

Result<SqliteInboxWriter> SqliteInboxWriter::open(sqlite::Database& database) {
    SqliteInboxWriter writer;
    writer.database_ = &database;
    TRELLIS_TRY(writer.find_,
                database.prepare("SELECT number, submissions, bytes FROM inbox "
                                 "WHERE org = ?1 AND id = ?2"));
    TRELLIS_TRY(writer.add_inbox_,
                database.prepare("INSERT INTO inbox(org, id, submissions, bytes) "
                                 "VALUES(?1, ?2, 0, 0)"));
    TRELLIS_TRY(writer.move_,
                database.prepare("UPDATE inbox SET submissions = ?2, bytes = ?3 "
                                 "WHERE number = ?1"));
    TRELLIS_TRY(writer.has_,
                database.prepare("SELECT length(bytes) FROM submission "
                                 "WHERE inbox = ?1 AND digest = ?2"));
    TRELLIS_TRY(writer.add_,
                database.prepare("INSERT INTO submission(inbox, digest, hour, bytes) "
                                 "VALUES(?1, ?2, ?3, ?4)"));
    TRELLIS_TRY(writer.remove_,
                database.prepare("DELETE FROM submission WHERE inbox = ?1 AND digest = ?2"));
    return writer;
}

Result<SqliteInboxWriter::Row> SqliteInboxWriter::row(std::int64_t org,
                                                      const crypto::InboxId& inbox) {
    find_.bind(1, org).bind_bytes(2, inbox.view());
    TRELLIS_TRY(const bool found, find_.step());
    Row row;
    if (found) row = {find_.integer(0), find_.integer(1), find_.integer(2)};
    find_.reset();
    return row;
}

Result<void> SqliteInboxWriter::keep(const Row& row) {
    return move_.bind(1, row.number).bind(2, row.submissions).bind(3, row.bytes).run();
}

Verdict<void> SqliteInboxWriter::store(std::int64_t org,
                                       const sync::StoreSubmission& request,
                                       const StoreOptions& options) {
    TRELLIS_TRY(Row row, this->row(org, request.inbox));
    if (row.number == 0) {
        TRELLIS_DO(add_inbox_.bind(1, org).bind_bytes(2, request.inbox.view()).run());
        row.number = database_->last_row_id();
    }
    has_.bind(1, row.number).bind_bytes(2, request.digest.view());
    TRELLIS_TRY(const bool is_there, has_.step());
    has_.reset();
    if (is_there) return Result<void>();
    row.submissions += 1;
    row.bytes += static_cast<std::int64_t>(request.bytes.size());
    if (row.submissions > options.inbox_pending_max || row.bytes > options.inbox_bytes_max) {
        return Result<void>(Error{Code::no_space,
                                  "this inbox is full until its school has fetched what is in it: "
                                  "try again later, or call them"});
    }
    add_.bind(1, row.number).bind_bytes(2, request.digest.view());
    TRELLIS_DO(add_.bind(3, request.hour).bind_bytes(4, request.bytes).run());
    TRELLIS_DO(keep(row));
    return Result<void>();
}

Result<void> SqliteInboxWriter::drop(std::int64_t org, const sync::DropSubmissions& request) {
    TRELLIS_TRY(Row row, this->row(org, request.inbox));
    for (const auto& digest : request.submissions) {
        has_.bind(1, row.number).bind_bytes(2, digest.view());
        TRELLIS_TRY(const bool is_there, has_.step());
        const auto bytes = is_there ? has_.integer(0) : 0;
        has_.reset();
        if (!is_there) continue;
        TRELLIS_DO(remove_.bind(1, row.number).bind_bytes(2, digest.view()).run());
        row.submissions -= 1;
        row.bytes -= bytes;
    }
    return row.number == 0 ? Result<void>() : keep(row);
}

}  // namespace trellis::server
