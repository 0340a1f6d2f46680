// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite_shred.hpp"

#include "server/store/sqlite_schema.hpp"

namespace trellis::server {
namespace {

Result<void> empty_inbox(sqlite::Database& database, std::int64_t org,
                         const crypto::InboxId& inbox) {
    TRELLIS_TRY(auto submissions,
                database.prepare("DELETE FROM submission WHERE inbox IN "
                                 "(SELECT number FROM inbox WHERE org = ?1 AND id = ?2)"));
    TRELLIS_DO(submissions.bind(1, org).bind_bytes(2, inbox.view()).run());
    TRELLIS_TRY(auto count,
                database.prepare("UPDATE inbox SET submissions = 0, bytes = 0 "
                                 "WHERE org = ?1 AND id = ?2"));
    return count.bind(1, org).bind_bytes(2, inbox.view()).run();
}

}  // namespace

Result<void> shred_rows(sqlite::Database& database, std::int64_t org, std::int64_t space,
                        const sync::ShredSpace& request) {
    for (const auto& inbox : request.inboxes)
        TRELLIS_DO(empty_inbox(database, org, inbox));
    if (space == 0) return {};
    const auto is_its = " WHERE space = " + std::to_string(space);
    TRELLIS_TRY(const auto position,
                database.integer("SELECT position FROM space WHERE number = " +
                                 std::to_string(space)));
    if (position == 0) return {};
    return database.run("DELETE FROM envelope WHERE id >= " +
                        std::to_string(envelope_key(space, 0)) + " AND id < " +
                        std::to_string(envelope_key(space + 1, 0)) + "; DELETE FROM chain" +
                        is_its + "; DELETE FROM seen" + is_its +
                        "; UPDATE space SET incarnation = randomblob(8), position = 0, "
                        "head = zeroblob(32), bytes = 0 WHERE number = " +
                        std::to_string(space));
}

}  // namespace trellis::server
