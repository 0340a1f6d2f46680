// SPDX-License-Identifier: Apache-2.0
// Two copies of one database have written under one name. The branch in the relay's log keeps
// the name; another device's other branch is kept aside, and our own is said again under a new
// one.
#include <algorithm>

#include "core/store/receiver.hpp"
#include "core/store/replay.hpp"

namespace trellis::core {

/// The rest of a run as a genuine continuation of the chain's common past or of a branch that
/// is known already; `corrupt` where no such past makes its signature come out.
Result<std::vector<Receiver::Envelope>> Receiver::read_branch(const SpaceState& space,
                                                              const crypto::EnvelopeRun& run,
                                                              std::size_t at, Counter first,
                                                              ActorIndex index) {
    const auto& membership = ledger_.membership();
    const auto* device = membership.device(run.device);
    if (device == nullptr) {
        return Error{Code::denied, "an envelope of a device that is not in the membership log"};
    }
    TRELLIS_TRY(auto pasts, branches_.ends_before(store_.actors.at(index), first));
    TRELLIS_TRY(const auto shared, sealed_.chain_before(index, first));
    if (shared) pasts.insert(pasts.begin(), *shared);
    for (const auto& past : pasts) {
        std::vector<Envelope> branch;
        Counter next = first;
        Digest chain = past;
        for (std::size_t i = at; i < run.envelopes.size(); ++i) {
            TRELLIS_TRY(const auto header, crypto::parse_envelope(run.envelopes[i]));
            const auto place = place_of(space, index, next, chain);
            const Digest after = crypto::chain_hash(place, run.envelopes[i]);
            branch.push_back({index, next, next + header.ops - 1, header.epoch, chain, after,
                              run.envelopes[i]});
            next += header.ops;
            chain = after;
        }
        const auto& end = branch.back();
        if (crypto::verify_envelope(device->sign, membership.org(), end.chain, end.bytes)) {
            return branch;
        }
    }
    return refuse(place_of(space, index, first, pasts.empty() ? Digest() : pasts.front()), index,
                  run.envelopes[at]);
}

/// The membership log says where this actor's work ends, and ours is the history that it means.
Result<bool> Receiver::is_vouched(const SpaceState& space, const Actor& actor) {
    const auto* cutoff = ledger_.membership().cutoff(space.id, actor.id, actor.device);
    if (cutoff == nullptr || cutoff->counter == 0 || cutoff->counter > actor.last) return false;
    TRELLIS_TRY(const auto held, sealed_.chain_before(actor.index, cutoff->counter + 1));
    return held && *held == cutoff->chain;
}

Result<void> Receiver::report_fork(const SpaceState& space, const Envelope& envelope) {
    const Actor& actor = store_.actors.at(envelope.actor);
    const auto place = place_of(space, envelope.actor, envelope.first, envelope.previous);
    Alarm alarm;
    alarm.kind = AlarmKind::fork;
    alarm.space = space.id;
    alarm.device = actor.device;
    alarm.subject = actor.id.hex() + ":" + std::to_string(envelope.first);
    alarm.evidence = envelope_evidence(place, actor.device, actor.incarnation, envelope.bytes);
    TRELLIS_TRY(const auto ours, sealed_.find(envelope.actor, envelope.first));
    if (ours) {
        alarm.evidence.set("other", envelope_evidence(place, actor.device, actor.incarnation,
                                                      ours->envelope));
    }
    return alarms_.raise(alarm);
}

/// Places the rest of a run that is not what we hold at its place. False: all of it is placed.
Result<bool> Receiver::place_branch(const SpaceState& space, const crypto::EnvelopeRun& run,
                                    std::size_t at, Counter first, Position& position,
                                    Batch& batch) {
    TRELLIS_TRY(const auto branch, read_branch(space, run, at, first, position.actor));
    const Actor& actor = store_.actors.at(position.actor);
    if (branch.front().previous == position.chain && first == position.last + 1) {
        // It was ours all along; other branches only end where it begins.
        for (const auto& envelope : branch) {
            batch.fresh.push_back(envelope);
            batch.outcome.chains.push_back(envelope.chain);
        }
        return false;
    }
    TRELLIS_DO(report_fork(space, branch.front()));
    for (const auto& envelope : branch) batch.outcome.chains.push_back(envelope.chain);
    TRELLIS_TRY(const auto shared, sealed_.chain_before(actor.index, first));
    TRELLIS_TRY(const bool vouched, is_vouched(space, actor));
    const bool keeps_name = batch.source == Source::relay && !vouched && shared &&
                            *shared == branch.front().previous;
    if (keeps_name) {
        batch.takeovers.push_back({actor.index, first, *shared});
        std::erase_if(batch.fresh, [&](const Envelope& fresh) {
            return fresh.actor == actor.index && fresh.first >= first;
        });
        batch.fresh.insert(batch.fresh.end(), branch.begin(), branch.end());
        return false;
    }
    TRELLIS_TRY(const bool full, branches_.is_full(space.index));
    if (full) return false;
    for (const auto& envelope : branch) {
        TRELLIS_DO(branches_.keep(space.index, {run.device, run.incarnation, envelope.first,
                                                envelope.chain, to_bytes(envelope.bytes)}));
    }
    return false;
}

/// The relay's log has this envelope where one is held back: true where they are the same. Where
/// not, that one is of a branch that has lost its name, as is what waits behind it, and no longer
/// stands in the chain's way.
Result<bool> Receiver::settle_held(const SpaceState& space, Counter first, ByteView envelope,
                                   Position& position, Batch& batch) {
    const Actor& actor = store_.actors.at(position.actor);
    TRELLIS_TRY(const auto held, hold_.load(space.index));
    for (const auto& each : held) {
        if (each.device != actor.device || each.incarnation != actor.incarnation) continue;
        if (each.first < first || each.chain.is_zero()) continue;
        if (each.first == first && equal(each.envelope, envelope)) {
            batch.outcome.chains.push_back(each.chain);
            return true;
        }
        TRELLIS_DO(set_aside(space, position.actor, each));
    }
    TRELLIS_TRY(position, this->position(space, position.actor, batch));
    return false;
}

/// Out of the hold, and kept as a branch where it is genuine.
Result<void> Receiver::set_aside(const SpaceState& space, ActorIndex actor,
                                 const Hold::Held& held) {
    TRELLIS_DO(hold_.drop(space.index, held));
    Digest chain = held.chain;
    if (chain.is_zero()) {
        const crypto::EnvelopeRun run{held.device, held.incarnation, held.first, {held.envelope}};
        const auto branch = read_branch(space, run, 0, held.first, actor);
        suspect_.reset();
        if (!branch) return {};  // nobody signed it to stand after anything that is known
        chain = branch->front().chain;
    }
    return branches_.keep(space.index, {held.device, held.incarnation, held.first, chain,
                                        held.envelope});
}

/// Moves our branch out of the way of the one that keeps the name.
Result<void> Receiver::take_over(const SpaceState& space, const Takeover& takeover,
                                 Outcome& outcome) {
    const Actor actor = store_.actors.at(takeover.actor);
    Actors::ChainState before{takeover.first - 1, takeover.before, {}, {}};
    OwnBranch own{actor.index, takeover.first - 1, {}};
    Replay replay(store_, ledger_, sealed_);
    const Replay::Visit visit = [&](Replay::Step& step) -> Result<void> {
        auto& changes = step.body.changes;
        if (changes.back().last() < takeover.first) {
            before.introduced.insert(before.introduced.end(), step.body.introduced.begin(),
                                     step.body.introduced.end());
            before.seen.join(step.body.seen);
        } else {
            std::move(changes.begin(), changes.end(), std::back_inserter(own.changes));
        }
        return {};
    };
    TRELLIS_DO(replay.walk(space, actor.index, visit));
    const bool is_own = actor.device == ledger_.device();
    if (!is_own) {
        TRELLIS_TRY(const auto lost, sealed_.load(actor.index, before.last, SIZE_MAX));
        for (const auto& kept : lost) {
            TRELLIS_DO(branches_.keep(space.index, {actor.device, actor.incarnation, kept.first,
                                                    kept.chain, kept.envelope}));
        }
    }
    TRELLIS_DO(sealed_.drop_from(actor.index, takeover.first));
    store_.actors.retreat(actor.index, std::move(before));
    outcome.needs_rebuild = true;
    if (is_own) outcome.own_branches.push_back(std::move(own));
    return {};
}

}  // namespace trellis::core
