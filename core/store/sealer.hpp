// SPDX-License-Identifier: Apache-2.0
#pragma once

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
        : store_(store), ledger_(ledger), tail_(tail), sealed_(sealed) {}

    /// Seals what is waiting in the space, in its own transactions. Returns how many envelopes.
    /// `denied` without the right to write or the newest key: the changes wait.
    Result<std::size_t> seal(const SpaceState& space, ActorIndex own);

private:
    Result<Bytes> seal_next(const SpaceState& space, const Actor& own, Body& body, Digest& chain);

    Store& store_;
    Ledger& ledger_;
    Tail& tail_;
    SealedStore& sealed_;
    crypto::SealKeys keys_;
};

}  // namespace trellis::core
