// SPDX-License-Identifier: Apache-2.0
// The way in and out for a session: envelopes, cursors, confirmations (core/syncable.hpp).
#include "core/base/limits.hpp"
#include "core/replica.hpp"
#include "crypto/public/log_roll.hpp"

namespace trellis::core {
namespace {

std::size_t envelopes_in(const std::vector<crypto::EnvelopeRun>& runs) {
    std::size_t count = 0;
    for (const auto& run : runs) count += run.envelopes.size();
    return count;
}

/// Where the relay's log stands after envelopes with these chain hashes.
Digest roll_over(Cursor cursor, const std::vector<Digest>& chains) {
    for (const auto& chain : chains) {
        cursor.head = crypto::next_head(cursor.head, ++cursor.position, chain);
    }
    return cursor.head;
}

/// Others have seen our log up to here, which has not all come to this device yet.
std::string seen_ahead(SpaceIndex space) { return "seen_ahead " + std::to_string(space); }

/// Nothing where the word was about another life of the log.
Result<std::uint64_t> kept_word(Store& store, SpaceIndex space, const LogIncarnation& log) {
    TRELLIS_TRY(const auto kept, store.meta(seen_ahead(space)));
    if (!kept) return std::uint64_t{0};
    TRELLIS_TRY(const auto word, parse_json(as_text(*kept)));
    const auto* position = word["position"].integer();
    const bool fits = word["log"] == Json(log.hex()) && position != nullptr;
    return fits ? static_cast<std::uint64_t>(*position) : std::uint64_t{0};
}

Result<void> keep_word(Store& store, SpaceIndex space, const SeenWord& word) {
    Json kept;
    kept.set("log", word.incarnation.hex());
    kept.set("position", word.position);
    return store.set_meta(seen_ahead(space), as_bytes(print_json(kept)));
}

/// Another device has seen the log up to `position`: which of our own changes is that?
Result<void> raise_seen(Store& store, SpaceState& space, std::uint64_t position) {
    TRELLIS_TRY(auto select, store.database.prepare(
        "SELECT ifnull(max(last),0) FROM _own_place WHERE space=?1 AND position<=?2"));
    select.bind(1, std::int64_t{space.index}).bind(2, static_cast<std::int64_t>(position));
    TRELLIS_TRY(const bool found, select.step());
    const auto seen = found ? static_cast<Counter>(select.integer(0)) : 0;
    select.reset();
    if (seen <= space.seen) return {};
    space.seen = seen;
    TRELLIS_TRY(auto forget,
                store.database.prepare("DELETE FROM _own_place WHERE space=?1 AND last<?2"));
    forget.bind(1, std::int64_t{space.index}).bind(2, static_cast<std::int64_t>(seen));
    return forget.run();
}

}  // namespace

std::optional<crypto::SignKey> Replica::relay_key() const {
    if (has_org() && !membership().server_key().is_zero()) return membership().server_key();
    const auto pinned = store_->meta("relay_key");
    if (!pinned || !*pinned || (*pinned)->size() != crypto::SignKey::size) return std::nullopt;
    return crypto::SignKey::from(**pinned);
}

Result<void> Replica::pin_relay_key(const crypto::SignKey& key) {
    return store_->set_meta("relay_key", key.view());
}

void Replica::heard_time(Time relay_time, std::int64_t round_trip_ms) {
    clock_.heard(relay_time, round_trip_ms);
    // Forgetting it costs a little trust in our clock after a restart, nothing else.
    if (auto kept = store_->set_meta("clock", clock_.store()); !kept) {
        env_.log("clock.forgotten", to_string(kept.error().code));
    }
}

Result<void> Replica::receive_entries(std::uint64_t from, const std::vector<Bytes>& entries) {
    auto taken = ledger_.receive(from, entries);
    if (!taken) {
        if (taken.error().code == Code::fork) TRELLIS_DO(note_log_fork(from, entries));
        return taken;
    }
    is_release_due_ = true;
    TRELLIS_DO(follow_ledger());
    TRELLIS_DO(release_held());
    TRELLIS_DO(compare_log_witnesses());
    TRELLIS_DO(complain_of_keys());
    TRELLIS_DO(rotate_where_due());
    renew_inbox_keys();
    return {};
}

Result<void> Replica::entry_accepted() {
    TRELLIS_DO(ledger_.confirm_next());
    return follow_shreds();
}

Result<void> Replica::entry_refused(const Error& why) {
    env_.log("ledger.refused", to_string(why.code));
    TRELLIS_DO(ledger_.drop_next(why));
    return follow_ledger();
}

std::vector<SpaceSync> Replica::sync_spaces() {
    std::vector<SpaceSync> list;
    for (std::size_t i = 1; i < store_->spaces.all().size(); ++i) {
        const auto& space = store_->spaces.at(static_cast<SpaceIndex>(i));
        SpaceSync sync{space.id, space.cursor, space.own, 0, {}, space.stored};
        if (const auto* actor = find_own(space.id, space.own)) {
            sync.sealed = actor->last;
            sync.chain = actor->chain;
        }
        if (auto former = former_chains(space)) sync.former = std::move(*former);
        if (membership().can(device(), space.id, crypto::right_read) || has_late_work(sync)) {
            list.push_back(std::move(sync));
        }
    }
    return list;
}

/// What a former writer has not handed in yet.
bool Replica::has_late_work(const SpaceSync& sync) {
    if (!membership().is_or_was_writer(device(), sync.space)) return false;
    if (sync.sealed > sync.stored || !sync.former.empty()) return true;
    const auto* actor = find_own(sync.space, sync.own);
    if (actor == nullptr) return false;
    const auto waiting = tail_.last(actor->index);
    return waiting && *waiting > 0;
}

Result<std::vector<ChainEnd>> Replica::former_chains(const SpaceState& space) {
    std::vector<ChainEnd> chains;
    TRELLIS_TRY(auto select, store_->database.prepare("SELECT actor, stored FROM _former"));
    for (;;) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) return chains;
        const auto& actor = store_->actors.at(static_cast<ActorIndex>(select.integer(0)));
        if (actor.space != space.index) continue;
        chains.push_back({actor.device, actor.incarnation,
                          static_cast<Counter>(select.integer(1)), Digest()});
    }
}

Result<std::vector<crypto::EnvelopeRun>> Replica::outbox(const SpaceId& id, Counter after,
                                                         std::size_t max_bytes) {
    TRELLIS_TRY(const auto* known, known_space(id));
    const SpaceState space = *known;
    TRELLIS_TRY(const auto own, own_actor(space));
    auto sealed = seal_space(space, own);
    if (!sealed && sealed.error().code != Code::denied) return std::move(sealed).error();
    return sealed_.runs(own, after, max_bytes);
}

Result<void> Replica::confirm(const SpaceId& id, const Incarnation& own, Counter last) {
    TRELLIS_TRY(const auto* known, known_space(id));
    if (known->own != own) return confirm_former(*known, own, last);
    if (last <= known->stored) return {};
    SpaceState space = *known;
    space.stored = last;
    return store_->spaces.save(space);
}

Result<void> Replica::confirm_former(const SpaceState& space, const Incarnation& incarnation,
                                     Counter last) {
    const auto* actor = find_own(space.id, incarnation);
    if (actor == nullptr) return {};
    const std::string sql = last >= actor->last
                                ? "DELETE FROM _former WHERE actor=?1"
                                : "UPDATE _former SET stored=max(stored,?2) WHERE actor=?1";
    TRELLIS_TRY(auto note, store_->database.prepare(sql));
    note.bind(1, std::int64_t{actor->index});
    if (last < actor->last) note.bind(2, static_cast<std::int64_t>(last));
    TRELLIS_DO(note.run());
    return settle(space);
}

/// Another database has written under our present name: we are a copy, or have gone back.
bool Replica::brings_own_future(const SpaceState& space,
                                const std::vector<crypto::EnvelopeRun>& runs) const {
    for (const auto& run : runs) {
        if (run.device != device() || run.incarnation != space.own) continue;
        // Bytes that do not parse are refused where they are taken in.
        const auto last = crypto::last_of(run);
        if (last && *last > held_of(space, run.device, run.incarnation)) return true;
    }
    return false;
}

/// What a receiver does, and what follows from it for our own name and for rows.
Result<Receiver::Outcome> Replica::take_runs(SpaceIndex index,
                                             const std::vector<crypto::EnvelopeRun>& runs,
                                             Source source) {
    const auto space = [&]() -> const SpaceState& { return store_->spaces.at(index); };
    if (brings_own_future(space(), runs)) TRELLIS_DO(start_incarnation(space()));
    TRELLIS_TRY(auto outcome, receiver_.receive(space(), runs, source));
    for (auto& branch : outcome.own_branches) TRELLIS_DO(say_again(space(), branch));
    if (!outcome.own_branches.empty()) TRELLIS_DO(settle(space()));
    if (outcome.needs_rebuild) {
        TRELLIS_DO(rebuild_space(space()));
        TRELLIS_DO(store_->actors.save());
        outcome.touched = all_types();
    }
    return outcome;
}

/// One transaction around it.
Result<Received> Replica::take_in(
    const SpaceState& space, const std::vector<crypto::EnvelopeRun>& runs, Source source,
    const std::function<Result<void>(Receiver::Outcome&)>& before_commit) {
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_->database));
    auto outcome = take_runs(space.index, runs, source);
    Result<void> done;
    if (outcome) {
        done = before_commit(*outcome);
        if (done && source == Source::relay) done = lacked_.follow(store_->spaces.at(space.index), runs);
        if (done) done = transaction.commit();
    }
    if (!outcome || !done) {
        store_->roll_back();
        if (const auto suspect = receiver_.take_suspect(); suspect && source == Source::relay) {
            TRELLIS_DO(alarms_.raise(*suspect));
        }
        return outcome ? std::move(done).error() : std::move(outcome).error();
    }
    if (is_compartment(space.id) && !outcome->touched.empty()) are_signs_due_ = true;
    for (const auto id : outcome->touched) {
        const auto* type = store_->schema.type(id);
        if (type != nullptr && (type->use == TypeUse::sign || type->is_subject())) {
            are_signs_due_ = true;
        }
    }
    committed(outcome->touched);
    return outcome->received;
}

Result<Received> Replica::receive(const SpaceId& id, const Cursor& from, const Cursor& to,
                                  const std::vector<crypto::EnvelopeRun>& runs) {
    TRELLIS_TRY(const auto* known, known_space(id));
    const SpaceState space = *known;
    const bool starts_anew = space.cursor.incarnation.is_zero() && from.position == 0;
    if (!(from == space.cursor) && !starts_anew) {
        return Error{Code::conflict, "the delivery does not follow what this device holds"};
    }
    if (to.position != from.position + envelopes_in(runs)) {
        return Error{Code::conflict, "the delivery's positions do not fit its envelopes"};
    }
    return take_in(space, runs, Source::relay, [&](Receiver::Outcome& outcome) -> Result<void> {
        if (outcome.chains.size() != envelopes_in(runs) ||
            roll_over({to.incarnation, from.position, from.head}, outcome.chains) != to.head) {
            return Error{Code::conflict, "the relay's log does not hash to what it says"};
        }
        SpaceState next = store_->spaces.at(space.index);
        next.cursor = to;
        TRELLIS_DO(note_page(next, {to.incarnation, from.position, from.head}, outcome));
        const auto own = crypto::actor_id(id, device(), next.own);
        TRELLIS_DO(note_own_places(next, own, from.position, runs));
        TRELLIS_TRY(const auto kept, kept_word(*store_, next.index, to.incarnation));
        TRELLIS_DO(raise_seen(*store_, next, kept));
        return store_->spaces.save(next);
    });
}

/// Remembers where our own envelopes lie, so that another device's word tells which it has seen.
Result<void> Replica::note_own_places(const SpaceState& space, const ActorId& own,
                                      std::uint64_t position,
                                      const std::vector<crypto::EnvelopeRun>& runs) {
    for (const auto& run : runs) {
        position += run.envelopes.size();
        if (crypto::actor_id(space.id, run.device, run.incarnation) != own) continue;
        TRELLIS_TRY(const auto last, crypto::last_of(run));
        TRELLIS_TRY(auto insert, store_->database.prepare(
            "INSERT OR REPLACE INTO _own_place(space, last, position) VALUES(?1,?2,?3)"));
        insert.bind(1, std::int64_t{space.index}).bind(2, static_cast<std::int64_t>(last));
        insert.bind(3, static_cast<std::int64_t>(position));
        TRELLIS_DO(insert.run());
    }
    return {};
}

Result<Received> Replica::receive_repair(const SpaceId& id,
                                         const std::vector<crypto::EnvelopeRun>& runs) {
    TRELLIS_TRY(const auto* known, known_space(id));
    const SpaceState space = *known;
    return take_in(space, runs, Source::relay, [&](Receiver::Outcome& outcome) {
        return compare_all(store_->spaces.at(space.index), outcome);
    });
}

Result<std::vector<ChainEnd>> Replica::chains(const SpaceId& id) {
    TRELLIS_TRY(const auto* known, known_space(id));
    std::vector<ChainEnd> ends;
    for (const auto& actor : store_->actors.all()) {
        if (actor.index == 0 || actor.space != known->index || actor.last == 0) continue;
        ends.push_back({actor.device, actor.incarnation, actor.last, actor.chain});
    }
    return ends;
}

Result<std::optional<Digest>> Replica::chain_at(const SpaceId& id, const ChainEnd& place) {
    TRELLIS_TRY(const auto* known, known_space(id));
    const auto* actor = store_->actors.find(
        known->index, crypto::actor_id(id, place.device, place.incarnation));
    if (actor == nullptr || place.last > actor->last) return std::optional<Digest>();
    return sealed_.chain_before(actor->index, place.last + 1);
}

Result<std::vector<crypto::EnvelopeRun>> Replica::envelopes(const SpaceId& id,
                                                            const ChainEnd& after,
                                                            std::size_t max_bytes) {
    TRELLIS_TRY(const auto* known, known_space(id));
    const auto* actor = store_->actors.find(
        known->index, crypto::actor_id(id, after.device, after.incarnation));
    if (actor == nullptr) return std::vector<crypto::EnvelopeRun>();
    return sealed_.runs(actor->index, after.last, max_bytes);
}

Result<std::optional<SeenWord>> Replica::seen_word(const SpaceId& id) {
    TRELLIS_TRY(const auto* known, known_space(id));
    SpaceState space = *known;
    TRELLIS_DO(caught_up(space));
    TRELLIS_DO(settle_signs());
    if (space.cursor.position <= space.told) return std::optional<SeenWord>();
    space.told = space.cursor.position;
    TRELLIS_DO(store_->spaces.save(space));
    SeenWord word{space.cursor.incarnation, space.cursor.position, space.cursor.head, {}};
    word.signature = crypto::sign(device_key().sign(), crypto::Label::seen_sig, org(),
                                  crypto::seen_digest(id, space.cursor));
    return std::optional(word);
}

Result<void> Replica::receive_seen(const SpaceId& id, const DeviceId& by, const SeenWord& word) {
    TRELLIS_TRY(const auto* known, known_space(id));
    SpaceState space = *known;
    // Before the first delivery this device does not know which life of the log it follows.
    const bool is_same_log = word.incarnation == space.cursor.incarnation;
    if (by == device() || (!is_same_log && !space.cursor.incarnation.is_zero())) return {};
    // Everybody's words come to everybody, but they tell something to few: the others do not pay
    // for a signature.
    const auto* own = find_own(id, space.own);
    if (own == nullptr || space.seen >= own->last) return {};
    const auto* member = membership().device(by);
    const Cursor place{word.incarnation, word.position, word.head};
    if (member == nullptr || !crypto::verify(member->sign, crypto::Label::seen_sig, org(),
                                             crypto::seen_digest(id, place), word.signature)) {
        return Error{Code::corrupt, "a device's word about what it has seen is not genuine"};
    }
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_->database));
    // A word may overtake the envelopes it is about; the relay says it only once.
    TRELLIS_TRY(const auto kept, kept_word(*store_, space.index, word.incarnation));
    if (word.position > std::max(kept, space.cursor.position)) {
        TRELLIS_DO(keep_word(*store_, space.index, word));
    }
    TRELLIS_DO(raise_seen(*store_, space, word.position));
    if (space.seen != known->seen) TRELLIS_DO(store_->spaces.save(space));
    return transaction.commit();
}

Result<void> Replica::release_held() {
    for (std::size_t i = 1; i < store_->spaces.all().size(); ++i) {
        const SpaceState space = store_->spaces.at(static_cast<SpaceIndex>(i));
        TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_->database));
        auto outcome = receiver_.release(space);
        auto done = outcome ? transaction.commit() : Result<void>(outcome.error());
        if (!done) {
            store_->roll_back();
            return done;
        }
        committed(outcome->touched);
    }
    is_release_due_ = false;
    return {};
}

/// What waits for what is here meanwhile: for a key or a right, where an end of the program or a
/// failing disk has come between the entry and the release; for words of our own.
Result<void> Replica::release_waiting() {
    if (!is_release_due_) return {};
    TRELLIS_TRY(const auto waits, store_->database.integer(
        "SELECT EXISTS(SELECT 1 FROM _held WHERE reason IN ('key','rights','depends'))"));
    if (waits != 0) return release_held();
    is_release_due_ = false;
    return {};
}

}  // namespace trellis::core
