// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/record/change.hpp"
#include "core/store/store.hpp"

namespace trellis::core {

/// Own changes between their commit and their sealing. Sealing waits until they leave, so that
/// they go out under the key of that day, and a day's changes share one envelope.
class Tail {
public:
    explicit Tail(Store& store) : store_(store) {}

    /// In the caller's transaction.
    Result<void> keep(ActorIndex actor, const Change& change);
    /// The changes of an actor after `after`, in order, until `max_bytes` are gathered.
    Result<std::vector<Change>> load(ActorIndex actor, Counter after, std::size_t max_bytes);
    Result<std::vector<Change>> load_all(ActorIndex actor, Counter after);
    /// Forgets what has been sealed. In the caller's transaction.
    Result<void> drop(ActorIndex actor, Counter last);
    /// Counter of the last op kept; 0 where there is none.
    Result<Counter> last(ActorIndex actor);

private:
    Store& store_;
    sqlite::Statement insert_;
};

}  // namespace trellis::core
