// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <vector>

#include "core/base/cursor.hpp"
#include "core/base/dot.hpp"
#include "core/sqlite/database.hpp"
#include "sync/relay/action.hpp"

namespace trellis::sim {

/// What is committed in the relay's logs, position by position, as the checkers remember it.
class RelayLog {
public:
    /// One envelope; the one at index i stands at position i + 1.
    struct Entry {
        ActorId actor;
        Counter first = 0;
        Counter last = 0;
        Digest head;  ///< rolling hash of the log after it
    };
    struct Space {
        LogIncarnation incarnation;
        std::vector<Entry> entries;
        /// The cursor is about this log, as it is now.
        [[nodiscard]] bool contains(const Cursor& cursor) const;
    };

    /// Notes what was committed. False where it does not go on where the log ends: then
    /// somebody else has written to the store, and it is to be read again.
    bool add(const sync::SpaceAppend& append);
    /// Everything anew, out of the relay's own store.
    Result<void> read(sqlite::Database& store);
    /// Null where the relay has no such space.
    [[nodiscard]] const Space* find(const SpaceId& space) const;

private:
    std::map<SpaceId, Space> spaces_;
};

}  // namespace trellis::sim
