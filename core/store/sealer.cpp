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

}  // namespace

Result<Bytes> Sealer::seal_next(const SpaceState& space, const Actor& own, Body& body,
                                Digest& chain) {
    const auto& membership = ledger_.membership();
    const auto* record = membership.space(space.id);
    const auto epoch = ledger_.keyring().newest(space.id);
    if (record == nullptr || epoch == 0 || epoch != record->epoch ||
        !membership.can(ledger_.device(), space.id, crypto::right_write)) {
        return Error{Code::denied, "this device may not write in the space at present: the changes "
                                   "are kept and wait"};
    }
    const ActorTable table{own.id, own.introduced};
    body.seen = unsaid(store_.actors, own);
    introduce_actors(table, SpaceActors(store_.actors, space.index), body);
    const Bytes packed = store_.compressor.compress(encode_body(table, body));
    const crypto::EnvelopePlace place{membership.org(), space.id, own.id, body.changes[0].first,
                                      own.chain};
    const auto& key = keys_.get(*ledger_.keyring().key(space.id, epoch), space.id, epoch, own.id);
    const crypto::SealOrder order{place, epoch, static_cast<std::uint16_t>(ops_of(body.changes)),
                                  packed};
    TRELLIS_TRY(auto envelope, crypto::seal(order, key, ledger_.key(), store_.env));
    chain = crypto::chain_hash(place, envelope);
    return envelope;
}

Result<std::size_t> Sealer::seal(const SpaceState& space, ActorIndex own) {
    std::size_t count = 0;
    for (;;) {
        const Actor& actor = store_.actors.at(own);
        Body body;
        TRELLIS_TRY(body.changes, tail_.load(own, actor.last, limits::envelope_seal_at));
        if (body.changes.empty()) return count;
        Digest chain;
        TRELLIS_TRY(const Bytes envelope, seal_next(space, actor, body, chain));
        const Counter last = body.changes.back().last();
        TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_.database));
        TRELLIS_DO(sealed_.keep(own, body.changes[0].first, chain, envelope));
        TRELLIS_DO(tail_.drop(own, last));
        store_.actors.advance(own, last, chain, body.introduced);
        store_.actors.note_seen(own, body.seen);
        auto done = store_.actors.save();
        if (done) done = transaction.commit();
        if (!done) {
            store_.roll_back();
            return std::move(done).error();
        }
        ++count;
    }
}

}  // namespace trellis::core
