// SPDX-License-Identifier: Apache-2.0
// Holding what the relay shows us next to what others have seen and to what it has signed. A
// contradiction is an alarm with its evidence; it is never a reason to stop work.
#include <algorithm>

#include "core/base/limits.hpp"
#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"
#include "core/replica.hpp"
#include "crypto/public/log_roll.hpp"

namespace trellis::core {
namespace {

std::string receipt_name(const SpaceState& space) {
    return "receipt " + std::to_string(space.index);
}

Bytes store_receipt(const crypto::Receipt& receipt) {
    ByteWriter out;
    out.raw(receipt.space.view());
    out.raw(receipt.cursor.incarnation.view());
    out.u64(receipt.cursor.position);
    out.raw(receipt.cursor.head.view());
    out.u64(receipt.log_length);
    out.raw(receipt.log_head.view());
    out.u64(static_cast<std::uint64_t>(receipt.time));
    out.raw(receipt.signature.view());
    return out.take();
}

crypto::Receipt load_receipt(ByteView stored) {
    ByteReader in(stored);
    crypto::Receipt receipt;
    receipt.space = in.id<SpaceId>();
    receipt.cursor.incarnation = in.id<LogIncarnation>();
    receipt.cursor.position = in.u64();
    receipt.cursor.head = in.id<Digest>();
    receipt.log_length = in.u64();
    receipt.log_head = in.id<Digest>();
    receipt.time = static_cast<Time>(in.u64());
    receipt.signature = in.id<crypto::Signature>();
    return receipt;
}

Json receipt_evidence(const crypto::Receipt& receipt) {
    Json json;
    json.set("space", receipt.space.hex());
    json.set("log", receipt.cursor.incarnation.hex());
    json.set("position", receipt.cursor.position);
    json.set("head", receipt.cursor.head.hex());
    json.set("log_length", receipt.log_length);
    json.set("log_head", receipt.log_head.hex());
    json.set("time", receipt.time);
    json.set("signature", to_base64(receipt.signature.view()));
    return json;
}

Json place_evidence(const LogIncarnation& log, std::uint64_t position, ByteView head) {
    Json json;
    json.set("log", log.hex());
    json.set("position", position);
    json.set("head", to_hex(head));
    return json;
}

std::string subject_of(std::uint64_t position) { return std::to_string(position); }

/// The place that a claim names.
std::uint64_t position_of(const Alarm& claim) {
    const auto* position = claim.evidence["said"]["position"].integer();
    return position == nullptr ? 0 : static_cast<std::uint64_t>(*position);
}

/// True where it is about this life of the space's log.
bool is_about(const Alarm& claim, const SpaceState& space) {
    return claim.space == space.id &&
           claim.evidence["said"]["log"] == Json(space.cursor.incarnation.hex());
}

}  // namespace

/// Once a day, and after every receipt_every envelopes; sooner where a member claims that the
/// relay is not honest, so that the relay's own word is there to compare.
bool Replica::wants_receipt(const SpaceId& id) {
    const auto* space = store_->spaces.find(id);
    if (space == nullptr) return false;
    const auto kept = store_->meta(receipt_name(*space));
    if (!kept || !*kept || (*kept)->empty()) return true;
    const auto receipt = load_receipt(**kept);
    const auto& cursor = space->cursor;
    return receipt.cursor.incarnation != cursor.incarnation ||
           cursor.position >= receipt.cursor.position + limits::receipt_every ||
           clock_.now().time - receipt.time >= (is_doubted(*space) ? limits::receipt_doubt_ms
                                                                    : limits::receipt_age_ms);
}

bool Replica::is_doubted(const SpaceState& space) {
    const auto claims = alarms_.claims();
    return claims && std::any_of(claims->begin(), claims->end(), [&](const Alarm& claim) {
        return claim.space.is_zero() || is_about(claim, space);
    });
}

/// What we were delivered, against what the envelope `heard` says its author saw.
Result<void> Replica::compare_witness(const SpaceState& space, const Receiver::Heard& heard) {
    const auto& actor = store_->actors.at(heard.actor);
    if (actor.device == device()) return {};
    if (const auto& log = heard.witness.log;
        log && log->log == log_print(space.cursor.incarnation)) {
        const AheadWitness said{true, log->position, log->head, log->log, actor.device, {}};
        TRELLIS_DO(compare_or_keep(space, said, heard));
    }
    if (const auto& entries = heard.witness.entries) {
        const AheadWitness said{false, entries->length, entries->head, {}, actor.device, {}};
        TRELLIS_DO(compare_or_keep(space, said, heard));
    }
    return {};
}

Result<void> Replica::compare_or_keep(const SpaceState& space, AheadWitness said,
                                      const Receiver::Heard& heard) {
    const std::uint64_t reached = said.is_log ? space.cursor.position : ledger_.confirmed();
    const auto evidence = [&]() -> Result<Json> {
        const auto& actor = store_->actors.at(heard.actor);
        TRELLIS_TRY(const auto previous, sealed_.chain_before(actor.index, heard.first));
        TRELLIS_TRY(const auto kept, sealed_.find(actor.index, heard.first));
        if (!previous || !kept) return Json();
        return envelope_evidence({org(), space.id, actor.id, heard.first, *previous},
                                 actor.device, actor.incarnation, kept->envelope);
    };
    if (said.position > reached) {
        TRELLIS_TRY(said.evidence, evidence());
        return ahead_.keep(space.index, said);
    }
    TRELLIS_TRY(const auto ours, our_head(space, said));
    if (!ours) return {};
    if (*ours == said.head) return end_withdrawn_claims(space, said);
    TRELLIS_TRY(said.evidence, evidence());
    return raise_split(space, said, *ours);
}

Result<std::optional<ShortDigest>> Replica::our_head(const SpaceState& space,
                                                     const AheadWitness& said) {
    if (said.is_log) return log_heads_.at(space.index, said.position);
    if (said.position > ledger_.confirmed()) return std::optional<ShortDigest>();
    return std::optional(short_digest(membership().entry_hash(said.position - 1)));
}

/// One member says that it was shown something else. Either the relay or the member lies.
Result<void> Replica::raise_split(const SpaceState& space, const AheadWitness& said,
                                  const ShortDigest& ours) {
    Alarm alarm;
    alarm.kind = said.is_log ? AlarmKind::split_view : AlarmKind::log_fork;
    alarm.space = said.is_log ? space.id : SpaceId();
    alarm.device = said.device;
    alarm.is_claim = true;
    alarm.evidence.set("said", place_evidence(said.is_log ? space.cursor.incarnation
                                                          : LogIncarnation(),
                                              said.position, said.head.view()));
    alarm.evidence.set("ours", place_evidence(said.is_log ? space.cursor.incarnation
                                                          : LogIncarnation(),
                                              said.position, ours.view()));
    alarm.evidence.set("envelope", said.evidence);
    TRELLIS_TRY(const auto receipt, store_->meta(receipt_name(space)));
    if (receipt) alarm.evidence.set("receipt", receipt_evidence(load_receipt(*receipt)));
    return alarms_.raise(alarm);
}

Result<void> Replica::compare_all(const SpaceState& space, const Receiver::Outcome& outcome) {
    for (const auto& heard : outcome.heard) TRELLIS_DO(compare_witness(space, heard));
    return {};
}

/// Those that were ahead of us and are not any more.
Result<void> Replica::compare_ahead(const SpaceState& space, bool is_log, std::uint64_t reached) {
    TRELLIS_TRY(const auto due, ahead_.take(space.index, is_log, reached));
    for (const auto& said : due) {
        if (is_log && said.log != log_print(space.cursor.incarnation)) continue;
        TRELLIS_TRY(const auto ours, our_head(space, said));
        if (ours && *ours != said.head) TRELLIS_DO(raise_split(space, said, *ours));
        if (ours && *ours == said.head) TRELLIS_DO(end_withdrawn_claims(space, said));
    }
    return {};
}

/// What was said to be withheld has come by now, or was on another life of the log.
Result<void> Replica::end_answered_claims(const SpaceState& space) {
    TRELLIS_TRY(const auto claims, alarms_.claims());
    for (const auto& claim : claims) {
        if (claim.kind != AlarmKind::withheld || claim.space != space.id) continue;
        const bool stands =
            is_about(claim, space) && position_of(claim) > space.cursor.position;
        if (!stands) TRELLIS_DO(alarms_.end(claim));
    }
    return {};
}

/// A later word of the same member agrees with us. A head covers all that is before it, so that
/// member was never shown anything else up to there.
Result<void> Replica::end_withdrawn_claims(const SpaceState& space, const AheadWitness& said) {
    TRELLIS_TRY(const auto claims, alarms_.claims());
    for (const auto& claim : claims) {
        const bool is_same = said.is_log ? claim.kind == AlarmKind::split_view &&
                                               is_about(claim, space)
                                         : claim.kind == AlarmKind::log_fork;
        if (is_same && claim.device == said.device && position_of(claim) <= said.position) {
            TRELLIS_DO(alarms_.end(claim));
        }
    }
    return {};
}

/// The page has come in: our heads grow, and everything that spoke of them can be compared. In
/// the transaction of the page.
Result<void> Replica::note_page(const SpaceState& space, Cursor from,
                                const Receiver::Outcome& outcome) {
    std::vector<ShortDigest> heads;
    heads.reserve(outcome.chains.size());
    const auto first = from.position + 1;
    for (const auto& chain : outcome.chains) {
        from.head = crypto::next_head(from.head, ++from.position, chain);
        heads.push_back(short_digest(from.head));
    }
    TRELLIS_DO(log_heads_.append(space.index, first, heads));
    TRELLIS_DO(compare_all(space, outcome));
    TRELLIS_DO(compare_ahead(space, true, space.cursor.position));
    TRELLIS_DO(end_answered_claims(space));
    TRELLIS_TRY(const auto kept, store_->meta(receipt_name(space)));
    return kept ? compare_receipt(space, load_receipt(*kept)) : Result<void>{};
}

/// The relay's signed word against what it has delivered.
Result<void> Replica::compare_receipt(const SpaceState& space, const crypto::Receipt& receipt) {
    if (receipt.cursor.incarnation == space.cursor.incarnation && receipt.cursor.position > 0 &&
        receipt.cursor.position <= space.cursor.position) {
        TRELLIS_TRY(const auto ours, log_heads_.at(space.index, receipt.cursor.position));
        if (ours && *ours != short_digest(receipt.cursor.head)) {
            Alarm alarm{AlarmKind::split_view, space.id, {}, subject_of(receipt.cursor.position),
                        0, {}};
            alarm.evidence.set("receipt", receipt_evidence(receipt));
            alarm.evidence.set("ours", place_evidence(space.cursor.incarnation,
                                                      receipt.cursor.position, ours->view()));
            TRELLIS_DO(alarms_.raise(alarm));
        }
    }
    if (receipt.log_length == 0 || receipt.log_length > ledger_.confirmed()) return {};
    const auto& ours = membership().entry_hash(receipt.log_length - 1);
    if (ours == receipt.log_head) return {};
    Alarm alarm{AlarmKind::log_fork, {}, {}, subject_of(receipt.log_length), 0, {}};
    alarm.evidence.set("receipt", receipt_evidence(receipt));
    alarm.evidence.set("ours", place_evidence({}, receipt.log_length, ours.view()));
    return alarms_.raise(alarm);
}

Result<void> Replica::receive_receipt(const SpaceId& id, const crypto::Receipt& receipt) {
    TRELLIS_TRY(const auto* known, known_space(id));
    const SpaceState space = *known;
    const auto key = relay_key();
    if (!key || receipt.space != id || !crypto::verify_receipt(*key, org(), receipt)) {
        return Error{Code::corrupt, "a receipt of the relay is not genuine"};
    }
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_->database));
    TRELLIS_TRY(const auto kept, store_->meta(receipt_name(space)));
    bool is_newest = true;
    if (kept) {
        const auto before = load_receipt(*kept);
        const bool is_same_log = before.cursor.incarnation == receipt.cursor.incarnation;
        is_newest = !is_same_log || receipt.cursor.position >= before.cursor.position;
        const bool went_back = !is_newest && receipt.time >= before.time;
        if (crypto::contradicts(before, receipt) || went_back) {
            Alarm alarm{went_back ? AlarmKind::rolled_back : AlarmKind::split_view, id, {},
                        subject_of(receipt.cursor.position), 0, {}};
            alarm.evidence.set("receipt", receipt_evidence(receipt));
            alarm.evidence.set("earlier", receipt_evidence(before));
            TRELLIS_DO(alarms_.raise(alarm));
        }
    }
    TRELLIS_DO(compare_receipt(space, receipt));
    if (is_newest) TRELLIS_DO(store_->set_meta(receipt_name(space), store_receipt(receipt)));
    return transaction.commit();
}

/// The relay says that this is all. What a member says to have seen beyond it, on the same life
/// of the log, the relay withholds or the member has made up: we cannot know which.
Result<void> Replica::caught_up(const SpaceState& space) {
    TRELLIS_DO(settle(space));
    TRELLIS_DO(release_waiting());
    TRELLIS_TRY(const auto ahead, ahead_.load(space.index, true));
    for (const auto& said : ahead) {
        if (said.log != log_print(space.cursor.incarnation)) continue;
        Alarm alarm{AlarmKind::withheld, space.id, said.device, {}, 0, {}, true};
        alarm.evidence.set("said", place_evidence(space.cursor.incarnation, said.position,
                                                  said.head.view()));
        alarm.evidence.set("ours", place_evidence(space.cursor.incarnation, space.cursor.position,
                                                  space.cursor.head.view()));
        alarm.evidence.set("envelope", said.evidence);
        TRELLIS_DO(alarms_.raise(alarm));
    }
    return {};
}

Result<void> Replica::move_cursor(const SpaceId& id, const Cursor& to) {
    TRELLIS_TRY(const auto* known, known_space(id));
    SpaceState space = *known;
    const bool is_same_log = space.cursor.incarnation == to.incarnation;
    const bool went_back = is_same_log && to.position < space.cursor.position;
    const Cursor before = space.cursor;
    space.cursor = to;
    space.told = 0;
    // Places in another life of the log say nothing any more.
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_->database));
    TRELLIS_DO(store_->database.run("DELETE FROM _own_place WHERE space=" +
                                    std::to_string(space.index)));
    if (!is_same_log || went_back) TRELLIS_DO(log_heads_.forget(space.index));
    if (went_back) {
        Alarm alarm{AlarmKind::rolled_back, id, {}, subject_of(to.position), 0, {}};
        alarm.evidence.set("before", place_evidence(before.incarnation, before.position,
                                                    before.head.view()));
        alarm.evidence.set("now", place_evidence(to.incarnation, to.position, to.head.view()));
        TRELLIS_TRY(const auto receipt, store_->meta(receipt_name(space)));
        if (receipt) alarm.evidence.set("receipt", receipt_evidence(load_receipt(*receipt)));
        TRELLIS_DO(alarms_.raise(alarm));
    }
    // What waits for others is in no chain yet: comparing chains did not show the relay that.
    TRELLIS_TRY(const auto held, hold_.load(space.index));
    for (const auto& each : held) {
        const auto last = held_of(space, each.device, each.incarnation);
        TRELLIS_DO(lacked_.note(space.index, {each.device, each.incarnation, last, Digest()}));
    }
    TRELLIS_DO(end_answered_claims(space));
    TRELLIS_DO(store_->spaces.save(space));
    return transaction.commit();
}

/// The relay showed entries that contradict those it had confirmed.
Result<void> Replica::note_log_fork(std::uint64_t from, const std::vector<Bytes>& entries) {
    for (std::size_t i = 0; i < entries.size(); ++i) {
        const std::uint64_t index = from + i;
        if (index >= ledger_.confirmed()) break;
        const auto& ours = ledger_.bytes(index);
        if (entries[i] == ours) continue;
        Alarm alarm{AlarmKind::log_fork, {}, {}, subject_of(index + 1), 0, {}};
        alarm.evidence.set("index", index);
        alarm.evidence.set("ours", to_base64(ours));
        alarm.evidence.set("theirs", to_base64(entries[i]));
        return alarms_.raise(alarm);
    }
    return {};
}

Result<void> Replica::compare_log_witnesses() {
    for (std::size_t i = 1; i < store_->spaces.all().size(); ++i) {
        const SpaceState space = store_->spaces.at(static_cast<SpaceIndex>(i));
        TRELLIS_DO(compare_ahead(space, false, ledger_.confirmed()));
    }
    for (const auto& problem : ledger_.keyring().problems()) {
        Alarm alarm{AlarmKind::key_refused, problem.space, {}, subject_of(problem.epoch), 0, {}};
        alarm.evidence.set("epoch", std::int64_t{problem.epoch});
        const auto* epoch = membership().epoch(problem.space, problem.epoch);
        if (epoch != nullptr) {
            alarm.evidence.set("entry", to_base64(ledger_.bytes(epoch->made_at)));
        }
        TRELLIS_DO(alarms_.raise(alarm));
    }
    return {};
}

/// What our next envelope in the space says of both logs.
Witness Replica::newest_witness(const SpaceState& space) const {
    Witness witness;
    const auto& cursor = space.cursor;
    if (cursor.position > 0) {
        witness.log = LogWitness{log_print(cursor.incarnation), cursor.position,
                                 short_digest(cursor.head)};
    }
    if (const auto length = ledger_.confirmed(); length > 0) {
        witness.entries = EntryWitness{length,
                                       short_digest(membership().entry_hash(length - 1))};
    }
    return witness;
}

}  // namespace trellis::core
