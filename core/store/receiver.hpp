// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <set>
#include <utility>

#include "core/store/acceptance.hpp"
#include "core/store/alarms.hpp"
#include "core/store/branches.hpp"
#include "core/store/hold.hpp"
#include "core/store/ledger.hpp"
#include "core/store/sealed_store.hpp"
#include "core/syncable.hpp"
#include "crypto/secret/seal.hpp"

namespace trellis::core {

/// Where envelopes come from: the relay, whose log decides which branch of a forked chain keeps
/// the name, or a courier, who decides nothing.
enum class Source : std::uint8_t { relay, courier };

/// Takes in sealed envelopes: each is placed in its chain, verified, opened, merged where it
/// counts, and kept; or held until what it waits for is here. Everything happens in the
/// caller's transaction.
class Receiver {
public:
    Receiver(Store& store, Ledger& ledger, SealedStore& sealed, Hold& hold)
        : store_(store)
        , ledger_(ledger)
        , sealed_(sealed)
        , hold_(hold)
        , branches_(store)
        , aside_(store, ledger, sealed)
        , alarms_(store) {}

    /// Changes of this device that have lost their name to another branch of the same chain.
    struct OwnBranch {
        ActorIndex actor = 0;
        Counter after = 0;  ///< the last counter that both branches share
        std::vector<Change> changes;
    };

    /// What the author of an envelope says it saw of the logs.
    struct Heard {
        ActorIndex actor = 0;
        Counter first = 0;  ///< of the envelope
        Witness witness;
    };

    /// What one call brought.
    struct Outcome {
        Received received;
        std::set<TypeId> touched;
        /// Chain hashes of all envelopes of the runs, new or known, in their order; for the
        /// rolling hash of the relay's log.
        std::vector<Digest> chains;
        /// Chains that grew, with where they now end.
        std::vector<std::pair<ActorIndex, Counter>> grown;
        /// A chain went back: rows must be made anew before the commit.
        bool needs_rebuild = false;
        std::vector<Heard> heard;
        std::vector<OwnBranch> own_branches;

        void join(Outcome&& other);
    };

    /// `corrupt` for a bad signature or bytes: nothing of the runs may then be kept.
    Result<Outcome> receive(const SpaceState& space, const std::vector<crypto::EnvelopeRun>& runs,
                            Source source);

    /// Tries what is held again: after the membership log or a key has come in.
    Result<Outcome> release(const SpaceState& space);

    /// The envelope whose signature failed in the last call, once.
    std::optional<Alarm> take_suspect() { return std::exchange(suspect_, std::nullopt); }

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
    /// A branch that takes over the chain's name from `first` on.
    struct Takeover {
        ActorIndex actor = 0;
        Counter first = 0;
        Digest before;
    };
    struct Batch {
        Source source = Source::relay;
        std::vector<Envelope> fresh;
        std::vector<Takeover> takeovers;
        Outcome outcome;
    };
    /// Where a run has come to while it is being placed.
    struct Position {
        ActorIndex actor = 0;
        Counter last = 0;  ///< of the chain with what is held and fresh
        Digest chain;
    };

    // Placing (receiver.cpp).
    Result<void> place_run(const SpaceState& space, const crypto::EnvelopeRun& run, Batch& batch);
    Result<Position> position(const SpaceState& space, ActorIndex actor, const Batch& batch);
    Result<bool> place_one(const SpaceState& space, const crypto::EnvelopeRun& run,
                           std::size_t at, Counter first, Position& position, Batch& batch);
    Result<void> verify_ends(const SpaceState& space, const Batch& batch);
    Error refuse(const crypto::EnvelopePlace& place, ActorIndex actor, ByteView envelope);
    [[nodiscard]] crypto::EnvelopePlace place_of(const SpaceState& space, ActorIndex actor,
                                                 Counter first, const Digest& previous) const;

    // Forked chains (receiver_heal.cpp).
    Result<std::vector<Envelope>> read_branch(const SpaceState& space,
                                              const crypto::EnvelopeRun& run, std::size_t at,
                                              Counter first, ActorIndex actor);
    Result<bool> place_branch(const SpaceState& space, const crypto::EnvelopeRun& run,
                              std::size_t at, Counter first, Position& position, Batch& batch);
    Result<bool> is_vouched(const SpaceState& space, const Actor& actor);
    Result<bool> settle_held(const SpaceState& space, Counter first, ByteView envelope,
                             Position& position, Batch& batch);
    Result<void> set_aside(const SpaceState& space, ActorIndex actor, const Hold::Held& held);
    Result<void> take_over(const SpaceState& space, const Takeover& takeover, Outcome& outcome);
    Result<void> report_fork(const SpaceState& space, const Envelope& envelope);

    // Opening and merging (receiver_apply.cpp).
    Result<void> apply_all(const SpaceState& space, Batch& batch);
    Result<bool> apply_one(const SpaceState& space, const Envelope& envelope, Applier& applier,
                           Outcome& outcome);
    Result<Body> open(const SpaceState& space, const Envelope& envelope, const crypto::Key& key);
    Result<bool> is_waiting(const Envelope& envelope, const Body& body);
    Result<void> hold(const SpaceState& space, const Envelope& envelope, std::string_view reason);
    Result<void> release_into(const SpaceState& space, Outcome& outcome);
    Result<void> release_one(const SpaceState& space, const Hold::Held& held, Outcome& outcome);

    Store& store_;
    Ledger& ledger_;
    SealedStore& sealed_;
    Hold& hold_;
    Branches branches_;
    Aside aside_;
    Alarms alarms_;
    crypto::SealKeys keys_;
    std::optional<Alarm> suspect_;
};

}  // namespace trellis::core
