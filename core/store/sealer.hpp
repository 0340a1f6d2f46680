// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/store/acceptance.hpp"
#include "core/store/ledger.hpp"
#include "core/store/sealed_store.hpp"
#include "core/store/tail.hpp"
#include "crypto/secret/seal.hpp"

namespace trellis::core {

/// Turns own changes into sealed envelopes, durable before they can be sent. A change is sealed
/// once, and its bytes never change again.
class Sealer {
public:
    Sealer(Store& store, Ledger& ledger, Tail& tail, SealedStore& sealed)
        : store_(store)
        , ledger_(ledger)
        , tail_(tail)
        , sealed_(sealed)
        , aside_(store, ledger, sealed) {}

    /// Seals what is waiting in the space, in its own transactions; `newest` is what we saw of
    /// the logs. Returns how many envelopes. `denied` for who never could write, and for a
    /// writer without the newest key: the changes wait. A former writer seals under the newest
    /// key it has: the work is set aside, and can be handed in.
    Result<std::size_t> seal(const SpaceState& space, ActorIndex own, const Witness& newest);

private:
    Result<std::uint32_t> choose_epoch(const SpaceState& space) const;
    Result<Bytes> seal_next(const SpaceState& space, const Actor& own, Body& body, Digest& chain);
    Result<void> keep(const SpaceState& space, ActorIndex own, const Body& body,
                      const Digest& chain, ByteView envelope);

    Store& store_;
    Ledger& ledger_;
    Tail& tail_;
    SealedStore& sealed_;
    Aside aside_;
    crypto::SealKeys keys_;
};

}  // namespace trellis::core
