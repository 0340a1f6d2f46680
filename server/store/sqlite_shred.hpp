// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/sqlite/database.hpp"
#include "sync/relay/action.hpp"

namespace trellis::server {

/// Deletes and overwrites all rows of a space and what lies in its inboxes, in the caller's
/// transaction. The space's row stays, as that of a log that begins anew. `space`: its row's
/// number, 0 where it has none.
Result<void> shred_rows(sqlite::Database& database, std::int64_t org, std::int64_t space,
                        const sync::ShredSpace& request);

}  // namespace trellis::server
