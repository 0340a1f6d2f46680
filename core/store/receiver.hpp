// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>

#include "core/store/hold.hpp"
#include "core/store/ledger.hpp"
#include "core/store/sealed_store.hpp"
#include "core/syncable.hpp"
#include "crypto/secret/seal.hpp"

namespace trellis::core {

/// Takes in sealed envelopes: each is verified, opened, merged and kept, or held until what it
/// waits for is here. Everything happens in the caller's transaction.
class Receiver {
public:
    Receiver(Store& store, Ledger& ledger, SealedStore& sealed, Hold& hold)
        : store_(store), ledger_(ledger), sealed_(sealed), hold_(hold) {}

    /// What one call brought.
    struct Outcome {
        Received received;
        std::set<TypeId> touched;
        /// Chain hashes of all envelopes of the runs, new or known, in their order; for the
        /// rolling hash of the relay's log.
        std::vector<Digest> chains;
        /// Chains that grew, with where they now end.
        std::vector<std::pair<ActorIndex, Counter>> grown;
    };

    /// `corrupt` for a bad signature or bytes, `fork` for another envelope at a known place:
    /// nothing of the runs may then be kept.
    Result<Outcome> receive(const SpaceState& space, const std::vector<crypto::EnvelopeRun>& runs);

    /// Tries what is held again: after the membership log or a key has come in.
    Result<Outcome> release(const SpaceState& space);

private:
    struct Envelope {
        ActorIndex actor = 0;
        Counter first = 0;
        Counter last = 0;
        std::uint32_t epoch = 0;
        Digest previous;
        Digest chain;
        ByteView bytes;
    };
    struct Batch {
        std::vector<Envelope> fresh;
        Outcome outcome;
    };

    Result<void> place_run(const SpaceState& space, const crypto::EnvelopeRun& run, Batch& batch);
    Result<void> follow_held(const SpaceState& space, const Actor& actor, Counter& last,
                             Digest& chain);
    Result<Digest> known_chain(const Actor& actor, Counter first, ByteView envelope);
    Result<void> verify_ends(const Batch& batch);
    Result<void> apply_all(const SpaceState& space, Batch& batch);
    Result<bool> apply_one(const SpaceState& space, const Envelope& envelope, Applier& applier,
                           Outcome& outcome);
    Result<bool> is_waiting(const Envelope& envelope, const Body& body);
    Result<void> hold(const SpaceState& space, const Envelope& envelope, std::string_view reason);

    Store& store_;
    Ledger& ledger_;
    SealedStore& sealed_;
    Hold& hold_;
    crypto::SealKeys keys_;
};

}  // namespace trellis::core
