// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "core/store/ledger.hpp"
#include "core/store/sealed_store.hpp"

namespace trellis::core {

/// Walks everything sealed of one space again, in an order that respects causality: for the
/// history of a record, for checking that rows say what the envelopes say, and for rebuilding
/// them. Slow (it opens every envelope); correct after any damage to rows.
class Replay {
public:
    struct Step {
        ActorIndex actor = 0;
        Body body;
        VersionVector author_saw;  ///< of others, up to and with this envelope
        Digest chain;              ///< after this envelope
    };
    using Visit = std::function<Result<void>(Step&)>;

    Replay(Store& store, const Ledger& ledger, SealedStore& sealed)
        : store_(store), ledger_(ledger), sealed_(sealed) {}

    /// Every envelope that counts. Nothing waits for what a branch said that has lost its name.
    /// `corrupt` where a kept envelope does not open or is missing.
    Result<void> run(const SpaceState& space, const Visit& visit);
    /// One actor's envelopes in their order, whether they count or not.
    Result<void> walk(const SpaceState& space, ActorIndex actor, const Visit& visit);

private:
    struct Stream {
        ActorIndex actor = 0;
        std::vector<SealedStore::Kept> loaded;  ///< the next ones, first to last
        std::size_t next = 0;
        Counter last = 0;                       ///< visited so far
        Digest chain;
        std::vector<ActorId> introduced;
        VersionVector seen;
        std::optional<Body> body;               ///< of the next one, once opened
    };
    Result<bool> advance(const SpaceState& space, Stream& stream, VersionVector& visited,
                         const Visit& visit);
    Step take(Stream& stream);
    Result<void> visit_next(const SpaceState& space, Stream& stream, VersionVector& visited,
                            const Visit& visit);
    [[nodiscard]] bool is_due(const SpaceState& space, const VersionVector& visited,
                              const VersionVector& seen) const;
    Result<bool> open_next(const SpaceState& space, Stream& stream);

    Store& store_;
    const Ledger& ledger_;
    SealedStore& sealed_;
};

}  // namespace trellis::core
