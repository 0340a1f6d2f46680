// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/store/store.hpp"
#include "crypto/public/envelope.hpp"

namespace trellis::core {

/// Sealed envelopes, own and others', as they were made or received. They heal a relay that
/// has lost them, travel in bundles, and are the history.
class SealedStore {
public:
    struct Kept {
        Counter first = 0;
        Digest chain;   ///< after it
        Bytes envelope;
    };

    explicit SealedStore(Store& store) : store_(store) {}

    /// In the caller's transaction.
    Result<void> keep(ActorIndex actor, Counter first, const Digest& chain, ByteView envelope);
    /// The envelope that starts at `first`, if it is here.
    Result<std::optional<Kept>> find(ActorIndex actor, Counter first);
    /// The chain hash that an envelope starting at `first` follows: zeros where `first` is 1,
    /// nothing where no kept envelope ends right before it.
    Result<std::optional<Digest>> chain_before(ActorIndex actor, Counter first);
    /// Where each of the chain's envelopes begins and ends, without their bytes.
    struct End {
        Counter first = 0;
        Counter last = 0;
        Digest chain;
    };
    Result<std::vector<End>> ends(ActorIndex actor);
    /// Forgets the chain's envelopes from `first` on. In the caller's transaction.
    Result<void> drop_from(ActorIndex actor, Counter first);
    /// Envelopes that start after `after`, in order, until `max_bytes` are gathered (at least
    /// one, where there is one).
    Result<std::vector<Kept>> load(ActorIndex actor, Counter after, std::size_t max_bytes);
    /// The same as runs for the wire.
    Result<std::vector<crypto::EnvelopeRun>> runs(ActorIndex actor, Counter after,
                                                  std::size_t max_bytes);

private:
    Store& store_;
    sqlite::Statement insert_;
    sqlite::Statement find_;
};

}  // namespace trellis::core
