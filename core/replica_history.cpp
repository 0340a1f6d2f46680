// SPDX-License-Identifier: Apache-2.0
// What was said before: the history of a record, and rows made anew from it.
#include "core/replica.hpp"
#include "core/store/rename.hpp"
#include "core/store/replay.hpp"

namespace trellis::core {
namespace {

bool touches(const Change& change, const RecordId& record) {
    for (const auto& op : change.ops) {
        if (op.record == record) return true;
        const auto* link = std::get_if<Link>(&op.action);
        if (link != nullptr && link->other == record) return true;
    }
    return false;
}

}  // namespace

Result<std::vector<Replica::Past>> Replica::history(const SpaceId& id, const RecordId& record) {
    TRELLIS_TRY(const auto* known, known_space(id));
    const SpaceState space = *known;
    std::vector<Past> history;
    Replay replay(*store_, ledger_, sealed_);
    const Replay::Visit visit = [&](Replay::Step& step) -> Result<void> {
        for (auto& change : step.body.changes) {
            if (touches(change, record)) {
                history.push_back({store_->actors.at(step.actor).id, std::move(change)});
            }
        }
        return {};
    };
    TRELLIS_DO(replay.run(space, visit));
    TRELLIS_TRY(const auto own, own_actor(space));
    TRELLIS_TRY(auto tail, tail_.load_all(own, store_->actors.at(own).last));
    for (auto& change : tail) {
        if (touches(change, record)) {
            history.push_back({store_->actors.at(own).id, std::move(change)});
        }
    }
    return history;
}

/// Rows of the space made anew from its envelopes, then from `tail`. In the caller's
/// transaction.
Result<void> Replica::rebuild_rows(const SpaceState& space, ActorIndex own,
                                   std::vector<Change>& tail) {
    TRELLIS_DO(store_->records.clear(space.index));
    store_->links.forget();
    Applier applier(store_->records, store_->links, store_->actors);
    Replay replay(*store_, ledger_, sealed_);
    const Replay::Visit visit = [&](Replay::Step& step) -> Result<void> {
        for (auto& change : step.body.changes) {
            TRELLIS_DO(applier.apply(step.actor, change, &step.author_saw));
        }
        return {};
    };
    TRELLIS_DO(replay.run(space, visit));
    for (auto& change : tail) TRELLIS_DO(applier.apply(own, change, nullptr));
    return applier.finish();
}

/// Writes from now on as a new actor. Changes that are not sealed have been seen by nobody:
/// they are said again by the new actor, and the records they made get its names.
Result<void> Replica::start_incarnation(SpaceState space) {
    TRELLIS_TRY(const auto before, own_actor(space));
    const Counter sealed = store_->actors.at(before).last;
    TRELLIS_TRY(auto tail, tail_.load_all(before, sealed));
    TRELLIS_TRY(space.own, new_incarnation());
    space.stored = 0;
    space.seen = 0;
    TRELLIS_DO(store_->spaces.save(space));
    TRELLIS_TRY(const auto after, own_actor(space));
    next_.erase(before);
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

Result<void> Replica::become_new_incarnation() {
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_->database));
    for (std::size_t i = 1; i < store_->spaces.all().size(); ++i) {
        auto done = start_incarnation(store_->spaces.at(static_cast<SpaceIndex>(i)));
        if (!done) {
            store_->roll_back();
            return done;
        }
    }
    return transaction.commit();
}

}  // namespace trellis::core
