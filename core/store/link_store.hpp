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
    Result<Links> load(SpaceIndex space, TypeId type);

private:
    sqlite::Database& database_;
    Actors& actors_;
};

}  // namespace trellis::core
