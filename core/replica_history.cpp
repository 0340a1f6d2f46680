// SPDX-License-Identifier: Apache-2.0
// What was said before: the history of a record, and rows made anew from it.
#include "core/replica.hpp"
#include "core/store/replay.hpp"

namespace trellis::core {
namespace {

using Histories = std::map<RecordId, std::vector<Replica::Past>>;

/// Adds the change to the history of each of these records that it touches.
void note(const ActorId& actor, const Change& change, const std::set<RecordId>& records,
          Histories& histories) {
    std::set<RecordId> touched;
    for (const auto& op : change.ops) {
        touched.insert(op.record);
        if (const auto* link = std::get_if<Link>(&op.action)) touched.insert(link->other);
    }
    for (const auto& record : touched) {
        if (records.contains(record)) histories[record].push_back({actor, change});
    }
}

}  // namespace

Result<Histories> Replica::histories(const SpaceId& id, const std::set<RecordId>& records) {
    TRELLIS_TRY(const auto* known, known_space(id));
    const SpaceState space = *known;
    Histories histories;
    Replay replay(*store_, ledger_, sealed_);
    const Replay::Visit visit = [&](Replay::Step& step) -> Result<void> {
        for (const auto& change : step.body.changes) {
            note(store_->actors.at(step.actor).id, change, records, histories);
        }
        return {};
    };
    TRELLIS_DO(replay.run(space, visit));
    TRELLIS_TRY(const auto own, own_actor(space));
    TRELLIS_TRY(const auto tail, tail_.load_all(own, store_->actors.at(own).last));
    for (const auto& change : tail) {
        note(store_->actors.at(own).id, change, records, histories);
    }
    return histories;
}

Result<std::vector<Replica::Past>> Replica::history(const SpaceId& space,
                                                    const RecordId& record) {
    TRELLIS_TRY(auto all, histories(space, {record}));
    return std::move(all[record]);
}

/// Rows of the space made anew from the envelopes that count, then from `tail` where it does. In
/// the caller's transaction.
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
    if (counts_unsealed(membership(), space.id, store_->actors.at(own))) {
        for (auto& change : tail) TRELLIS_DO(applier.apply(own, change, nullptr));
    }
    TRELLIS_DO(applier.finish());
    return aside_.renew(space);
}

Result<void> Replica::rebuild_space(const SpaceState& space) {
    TRELLIS_TRY(const auto own, own_actor(space));
    TRELLIS_TRY(auto tail, tail_.load_all(own, store_->actors.at(own).last));
    return rebuild_rows(space, own, tail);
}

/// Makes the rows of those spaces anew whose envelopes count otherwise than when they were made.
Result<void> Replica::settle_rows() {
    for (std::size_t i = 1; i < store_->spaces.all().size(); ++i) {
        const SpaceState space = store_->spaces.at(static_cast<SpaceIndex>(i));
        TRELLIS_TRY(const auto before, aside_.load(space.index));
        TRELLIS_TRY(const auto after, aside_.judge(space));
        if (before == after) continue;
        TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_->database));
        auto done = rebuild_space(space);
        if (done) done = store_->actors.save();
        if (done) done = transaction.commit();
        if (!done) {
            store_->roll_back();
            return done;
        }
        committed(all_types());
    }
    return {};
}

std::set<TypeId> Replica::all_types() const {
    std::set<TypeId> types;
    for (const auto& type : store_->schema.types()) types.insert(type.id);
    return types;
}

}  // namespace trellis::core
