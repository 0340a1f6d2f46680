// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/stamp.hpp"
#include "core/record/op.hpp"

namespace trellis::core {

enum class Presence : std::uint8_t { live = 0, deleted = 1, deleted_with_edits = 2 };

/// A delete that no restore has lifted.
struct Tombstone {
    Dot dot;
    Stamp stamp;
    VersionVector seen;
    std::string reason;
    bool operator==(const Tombstone&) const = default;
};

/// Adds one; `tombstones` stays ascending by dot.
void bury(std::vector<Tombstone>& tombstones, const Dot& dot, const Stamp& stamp,
          const Delete& deletion);

/// Lifts exactly those that the restore names.
void unearth(std::vector<Tombstone>& tombstones, const Restore& restore);

/// Deleted where every write was seen by one delete or another; where some was not, the
/// record is shown, marked.
Presence presence_of(const std::vector<Tombstone>& tombstones, const VersionVector& writes);

}  // namespace trellis::core
