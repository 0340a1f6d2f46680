// SPDX-License-Identifier: Apache-2.0
#include "core/store/sealer.hpp"

#include "core/base/limits.hpp"

namespace trellis::core {
namespace {

/// What we hold of others and have not yet said that we had seen.
VersionVector unsaid(const Actors& actors, const Actor& own) {
    VersionVector seen;
    for (std::size_t i = 1; i < actors.all().size(); ++i) {
        const Actor& other = actors.at(static_cast<ActorIndex>(i));
        if (other.space != own.space || other.index == own.index) continue;
        if (other.last > own.seen.counter(other.id)) seen.raise(other.id, other.last);
    }
    return seen;
}

std::size_t ops_of(const std::vector<Change>& changes) {
    std::size_t ops = 0;
    for (const auto& change : changes) ops += change.ops.size();
    return ops;
}

/// Of `newest`, what the chain has not said yet.
Witness unsaid(const Witness& newest, const Witness& said) {
    Witness witness;
    if (newest.log != said.log) witness.log = newest.log;
    if (newest.entries != said.entries) witness.entries = newest.entries;
    return witness;
}

}  // namespace

Result<std::uint32_t> Sealer::choose_epoch(const SpaceState& space) const {
    const auto& membership = ledger_.membership();
    const auto* record = membership.space(space.id);
    const auto epoch = ledger_.keyring().newest(space.id);
    const bool may_write = membership.can(ledger_.device(), space.id, crypto::right_write);
    const bool has_newest = record != nullptr && epoch == record->epoch;
    // A key of ours that may still lose the race for its place in the log is nobody's yet; a
    // first one cannot lose.
    const auto* made = membership.epoch(space.id, epoch);
    const bool is_open = epoch > 1 && made != nullptr && made->made_at >= ledger_.confirmed();
    const bool is_late = !may_write && membership.is_or_was_writer(ledger_.device(), space.id);
    if (epoch != 0 && !is_open && ((may_write && has_newest) || is_late)) return epoch;
    return Error{Code::denied, "this device may not write in the space at present: the changes "
                               "are kept and wait"};
}

Result<Bytes> Sealer::seal_next(const SpaceState& space, const Actor& own, Body& body,
                                Digest& chain) {
    TRELLIS_TRY(const auto epoch, choose_epoch(space));
    const ActorTable table{own.id, own.introduced};
    body.seen = unsaid(store_.actors, own);
    introduce_actors(table, SpaceActors(store_.actors, space.index), body);
    const Bytes packed = store_.compressor.compress(encode_body(table, body));
    const crypto::EnvelopePlace place{ledger_.membership().org(), space.id, own.id,
                                      body.changes[0].first, own.chain};
    const auto& key = keys_.get(*ledger_.keyring().key(space.id, epoch), space.id, epoch, own.id);
    const crypto::SealOrder order{place, epoch, static_cast<std::uint16_t>(ops_of(body.changes)),
                                  packed};
    TRELLIS_TRY(auto envelope, crypto::seal(order, key, ledger_.key(), store_.env));
    chain = crypto::chain_hash(place, envelope);
    return envelope;
}

/// In the caller's transaction.
Result<void> Sealer::keep(const SpaceState& space, ActorIndex own, const Body& body,
                          const Digest& chain, ByteView envelope) {
    const Counter first = body.changes[0].first;
    const Counter last = body.changes.back().last();
    TRELLIS_DO(sealed_.keep(own, first, chain, envelope));
    TRELLIS_DO(tail_.drop(own, last));
    store_.actors.advance(own, last, chain, body.introduced);
    store_.actors.note_seen(own, body.seen);
    store_.actors.note_witness(own, body.witness);
    TRELLIS_DO(store_.actors.save());
    if (counts(ledger_.membership(), space.id, store_.actors.at(own), last, chain)) return {};
    TRELLIS_DO(aside_.keep(row_id(own, first)));
    TRELLIS_TRY(const auto waiting, tail_.last(own));
    return waiting > 0 ? Result<void>{} : aside_.drop(row_id(own, 0));
}

Result<std::size_t> Sealer::seal(const SpaceState& space, ActorIndex own, const Witness& newest) {
    std::size_t count = 0;
    for (;;) {
        const Actor& actor = store_.actors.at(own);
        Body body;
        TRELLIS_TRY(body.changes, tail_.load(own, actor.last, limits::envelope_seal_at));
        if (body.changes.empty()) return count;
        body.witness = unsaid(newest, actor.witness);
        Digest chain;
        TRELLIS_TRY(const Bytes envelope, seal_next(space, actor, body, chain));
        TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_.database));
        auto done = keep(space, own, body, chain, envelope);
        if (done) done = transaction.commit();
        if (!done) {
            store_.roll_back();
            return std::move(done).error();
        }
        ++count;
    }
}

}  // namespace trellis::core
