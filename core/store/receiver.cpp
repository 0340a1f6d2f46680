// SPDX-License-Identifier: Apache-2.0
// Finding each envelope's place in its chain, and checking that its author put it there.
#include "core/store/receiver.hpp"

#include <iterator>
#include <map>

#include "core/base/limits.hpp"

namespace trellis::core {

crypto::EnvelopePlace Receiver::place_of(const SpaceState& space, ActorIndex actor, Counter first,
                                         const Digest& previous) const {
    return {ledger_.membership().org(), space.id, store_.actors.at(actor).id, first, previous};
}

/// Where the chain will end once what is held and the fresh envelopes before are in.
Result<Receiver::Position> Receiver::position(const SpaceState& space, ActorIndex index,
                                              const Batch& batch) {
    const Actor& actor = store_.actors.at(index);
    Position position{index, actor.last, actor.chain};
    TRELLIS_TRY(const auto held, hold_.load(space.index));
    for (const auto& each : held) {
        if (each.device != actor.device || each.incarnation != actor.incarnation) continue;
        if (each.first != position.last + 1 || each.chain.is_zero()) continue;
        TRELLIS_TRY(const auto header, crypto::parse_envelope(each.envelope));
        position.last += header.ops;
        position.chain = each.chain;
    }
    for (const auto& fresh : batch.fresh) {
        if (fresh.actor != index) continue;
        position.last = fresh.last;
        position.chain = fresh.chain;
    }
    return position;
}

/// Finds out what of a run is new, and computes its chain hashes.
Result<void> Receiver::place_run(const SpaceState& space, const crypto::EnvelopeRun& run,
                                 Batch& batch) {
    const auto id = crypto::actor_id(space.id, run.device, run.incarnation);
    TRELLIS_TRY(const auto index,
                store_.actors.intern(space.index, run.device, run.incarnation, id));
    TRELLIS_TRY(auto position, this->position(space, index, batch));
    Counter first = run.first;
    for (std::size_t at = 0; at < run.envelopes.size(); ++at) {
        TRELLIS_TRY(const auto header, crypto::parse_envelope(run.envelopes[at]));
        const Counter end = first + header.ops - 1;
        if (header.ops == 0 || end > limits::counter_max) {
            return Error{Code::corrupt, "an envelope counts its ops wrongly"};
        }
        TRELLIS_TRY(const bool goes_on, place_one(space, run, at, first, position, batch));
        if (!goes_on) return {};
        first = end + 1;
    }
    return {};
}

/// False where the rest of the run has been placed too.
Result<bool> Receiver::place_one(const SpaceState& space, const crypto::EnvelopeRun& run,
                                 std::size_t at, Counter first, Position& position, Batch& batch) {
    const Actor& actor = store_.actors.at(position.actor);
    const auto& bytes = run.envelopes[at];
    const auto takes_over = [&](const Takeover& each) {
        return each.actor == position.actor && first >= each.first;
    };
    const bool is_replaced =
        std::any_of(batch.takeovers.begin(), batch.takeovers.end(), takes_over);
    if (first <= actor.last && !is_replaced) {
        TRELLIS_TRY(const auto kept, sealed_.find(actor.index, first));
        if (!kept || !equal(kept->envelope, bytes)) {
            return place_branch(space, run, at, first, position, batch);
        }
        batch.outcome.chains.push_back(kept->chain);
        return true;
    }
    if (first > position.last) {
        TRELLIS_TRY(const auto others, branches_.ends_before(actor, first));
        if (!others.empty()) return place_branch(space, run, at, first, position, batch);
    } else if (batch.source == Source::relay) {
        TRELLIS_TRY(const bool is_held, settle_held(space, first, bytes, position, batch));
        if (is_held) return true;
    }
    if (first == position.last + 1) {
        const auto place = place_of(space, actor.index, first, position.chain);
        TRELLIS_TRY(const auto header, crypto::parse_envelope(bytes));
        const Digest next = crypto::chain_hash(place, bytes);
        position.last += header.ops;
        batch.fresh.push_back({actor.index, first, position.last, header.epoch, position.chain,
                               next, bytes});
        batch.outcome.chains.push_back(next);
        position.chain = next;
    } else if (first > position.last) {
        // Not verifiable before what lies between: kept aside, and not part of any chain.
        TRELLIS_DO(hold_.keep(space.index,
                              {run.device, run.incarnation, first, bytes, "gap", {}}));
    }
    return true;
}

Error Receiver::refuse(const crypto::EnvelopePlace& place, ActorIndex index, ByteView envelope) {
    const Actor& actor = store_.actors.at(index);
    Alarm alarm;
    alarm.kind = AlarmKind::forged;
    alarm.space = place.space;
    alarm.device = actor.device;
    alarm.subject = place.actor.hex() + ":" + std::to_string(place.first);
    alarm.evidence = envelope_evidence(place, actor.device, actor.incarnation, envelope);
    suspect_ = std::move(alarm);
    return {Code::corrupt,
            "an envelope's signature is not genuine: nothing of this delivery was taken in"};
}

/// The last envelope of each chain vouches for those before it.
Result<void> Receiver::verify_ends(const SpaceState& space, const Batch& batch) {
    std::map<ActorIndex, const Envelope*> ends;
    for (const auto& envelope : batch.fresh) ends[envelope.actor] = &envelope;
    const auto& membership = ledger_.membership();
    for (const auto& [index, envelope] : ends) {
        const auto* device = membership.device(store_.actors.at(index).device);
        if (device == nullptr) {
            return Error{Code::denied, "an envelope of a device that is not in the membership log"};
        }
        if (!crypto::verify_envelope(device->sign, membership.org(), envelope->chain,
                                     envelope->bytes)) {
            return refuse(place_of(space, index, envelope->first, envelope->previous), index,
                          envelope->bytes);
        }
    }
    return {};
}

void Receiver::Outcome::join(Outcome&& other) {
    received.envelopes += other.received.envelopes;
    received.changes += other.received.changes;
    touched.insert(other.touched.begin(), other.touched.end());
    grown.insert(grown.end(), other.grown.begin(), other.grown.end());
    heard.insert(heard.end(), other.heard.begin(), other.heard.end());
    needs_rebuild = needs_rebuild || other.needs_rebuild;
    std::move(other.own_branches.begin(), other.own_branches.end(),
              std::back_inserter(own_branches));
}

Result<Receiver::Outcome> Receiver::receive(const SpaceState& space,
                                            const std::vector<crypto::EnvelopeRun>& runs,
                                            Source source) {
    suspect_.reset();
    Batch batch;
    batch.source = source;
    for (const auto& run : runs) TRELLIS_DO(place_run(space, run, batch));
    TRELLIS_DO(verify_ends(space, batch));
    for (const auto& takeover : batch.takeovers) {
        TRELLIS_DO(take_over(space, takeover, batch.outcome));
    }
    TRELLIS_DO(apply_all(space, batch));
    TRELLIS_DO(store_.actors.save());
    if (batch.outcome.received.envelopes == 0) return std::move(batch.outcome);
    // What came in may be what others were waiting for.
    TRELLIS_DO(release_into(space, batch.outcome));
    return std::move(batch.outcome);
}

}  // namespace trellis::core
