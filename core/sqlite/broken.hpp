// SPDX-License-Identifier: Apache-2.0
#pragma once

struct sqlite3;

namespace trellis::sqlite {

/// From now on Database::is_broken() says so: what memory mirrors could not be brought back to
/// what the disk holds.
void give_up(sqlite3* handle);

}  // namespace trellis::sqlite
