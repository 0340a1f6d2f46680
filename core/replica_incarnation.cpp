// SPDX-License-Identifier: Apache-2.0
// Under which name this database writes. A copy, a database that has gone back in time and a
// branch that has lost its name all go on under a new one, and nothing they said is lost.
#include "core/codec/byte_writer.hpp"
#include "core/replica.hpp"
#include "core/store/rename.hpp"
#include "crypto/primitive/hash.hpp"

namespace trellis::core {

/// Random, and hedged as salts are: with a dead random source too, two copies of one database
/// take different names, because what each has written and where it lives go in.
Incarnation Replica::new_incarnation(const SpaceId& space, const Incarnation& before) {
    ByteWriter mix;
    ByteArray<16> random{};
    env_.random(random);
    mix.raw(random);
    mix.raw(space.view());
    mix.raw(before.view());
    const auto* actor = find_own(space, before);
    mix.raw((actor == nullptr ? Digest() : actor->chain).view());
    mix.u64(static_cast<std::uint64_t>(env_.wall_time()));
    mix.u64(static_cast<std::uint64_t>(env_.monotonic_time()));
    mix.u64(env_.boot_id());
    mix.u64(store_->actors.all().size());
    mix.raw(as_bytes(custody_));
    const auto hash = crypto::keyed_hash<16>(device_key().nonce_key(), crypto::Label::incarnation,
                                             {mix.view()});
    return Incarnation::from(ByteView(hash).first(Incarnation::size));
}

const Actor* Replica::find_own(const SpaceId& id, const Incarnation& incarnation) const {
    const auto* space = store_->spaces.find(id);
    if (space == nullptr) return nullptr;
    return store_->actors.find(space->index, crypto::actor_id(id, device(), incarnation));
}

/// Where this database lives is not where it was last written: it is a copy.
Result<void> Replica::check_custody(const std::string& custody) {
    if (custody.empty()) return {};
    TRELLIS_TRY(const auto known, store_->meta("custody"));
    if (known && equal(*known, as_bytes(custody))) return {};
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_->database));
    auto done = store_->set_meta("custody", as_bytes(custody));
    if (done && known && !known->empty() && has_org()) {
        env_.log("replica.copied", device().hex());
        done = renew_all();
    }
    if (done) done = transaction.commit();
    if (!done) store_->roll_back();
    return done;
}

Result<void> Replica::keep_custody(const std::string& custody) {
    custody_ = custody;
    return store_->set_meta("custody", as_bytes(custody));
}

/// The space's next actor. What its last one has sealed stays as it is, and still goes up.
Result<ActorIndex> Replica::next_actor(SpaceState& space) {
    TRELLIS_TRY(const auto before, own_actor(space));
    const Counter sealed = store_->actors.at(before).last;
    if (sealed > space.stored) {
        TRELLIS_TRY(auto keep, store_->database.prepare(
            "INSERT OR REPLACE INTO _former(actor, stored) VALUES(?1,?2)"));
        keep.bind(1, std::int64_t{before}).bind(2, static_cast<std::int64_t>(space.stored));
        TRELLIS_DO(keep.run());
        TRELLIS_DO(set_doubt(space, Doubt::left));
    }
    // Places of another actor's envelopes say nothing about this one's.
    TRELLIS_DO(store_->database.run("DELETE FROM _own_place WHERE space=" +
                                    std::to_string(space.index)));
    space.own = new_incarnation(space.id, space.own);
    space.stored = 0;
    space.seen = 0;
    TRELLIS_DO(store_->spaces.save(space));
    next_.erase(before);
    return own_actor(space);
}

/// Writes from now on as a new actor. Changes that are not sealed have been seen by nobody:
/// they are said again by the new actor, and the records they made get its names. In the
/// caller's transaction.
Result<void> Replica::start_incarnation(SpaceState space) {
    TRELLIS_TRY(const auto before, own_actor(space));
    const Counter sealed = store_->actors.at(before).last;
    TRELLIS_TRY(auto tail, tail_.load_all(before, sealed));
    TRELLIS_TRY(const auto after, next_actor(space));
    if (!tail.empty()) {
        const Renaming renaming{store_->actors.at(before).id, sealed, store_->actors.at(after).id};
        TRELLIS_DO(tail_.drop(before, tail.back().last()));
        for (auto& change : tail) {
            rename(change, renaming);
            TRELLIS_DO(tail_.keep(after, change));
        }
        TRELLIS_DO(rebuild_rows(space, after, tail));
    }
    return store_->actors.save();
}

/// Says a branch of ours that has lost its name again, under a new one, before what is not
/// sealed yet. In the caller's transaction; rows are to be made anew afterwards.
Result<void> Replica::say_again(SpaceState space, Receiver::OwnBranch& branch) {
    TRELLIS_TRY(const auto before, own_actor(space));
    const Counter sealed = store_->actors.at(before).last;
    TRELLIS_TRY(auto tail, tail_.load_all(before, 0));
    TRELLIS_DO(tail_.drop(before, tail.empty() ? 0 : tail.back().last()));
    TRELLIS_TRY(const auto after, next_actor(space));
    const ActorId fresh = store_->actors.at(after).id;
    const Renaming lost{store_->actors.at(branch.actor).id, branch.after, fresh};
    Counter last = 0;
    for (auto& change : branch.changes) {
        rename(change, lost);
        last = change.last();
        TRELLIS_DO(tail_.keep(after, change));
    }
    const Renaming unsealed{store_->actors.at(before).id, sealed, fresh, last};
    for (auto& change : tail) {
        if (before == branch.actor) {
            rename(change, lost);
        } else {
            rename_mentions(change, lost);
            rename(change, unsealed);
        }
        TRELLIS_DO(tail_.keep(after, change));
    }
    // The chain is now the relay's own: nothing of it is left to send.
    return store_->database.run("DELETE FROM _former WHERE actor=" +
                                std::to_string(branch.actor));
}

Result<void> Replica::renew_all() {
    for (std::size_t i = 1; i < store_->spaces.all().size(); ++i) {
        TRELLIS_DO(start_incarnation(store_->spaces.at(static_cast<SpaceIndex>(i))));
    }
    return {};
}

Result<void> Replica::become_new_incarnation() {
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_->database));
    auto done = renew_all();
    if (done) done = transaction.commit();
    if (!done) store_->roll_back();
    return done;
}

Result<void> Replica::rolled_back(const SpaceId& id) {
    TRELLIS_TRY(const auto* known, known_space(id));
    const SpaceState space = *known;
    env_.log("replica.rolled_back", id.hex());
    const auto* actor = find_own(id, space.own);
    const bool is_open = actor != nullptr && actor->last > space.stored;
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_->database));
    auto done = start_incarnation(space);
    if (done && is_open) done = set_doubt(space, Doubt::lost);
    if (done) done = transaction.commit();
    if (!done) store_->roll_back();
    return done;
}

Result<void> Replica::forked(const SpaceId& id) {
    TRELLIS_TRY(const auto* known, known_space(id));
    env_.log("replica.forked", id.hex());
    return set_doubt(*known, Doubt::lost);
}

namespace {

std::string doubt_name(const SpaceState& space) {
    return "unsettled " + std::to_string(space.index);
}

}  // namespace

Result<Replica::Doubt> Replica::doubt(const SpaceState& space) {
    TRELLIS_TRY(const auto kept, store_->meta(doubt_name(space)));
    if (!kept || kept->empty()) return Doubt::none;
    return equal(*kept, as_bytes("left")) ? Doubt::left : Doubt::lost;
}

/// A smaller doubt does not take the place of a larger one, but for none.
Result<void> Replica::set_doubt(const SpaceState& space, Doubt doubt) {
    TRELLIS_TRY(const auto before, this->doubt(space));
    if (before == doubt || (doubt != Doubt::none && doubt < before)) return {};
    const std::string_view word = doubt == Doubt::none ? "" : doubt == Doubt::left ? "left" : "1";
    return store_->set_meta(doubt_name(space), as_bytes(word));
}

/// Unless a name that we have left may yet be lost: what we seal would build on its words.
/// Where the membership log ends that name, it has also said whose it is.
Result<void> Replica::settle(const SpaceState& space) {
    TRELLIS_TRY(const auto before, doubt(space));
    if (before == Doubt::none) return {};
    TRELLIS_TRY(const auto former, former_chains(space));
    for (const auto& chain : former) {
        const auto actor = crypto::actor_id(space.id, chain.device, chain.incarnation);
        if (membership().cutoff(space.id, actor, chain.device) == nullptr) return {};
    }
    return set_doubt(space, Doubt::none);
}

/// Our work as this actor has been ended, and we may write again: as another.
Result<void> Replica::follow_rights() {
    for (std::size_t i = 1; i < store_->spaces.all().size(); ++i) {
        const SpaceState space = store_->spaces.at(static_cast<SpaceIndex>(i));
        const auto own = crypto::actor_id(space.id, device(), space.own);
        const bool is_ended = membership().cutoff(space.id, own, device()) != nullptr;
        if (!is_ended || !membership().can(device(), space.id, crypto::right_write)) continue;
        TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_->database));
        auto done = start_incarnation(space);
        if (done) done = transaction.commit();
        if (!done) {
            store_->roll_back();
            return done;
        }
        committed(all_types());
    }
    return {};
}

}  // namespace trellis::core
