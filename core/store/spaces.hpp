// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/base/cursor.hpp"
#include "core/base/dot.hpp"
#include "core/sqlite/database.hpp"
#include "core/store/actors.hpp"

namespace trellis::core {

/// What this device remembers of one space.
struct SpaceState {
    SpaceIndex index = 0;
    SpaceId id;
    Incarnation own;            ///< we write as the actor of this incarnation
    Cursor cursor;              ///< where we are in the relay's log
    Counter stored = 0;         ///< our counter that the relay has confirmed
    Counter seen = 0;           ///< our counter that another device has confirmed
    std::uint64_t told = 0;     ///< position we last told others that we hold
};

/// The spaces of this database, kept in memory and written through.
class Spaces {
public:
    explicit Spaces(sqlite::Database& database) : database_(database) {}
    Result<void> load();

    [[nodiscard]] const SpaceState* find(const SpaceId& id) const;
    /// The placeholder where a damaged row names none.
    [[nodiscard]] const SpaceState& at(SpaceIndex index) const {
        return spaces_[index < spaces_.size() ? index : 0];
    }
    /// Index 0 is a placeholder; real spaces start at 1.
    [[nodiscard]] const std::vector<SpaceState>& all() const { return spaces_; }

    /// The space, remembered from now on where it is new. In the caller's transaction.
    Result<SpaceIndex> intern(const SpaceId& id, const Incarnation& own);
    /// Keeps a changed state. In the caller's transaction.
    Result<void> save(const SpaceState& state);

private:
    sqlite::Database& database_;
    std::vector<SpaceState> spaces_{1};
};

}  // namespace trellis::core
