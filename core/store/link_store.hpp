// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/merge/links.hpp"
#include "core/store/actors.hpp"

namespace trellis::core {

/// The live same-as links of each type in each space. In the caller's transaction.
class LinkStore {
public:
    LinkStore(sqlite::Database& database, Actors& actors)
        : database_(database), actors_(actors) {}

    Result<void> link(SpaceIndex space, TypeId type, const Dot& dot, const RecordId& record,
                      const Link& link);
    Result<void> unlink(SpaceIndex space, TypeId type, const RecordId& record,
                        const Unlink& unlink);
    /// Borrowed until the next change of links.
    Result<const Links*> load(SpaceIndex space, TypeId type);
    /// Forgets what memory mirrors: after a rollback, or when rows were changed elsewhere.
    void forget() { known_.clear(); }

private:
    sqlite::Database& database_;
    Actors& actors_;
    std::map<std::pair<SpaceIndex, TypeId>, Links> known_;
};

}  // namespace trellis::core
