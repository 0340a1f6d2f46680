// SPDX-License-Identifier: Apache-2.0
#include "core/merge/presence.hpp"

#include <algorithm>

namespace trellis::core {

void bury(std::vector<Tombstone>& tombstones, const Dot& dot, const Stamp& stamp,
          const Delete& deletion) {
    const auto at =
        std::lower_bound(tombstones.begin(), tombstones.end(), dot,
                         [](const Tombstone& stone, const Dot& d) { return stone.dot < d; });
    if (at != tombstones.end() && at->dot == dot) return;
    tombstones.insert(at, {dot, stamp, deletion.seen, deletion.reason});
}

void unearth(std::vector<Tombstone>& tombstones, const Restore& restore) {
    std::erase_if(tombstones, [&](const Tombstone& stone) {
        return std::binary_search(restore.deletes.begin(), restore.deletes.end(), stone.dot);
    });
}

Presence presence_of(const std::vector<Tombstone>& tombstones, const VersionVector& writes) {
    if (tombstones.empty()) return Presence::live;
    const auto is_seen = [&](const VersionVector::Entry& last) {
        // The author of a delete saw each actor's writes from the first on, so whoever saw an
        // actor's last write saw them all.
        return std::any_of(tombstones.begin(), tombstones.end(), [&](const Tombstone& stone) {
            return stone.seen.covers(Dot{last.actor, last.counter});
        });
    };
    const auto& entries = writes.entries();
    return std::all_of(entries.begin(), entries.end(), is_seen) ? Presence::deleted
                                                                : Presence::deleted_with_edits;
}

}  // namespace trellis::core
