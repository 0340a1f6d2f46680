// SPDX-License-Identifier: Apache-2.0
#include "core/store/receiver.hpp"

#include <map>

#include "core/base/limits.hpp"

namespace trellis::core {

/// The chain hash of an envelope at a place we already know; `fork` where ours is another.
Result<Digest> Receiver::known_chain(const Actor& actor, Counter first, ByteView envelope) {
    TRELLIS_TRY(const auto kept, sealed_.find(actor.index, first));
    if (kept && equal(kept->envelope, envelope)) return kept->chain;
    return Error{Code::fork, "device " + actor.device.hex() +
                             " has signed two different histories: an administrator must look"};
}

/// Moves (last, chain) over envelopes that follow directly and wait for something else.
Result<void> Receiver::follow_held(const SpaceState& space, const Actor& actor, Counter& last,
                                   Digest& chain) {
    TRELLIS_TRY(const auto held, hold_.load(space.index));
    for (const auto& each : held) {
        if (each.device != actor.device || each.incarnation != actor.incarnation) continue;
        if (each.first != last + 1 || each.chain.is_zero()) continue;
        TRELLIS_TRY(const auto header, crypto::parse_envelope(each.envelope));
        last += header.ops;
        chain = each.chain;
    }
    return {};
}

/// Finds out what of a run is new, and computes its chain hashes.
Result<void> Receiver::place_run(const SpaceState& space, const crypto::EnvelopeRun& run,
                                 Batch& batch) {
    const auto& membership = ledger_.membership();
    const auto id = crypto::actor_id(space.id, run.device, run.incarnation);
    TRELLIS_TRY(const auto index, store_.actors.intern(space.index, run.device, run.incarnation, id));
    const Actor& actor = store_.actors.at(index);
    // Where the chain will end once what is held and the fresh envelopes before this one are in.
    Counter last = actor.last;
    Digest chain = actor.chain;
    TRELLIS_DO(follow_held(space, actor, last, chain));
    for (const auto& fresh : batch.fresh) {
        if (fresh.actor == index) {
            last = fresh.last;
            chain = fresh.chain;
        }
    }
    Counter first = run.first;
    for (const auto& bytes : run.envelopes) {
        TRELLIS_TRY(const auto header, crypto::parse_envelope(bytes));
        const Counter end = first + header.ops - 1;
        if (header.ops == 0 || end > limits::counter_max) {
            return Error{Code::corrupt, "an envelope counts its ops wrongly"};
        }
        if (first <= actor.last) {
            TRELLIS_TRY(const auto known, known_chain(actor, first, bytes));
            batch.outcome.chains.push_back(known);
        } else if (first == last + 1) {
            const crypto::EnvelopePlace place{membership.org(), space.id, id, first, chain};
            const Digest next = crypto::chain_hash(place, bytes);
            batch.fresh.push_back({index, first, end, header.epoch, chain, next, bytes});
            batch.outcome.chains.push_back(next);
            last = end;
            chain = next;
        } else if (first > last + 1) {
            // Not verifiable before what lies between: kept aside, and not part of any chain.
            TRELLIS_DO(hold_.keep(space.index, {run.device, run.incarnation, first, bytes, "gap", {}}));
        }
        first = end + 1;
    }
    return {};
}

/// The last envelope of each chain vouches for those before it.
Result<void> Receiver::verify_ends(const Batch& batch) {
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
            return Error{Code::corrupt, "an envelope's signature is not genuine: nothing of this "
                                        "delivery was taken in"};
        }
    }
    return {};
}

Result<void> Receiver::hold(const SpaceState& space, const Envelope& envelope,
                            std::string_view reason) {
    const Actor& actor = store_.actors.at(envelope.actor);
    return hold_.keep(space.index, {actor.device, actor.incarnation, envelope.first,
                                    to_bytes(envelope.bytes), std::string(reason), envelope.chain});
}

Result<bool> Receiver::is_waiting(const Envelope& envelope, const Body& body) {
    const auto space = store_.actors.at(envelope.actor).space;
    for (const auto& entry : body.seen.entries()) {
        const auto* other = store_.actors.find(space, entry.actor);
        if (other == nullptr || other->last < entry.counter) return true;
    }
    return false;
}

/// False where the envelope has to wait.
Result<bool> Receiver::apply_one(const SpaceState& space, const Envelope& envelope,
                                 Applier& applier, Outcome& outcome) {
    const Actor& actor = store_.actors.at(envelope.actor);
    if (actor.last + 1 != envelope.first) {
        TRELLIS_DO(hold(space, envelope, "gap"));
        return false;
    }
    const auto* epoch_key = ledger_.keyring().key(space.id, envelope.epoch);
    if (epoch_key == nullptr) {
        TRELLIS_DO(hold(space, envelope, "key"));
        return false;
    }
    const auto& key = keys_.get(*epoch_key, space.id, envelope.epoch, actor.id);
    const crypto::EnvelopePlace place{ledger_.membership().org(), space.id, actor.id,
                                      envelope.first, envelope.previous};
    TRELLIS_TRY(const Bytes packed, crypto::open(place, key, envelope.bytes));
    TRELLIS_TRY(const Bytes plain,
                store_.compressor.decompress(packed, limits::envelope_plain_max));
    TRELLIS_TRY(auto body, decode_body({actor.id, actor.introduced}, envelope.first, plain));
    if (body.changes.empty() || body.changes.back().last() != envelope.last) {
        return Error{Code::corrupt, "an envelope's header and its content disagree"};
    }
    TRELLIS_TRY(const bool waiting, is_waiting(envelope, body));
    if (waiting) {
        TRELLIS_DO(hold(space, envelope, "depends"));
        return false;
    }
    store_.actors.advance(envelope.actor, envelope.last, envelope.chain, body.introduced);
    store_.actors.note_seen(envelope.actor, body.seen);
    const VersionVector author_saw = store_.actors.at(envelope.actor).seen;
    for (auto& change : body.changes) {
        TRELLIS_DO(applier.apply(envelope.actor, change, &author_saw));
    }
    TRELLIS_DO(sealed_.keep(envelope.actor, envelope.first, envelope.chain, envelope.bytes));
    ++outcome.received.envelopes;
    outcome.received.changes += body.changes.size();
    outcome.grown.emplace_back(envelope.actor, envelope.last);
    return true;
}

Result<void> Receiver::apply_all(const SpaceState& space, Batch& batch) {
    Applier applier(store_.records, store_.links, store_.actors);
    for (const auto& envelope : batch.fresh) {
        TRELLIS_TRY(const bool applied, apply_one(space, envelope, applier, batch.outcome));
        static_cast<void>(applied);
    }
    TRELLIS_DO(applier.finish());
    batch.outcome.touched.insert(applier.touched().begin(), applier.touched().end());
    return {};
}

Result<Receiver::Outcome> Receiver::receive(const SpaceState& space,
                                            const std::vector<crypto::EnvelopeRun>& runs) {
    Batch batch;
    for (const auto& run : runs) TRELLIS_DO(place_run(space, run, batch));
    TRELLIS_DO(verify_ends(batch));
    TRELLIS_DO(apply_all(space, batch));
    TRELLIS_DO(store_.actors.save());
    if (batch.outcome.received.envelopes == 0) return std::move(batch.outcome);
    // What came in may be what others were waiting for.
    TRELLIS_TRY(auto released, release(space));
    batch.outcome.received.envelopes += released.received.envelopes;
    batch.outcome.received.changes += released.received.changes;
    batch.outcome.touched.insert(released.touched.begin(), released.touched.end());
    batch.outcome.grown.insert(batch.outcome.grown.end(), released.grown.begin(),
                               released.grown.end());
    return std::move(batch.outcome);
}

Result<Receiver::Outcome> Receiver::release(const SpaceState& space) {
    Outcome outcome;
    for (bool progress = true; progress;) {
        progress = false;
        TRELLIS_TRY(const auto held, hold_.load(space.index));
        for (const auto& each : held) {
            const auto* actor = store_.actors.find(
                space.index, crypto::actor_id(space.id, each.device, each.incarnation));
            const Counter last = actor == nullptr ? 0 : actor->last;
            if (each.first > last + 1) continue;
            TRELLIS_DO(hold_.drop(space.index, each));
            if (each.first <= last) continue;
            Batch batch;
            const crypto::EnvelopeRun run{each.device, each.incarnation, each.first,
                                          {each.envelope}};
            TRELLIS_DO(place_run(space, run, batch));
            TRELLIS_DO(verify_ends(batch));
            TRELLIS_DO(apply_all(space, batch));
            const bool applied = batch.outcome.received.envelopes > 0;
            progress = progress || applied;
            outcome.received.envelopes += batch.outcome.received.envelopes;
            outcome.received.changes += batch.outcome.received.changes;
            outcome.touched.insert(batch.outcome.touched.begin(), batch.outcome.touched.end());
            outcome.grown.insert(outcome.grown.end(), batch.outcome.grown.begin(),
                                 batch.outcome.grown.end());
        }
    }
    TRELLIS_DO(store_.actors.save());
    return outcome;
}

}  // namespace trellis::core
