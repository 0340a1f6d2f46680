// SPDX-License-Identifier: Apache-2.0
// The end of a space: who asks for it, and what a device does when it hears of it
// (docs/decisions/0015).
#include "core/query/op_view.hpp"
#include "core/query/record_view.hpp"
#include "core/replica.hpp"
#include "core/store/replay.hpp"
#include "crypto/primitive/hash.hpp"

namespace trellis::core {
namespace {

/// The rows are gone, and the write-ahead log may still have them.
constexpr std::string_view mark_wiped = "wiped";
constexpr std::string_view mark_done = "done";

std::string mark_name(const SpaceState& space) {
    return "shredded " + std::to_string(space.index);
}

Error not_at_the_end(std::string_view why) {
    return {Code::conflict, std::string(why) + ": sync, look at the space again, then shred it"};
}

Digest orphan_id(const RecordId& record) {
    Digest id;
    std::copy(record.bytes.begin(), record.bytes.end(), id.bytes.begin());
    return id;
}

/// What work of ours did to one record.
struct Touched {
    TypeId type = 0;
    Time at = 0;
    Json ops{Json::Array{}};
};

std::map<RecordId, Touched> touched_by(const std::vector<Change>& work, const Schema& schema) {
    std::map<RecordId, Touched> touched;
    for (const auto& change : work) {
        for (const auto& op : change.ops) {
            auto& one = touched[op.record];
            one.type = op.type;
            one.at = change.stamp.time;
            one.ops.push(view_op(op, schema));
        }
    }
    return touched;
}

}  // namespace

/// Our own chains in the space, and up to where the relay has confirmed them.
Result<std::map<ActorIndex, Counter>> Replica::confirmed_chains(const SpaceState& space) {
    std::map<ActorIndex, Counter> chains;
    if (const auto* actor = find_own(space.id, space.own)) chains[actor->index] = space.stored;
    TRELLIS_TRY(const auto former, former_chains(space));
    for (const auto& chain : former) {
        if (const auto* actor = find_own(space.id, chain.incarnation)) {
            chains[actor->index] = chain.last;
        }
    }
    return chains;
}

/// Our changes in the space that no relay has confirmed, sealed or not.
Result<std::vector<Change>> Replica::unconfirmed_work(const SpaceState& space) {
    std::vector<Change> work;
    TRELLIS_TRY(const auto chains, confirmed_chains(space));
    Replay replay(*store_, ledger_, sealed_);
    for (const auto& [index, stored] : chains) {
        const Counter after = stored;
        const Replay::Visit visit = [&](Replay::Step& step) -> Result<void> {
            for (auto& change : step.body.changes) {
                if (change.last() > after) work.push_back(std::move(change));
            }
            return {};
        };
        const Counter sealed = store_->actors.at(index).last;
        if (sealed > after) {
            const auto walked = replay.walk(space, index, visit);
            // What this device cannot open any more nobody can keep.
            if (!walked && walked.error().code != Code::corrupt) return walked.error();
            if (!walked) env_.log("shred.unreadable", space.id.hex());
        }
        TRELLIS_TRY(auto tail, tail_.load_all(index, sealed));
        std::move(tail.begin(), tail.end(), std::back_inserter(work));
    }
    return work;
}

namespace {

/// Whether what the relay stored of ours has been delivered back, so that our cursor is behind it.
Result<bool> has_come_back(Store& store, const SpaceState& space) {
    TRELLIS_TRY(const auto placed,
                store.database.integer("SELECT ifnull(max(last),0) FROM _own_place WHERE space=" +
                                       std::to_string(space.index)));
    return static_cast<Counter>(placed) >= space.stored;
}

}  // namespace

Result<void> Replica::shred(const SpaceId& id, std::string_view reason) {
    TRELLIS_TRY(const auto* known, known_space(id));
    const SpaceState space = *known;
    if (reason.empty()) return Error{Code::invalid, "say in `reason` why the space is shredded"};
    TRELLIS_TRY(const auto work, unconfirmed_work(space));
    if (!work.empty()) return not_at_the_end("the relay does not have all of this device's work");
    TRELLIS_TRY(const bool is_back, has_come_back(*store_, space));
    if (!is_back) return not_at_the_end("what this device handed in has not come back yet");
    TRELLIS_TRY(const auto seen, store_->meta("seen_ahead " + std::to_string(space.index)));
    if (seen) {
        TRELLIS_TRY(const auto word, parse_json(as_text(*seen)));
        const auto* position = word["position"].integer();
        const bool is_ahead = word["log"] == Json(space.cursor.incarnation.hex()) &&
                              position != nullptr &&
                              static_cast<std::uint64_t>(*position) > space.cursor.position;
        if (is_ahead) return not_at_the_end("others have seen work that is not here yet");
    }
    crypto::ShredOrder order{id, space.cursor.position, {}, {}};
    if (order.position > 0) order.head = short_digest(space.cursor.head);
    order.reason = crypto::hash(crypto::Label::shred, {as_bytes(reason)});
    TRELLIS_TRY(const auto entry, crypto::shred(author(), order));
    return append_entry(entry);
}

/// Every space whose end the relay has confirmed. Entries of our own may still be refused, and
/// destroy nothing until then.
Result<void> Replica::follow_shreds() {
    for (const auto& [id, record] : membership().state().shredded) {
        if (record.shredded_at >= ledger_.confirmed()) continue;
        if (const auto* space = store_->spaces.find(id)) TRELLIS_DO(end_space(SpaceState(*space)));
        ledger_.forget_keys(id);
    }
    return {};
}

/// Each step is done again after a crash until the last is.
Result<void> Replica::end_space(const SpaceState& space) {
    TRELLIS_TRY(const auto mark, store_->meta(mark_name(space)));
    if (mark && equal(*mark, as_bytes(mark_done))) return {};
    if (!mark) {
        TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_->database));
        auto done = keep_orphans(space);
        if (done) done = wipe_space(space);
        if (done) done = store_->set_meta(mark_name(space), as_bytes(mark_wiped));
        if (done) done = transaction.commit();
        if (!done) {
            store_->roll_back();
            return done;
        }
        env_.log("space.shredded", space.id.hex());
        committed(all_types());
    }
    if (const auto moved = store_->database.checkpoint(); !moved) {
        env_.log("shred.log_kept", to_string(moved.error().code));
        return {};
    }
    return store_->set_meta(mark_name(space), as_bytes(mark_done));
}

/// In the caller's transaction.
Result<void> Replica::keep_orphans(const SpaceState& space) {
    TRELLIS_TRY(const auto work, unconfirmed_work(space));
    TRELLIS_TRY(auto insert,
                store_->database.prepare("INSERT OR REPLACE INTO _orphan(id, space, at, body) "
                                         "VALUES(?1,?2,?3,?4)"));
    for (const auto& [record, one] : touched_by(work, store_->schema)) {
        TRELLIS_TRY(const auto place, store_->records.find(record, {space.index}));
        Json body;
        if (place) {
            TRELLIS_TRY(body, view_record(*this, *place));
            if (body["state"] == Json("deleted")) continue;
        } else {
            // It never counted, so that no row shows it: what it said is kept.
            const auto* type = store_->schema.type(one.type);
            body.set("rec", record.hex());
            body.set("type", type == nullptr ? std::to_string(one.type) : type->name);
            body.set("space", space.id.hex());
            body.set("ops", one.ops);
        }
        const auto text = print_json(body);
        insert.bind_bytes(1, orphan_id(record).view()).bind_bytes(2, space.id.view());
        TRELLIS_DO(insert.bind(3, std::int64_t{one.at}).bind_text(4, text).run());
    }
    return {};
}

/// No table has anything of it but that it was there, and which devices wrote. In the caller's
/// transaction.
Result<void> Replica::wipe_space(const SpaceState& space) {
    TRELLIS_DO(store_->records.shred(space.index));
    store_->links.forget();
    std::string sql;
    for (const auto& actor : store_->actors.all()) {
        if (actor.index == 0 || actor.space != space.index) continue;
        const auto rows = ">=" + std::to_string(row_id(actor.index, 0)) + " AND id<" +
                          std::to_string(row_id(actor.index + 1, 0)) + ";";
        for (const std::string_view table : {"_sealed", "_tail", "_aside"}) {
            sql += "DELETE FROM " + std::string(table) + " WHERE id" + rows;
        }
        sql += "DELETE FROM _former WHERE actor=" + std::to_string(actor.index) + ";";
        store_->actors.retreat(actor.index, {});
        next_.erase(actor.index);
    }
    const auto number = std::to_string(space.index);
    for (const std::string_view table : {"_own_place", "_held", "_branch", "_head", "_witness",
                                         "_lacked"}) {
        sql += "DELETE FROM " + std::string(table) + " WHERE space=" + number + ";";
    }
    sql += "DELETE FROM _alarm WHERE space=x'" + space.id.hex() + "';";
    for (const std::string_view name : {"seen_ahead ", "unsettled ", "receipt "}) {
        sql += "DELETE FROM _meta WHERE name='" + std::string(name) + number + "';";
    }
    TRELLIS_DO(store_->database.run(sql));
    TRELLIS_DO(store_->actors.save());
    SpaceState over;
    over.index = space.index;
    over.id = space.id;
    over.own = space.own;
    return store_->spaces.save(over);
}

Result<std::vector<Quarantined>> Replica::orphans() {
    std::vector<Quarantined> list;
    TRELLIS_TRY(auto select,
                store_->database.prepare("SELECT id, space, at, body FROM _orphan ORDER BY id"));
    for (;;) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) return list;
        Quarantined one;
        one.device = device();
        one.id = Digest::from(select.bytes(0));
        one.space = SpaceId::from(select.bytes(1));
        one.at = select.integer(2);
        one.reason = "shredded";
        one.changes = 1;
        TRELLIS_TRY(one.content, parse_json(select.text(3)));
        list.push_back(std::move(one));
    }
}

Result<void> Replica::forget_orphans(const std::vector<Digest>& ids) {
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_->database));
    TRELLIS_TRY(auto remove, store_->database.prepare("DELETE FROM _orphan WHERE id=?1"));
    for (const auto& id : ids) TRELLIS_DO(remove.bind_bytes(1, id.view()).run());
    return transaction.commit();
}

}  // namespace trellis::core
