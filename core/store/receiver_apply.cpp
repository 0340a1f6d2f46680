// SPDX-License-Identifier: Apache-2.0
// Opening envelopes that stand in their place, merging those that count, and letting go of what
// waited for them.
#include "core/base/limits.hpp"
#include "core/store/receiver.hpp"

namespace trellis::core {

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

Result<Body> Receiver::open(const SpaceState& space, const Envelope& envelope,
                            const crypto::Key& epoch_key) {
    const Actor& actor = store_.actors.at(envelope.actor);
    const auto& key = keys_.get(epoch_key, space.id, envelope.epoch, actor.id);
    const auto place = place_of(space, envelope.actor, envelope.first, envelope.previous);
    TRELLIS_TRY(const Bytes packed, crypto::open(place, key, envelope.bytes));
    TRELLIS_TRY(const Bytes plain,
                store_.compressor.decompress(packed, limits::envelope_plain_max));
    TRELLIS_TRY(auto body, decode_body({actor.id, actor.introduced}, envelope.first, plain));
    if (body.changes.empty() || body.changes.back().last() != envelope.last) {
        return Error{Code::corrupt, "an envelope's header and its content disagree"};
    }
    return body;
}

/// False where the envelope has to wait.
Result<bool> Receiver::apply_one(const SpaceState& space, const Envelope& envelope,
                                 Applier& applier, Outcome& outcome) {
    const Actor& actor = store_.actors.at(envelope.actor);
    if (actor.last + 1 != envelope.first) {
        TRELLIS_DO(hold(space, envelope, "gap"));
        return false;
    }
    // Not even set aside: what others write would build on what no honest relay hands around.
    if (!ledger_.membership().is_or_was_writer(actor.device, space.id)) {
        TRELLIS_DO(hold(space, envelope, "rights"));
        return false;
    }
    const auto* epoch_key = ledger_.keyring().key(space.id, envelope.epoch);
    if (epoch_key == nullptr) {
        TRELLIS_DO(hold(space, envelope, "key"));
        return false;
    }
    auto opened = open(space, envelope, *epoch_key);
    if (!opened) {
        // Genuinely signed, so its author wrote it so: that must not keep the others' work out.
        TRELLIS_DO(hold(space, envelope, "unreadable"));
        return false;
    }
    Body body = *std::move(opened);
    TRELLIS_TRY(const bool waiting, is_waiting(envelope, body));
    if (waiting) {
        TRELLIS_DO(hold(space, envelope, "depends"));
        return false;
    }
    store_.actors.advance(envelope.actor, envelope.last, envelope.chain, body.introduced);
    store_.actors.note_seen(envelope.actor, body.seen);
    if (!body.witness.is_empty()) {
        outcome.heard.push_back({envelope.actor, envelope.first, body.witness});
    }
    const bool does_count = counts(ledger_.membership(), space.id, actor, envelope.last,
                                   envelope.chain);
    if (!does_count) {
        // Known, and part of its chain, so that others may build on it; but not shown.
        TRELLIS_DO(aside_.keep(row_id(envelope.actor, envelope.first)));
        if (contradicts_cutoff(ledger_.membership(), space.id, actor, envelope.last,
                               envelope.chain)) {
            TRELLIS_DO(report_fork(space, envelope));
        }
    } else if (!outcome.needs_rebuild) {
        const VersionVector author_saw = actor.seen;
        for (auto& change : body.changes) {
            TRELLIS_DO(applier.apply(envelope.actor, change, &author_saw));
        }
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

Result<void> Receiver::release_one(const SpaceState& space, const Hold::Held& held,
                                   Outcome& outcome) {
    Batch batch;
    batch.source = Source::courier;
    batch.outcome.needs_rebuild = outcome.needs_rebuild;
    const crypto::EnvelopeRun run{held.device, held.incarnation, held.first, {held.envelope}};
    auto placed = place_run(space, run, batch);
    if (placed) placed = verify_ends(space, batch);
    if (!placed && placed.error().code == Code::corrupt) {
        // Not what its author put there: somebody made it up, or the other branch has the name.
        suspect_.reset();
        TRELLIS_TRY(const auto actor, store_.actors.intern(
            space.index, held.device, held.incarnation,
            crypto::actor_id(space.id, held.device, held.incarnation)));
        return set_aside(space, actor, held);
    }
    TRELLIS_DO(placed);
    TRELLIS_DO(apply_all(space, batch));
    outcome.join(std::move(batch.outcome));
    return {};
}

Result<Receiver::Outcome> Receiver::release(const SpaceState& space) {
    Outcome outcome;
    TRELLIS_DO(release_into(space, outcome));
    return outcome;
}

Result<void> Receiver::release_into(const SpaceState& space, Outcome& outcome) {
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
            const auto before = outcome.received.envelopes;
            TRELLIS_DO(release_one(space, each, outcome));
            progress = progress || outcome.received.envelopes > before;
        }
    }
    return store_.actors.save();
}

}  // namespace trellis::core
