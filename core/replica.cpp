// SPDX-License-Identifier: Apache-2.0
#include "core/replica.hpp"

namespace trellis::core {

Replica::Replica(std::unique_ptr<Store> store, Env& env)
    : env_(env)
    , store_(std::move(store))
    , clock_(env)
    , ledger_(*store_)
    , tail_(*store_)
    , sealed_(*store_)
    , hold_(*store_)
    , sealer_(*store_, ledger_, tail_, sealed_)
    , receiver_(*store_, ledger_, sealed_, hold_)
    , aside_(*store_, ledger_, sealed_)
    , alarms_(*store_)
    , log_heads_(*store_)
    , ahead_(*store_)
    , lacked_(*store_) {}

Result<std::unique_ptr<Replica>> Replica::open(ReplicaOptions options, Env& env) {
    TRELLIS_TRY(auto store, Store::open(options.database, std::move(options.schema), env));
    std::unique_ptr<Replica> replica(new Replica(std::move(store), env));
    replica->custody_ = options.custody;
    TRELLIS_DO(replica->load());
    TRELLIS_DO(replica->check_custody(options.custody));
    return replica;
}

Result<void> Replica::load() {
    TRELLIS_DO(ledger_.load());
    TRELLIS_TRY(const auto url, store_->meta("url"));
    if (url) url_ = as_text(*url);
    TRELLIS_TRY(const auto clock, store_->meta("clock"));
    if (clock) clock_.restore(*clock);
    if (has_org()) {
        TRELLIS_DO(follow_ledger());
        return release_waiting();
    }
    if (store_->spaces.all().size() == 1) return {};  // only the unused first
    return Error{Code::corrupt, "this database holds spaces of an organisation, and no entry of "
                                "its membership log: restore a backup, or join anew in another file"};
}

/// Brings everything in line with the membership log: the spaces it lets us read, the actor we
/// may write as, and the rows that count.
Result<void> Replica::follow_ledger() {
    are_signs_due_ = true;
    TRELLIS_DO(follow_shreds());
    TRELLIS_DO(follow_spaces());
    TRELLIS_DO(follow_rights());
    return settle_rows();
}

std::vector<SpaceId> Replica::new_spaces() const {
    std::vector<SpaceId> fresh;
    for (const auto& space : membership().spaces_of(device())) {
        if (store_->spaces.find(space) == nullptr) fresh.push_back(space);
    }
    return fresh;
}

/// In the caller's transaction.
Result<void> Replica::enter_spaces(const std::vector<SpaceId>& fresh) {
    for (const auto& space : fresh) {
        const auto own = new_incarnation(space, {});
        TRELLIS_TRY(const auto index, store_->spaces.intern(space, own));
        static_cast<void>(index);
    }
    return {};
}

Result<void> Replica::follow_spaces() {
    const auto fresh = new_spaces();
    if (fresh.empty()) return {};
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_->database));
    auto done = enter_spaces(fresh);
    if (done) done = transaction.commit();
    if (!done) store_->roll_back();
    return done;
}

Result<const SpaceState*> Replica::known_space(const SpaceId& space) const {
    if (has_org() && membership().shredded(space) != nullptr) {
        return Error{Code::denied, "space " + space.hex() + " was shredded: nothing of it is kept, "
                                   "and nothing is taken in; write in another"};
    }
    if (const auto* state = store_->spaces.find(space)) return state;
    return Error{Code::not_found, "this device does not belong to space " + space.hex()};
}

Result<ActorIndex> Replica::own_actor(const SpaceState& space) {
    const auto id = crypto::actor_id(space.id, device(), space.own);
    return store_->actors.intern(space.index, device(), space.own, id);
}

Result<Counter> Replica::next_counter(ActorIndex own) {
    const auto known = next_.find(own);
    if (known != next_.end()) return known->second;
    TRELLIS_TRY(const auto waiting, tail_.last(own));
    return std::max(store_->actors.at(own).last, waiting) + 1;
}

Result<Place> Replica::place_of(const RecordId& record) {
    std::vector<SpaceIndex> all;
    for (std::size_t i = 1; i < store_->spaces.all().size(); ++i) {
        all.push_back(static_cast<SpaceIndex>(i));
    }
    TRELLIS_TRY(const auto place, store_->records.find(record, all));
    if (place) return *place;
    return Error{Code::not_found, "there is no record " + record.hex() + " here"};
}

Result<Ack> Replica::ack(const Dot& dot) {
    for (std::size_t i = 1; i < store_->spaces.all().size(); ++i) {
        const auto& space = store_->spaces.at(static_cast<SpaceIndex>(i));
        const auto* actor = store_->actors.find(space.index, dot.actor);
        if (actor == nullptr) continue;
        const bool is_own = actor->device == device();
        if (is_own && actor->incarnation == space.own) {
            TRELLIS_TRY(const auto next, next_counter(actor->index));
            if (dot.counter >= next) break;
            if (dot.counter <= space.seen) return Ack::seen;
            return dot.counter <= space.stored ? Ack::stored : Ack::saved;
        }
        if (dot.counter > actor->last) break;
        // We are another device than the author, and we have it.
        return is_own ? Ack::stored : Ack::seen;
    }
    return Error{Code::not_found, "there is no change " + to_string(dot) + " here"};
}

Result<VersionVector> Replica::version(const SpaceId& space) {
    TRELLIS_TRY(const auto* state, known_space(space));
    VersionVector version;
    const auto& actors = store_->actors.all();
    for (std::size_t i = 1; i < actors.size(); ++i) {
        if (actors[i].space != state->index || actors[i].device.is_zero()) continue;
        const bool is_own = actors[i].device == device() && actors[i].incarnation == state->own;
        Counter last = actors[i].last;
        if (is_own) {
            TRELLIS_TRY(const auto next, next_counter(actors[i].index));
            last = next - 1;
        }
        if (last > 0) version.raise(actors[i].id, last);
    }
    return version;
}

}  // namespace trellis::core
