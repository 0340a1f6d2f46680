// SPDX-License-Identifier: Apache-2.0
#include "sync/device/join_session.hpp"

#include <algorithm>
#include <utility>

#include "crypto/public/membership.hpp"
#include "sync/wire/frame.hpp"

namespace trellis::sync {
namespace {

/// A relay that says "somebody was first" and then shows nobody is asked this often.
constexpr unsigned lost_races_max = 3;

/// What the relay said, after what it means for somebody with an invite in the hand.
Error explained(const Error& error, std::string meaning) {
    return Error{error.code, std::move(meaning) + " (" + error.message + ")"};
}

}  // namespace

JoinSession::JoinSession(const crypto::Invite& invite, MakeEntry make_entry,
                         const SessionTimes& times, Env& env, Time now)
    : keys_(crypto::invite_keys(invite)),
      org_(invite.org),
      expected_relay_(invite.server_key),
      invite_length_(invite.log_length),
      make_entry_(std::move(make_entry)),
      line_(invite.org, times, progress_, env, now) {}

void JoinSession::receive(ByteView frame, Time now) {
    if (line_.is_closed()) return;
    if (line_.stage() == Line::Stage::greeting) {
        const auto shaken = shake_hands(frame, now);
        if (!shaken) fail(shaken.error());
        return;
    }
    const bool is_inside = line_.stage() == Line::Stage::open;
    const auto message = line_.receive(frame, now);
    if (!message) {
        const auto& error = message.error();
        if (is_inside || error.code != Code::denied) return fail(error);
        return fail(explained(error, "the relay does not accept this invite: it was used already, "
                                     "has expired, was withdrawn, or belongs to another "
                                     "organisation; ask for a new one"));
    }
    auto went = *message ? take(**message) : Result<void>();
    if (went) went = advance();
    if (!went) return fail(went.error());
    line_.wait_for_answer(is_asked_ || is_put_, now);
}

Result<void> JoinSession::shake_hands(ByteView frame, Time now) {
    crypto::ProofClaim claim;
    claim.kind = crypto::ProofKind::invite;
    claim.id = crypto::signer(keys_.id);
    std::optional<crypto::SignKey> expected;
    if (!expected_relay_.is_zero()) expected = expected_relay_;
    auto shaken = line_.receive_answer(frame, {expected, claim, keys_.sign}, now);
    if (shaken || shaken.error().code != Code::denied) return shaken;
    return explained(shaken.error(),
                     "the relay at this address is not the one that the invite names: the address "
                     "is wrong, or somebody stands between; ask the person who invited you");
}

Result<void> JoinSession::take(const Message& message) {
    if (const auto* welcome = std::get_if<Welcome>(&message)) {
        length_ = welcome->log_length;
        if (length_ > 0) return {};
        return Error{Code::not_found, "the relay at this address does not know the organisation "
                                      "that the invite is for"};
    }
    if (const auto* entries = std::get_if<Entries>(&message)) return receive_entries(*entries);
    if (const auto* answer = std::get_if<EntryAnswer>(&message)) return receive_answer(*answer);
    if (const auto* news = std::get_if<EntryNews>(&message)) {
        length_ = std::max(length_, news->log_length);
        return {};
    }
    return Error{Code::invalid, "the relay said something that has no place in joining"};
}

Result<void> JoinSession::receive_entries(const Entries& entries) {
    if (!is_asked_ || entries.from != entries_.size() || entries.entries.empty()) {
        return Error{Code::invalid, "the relay sent membership entries that nobody asked for"};
    }
    is_asked_ = false;
    lost_races_ = 0;
    const bool is_first = entries_.empty();
    entries_.insert(entries_.end(), entries.entries.begin(), entries.entries.end());
    if (entries.more) length_ = std::max<std::uint64_t>(length_, entries_.size() + 1);
    if (!is_first) return {};
    return check_log();
}

Result<void> JoinSession::check_log() const {
    TRELLIS_TRY(const auto membership, crypto::Membership::found(entries_.front()));
    if (membership.org() == org_) return {};
    return Error{Code::denied, "the relay shows another organisation than the one the invite is "
                               "for; ask the person who invited you"};
}

Result<void> JoinSession::receive_answer(const EntryAnswer& answer) {
    if (!is_put_) {
        return Error{Code::invalid, "the relay answered a membership entry that nobody put"};
    }
    is_put_ = false;
    if (answer.accepted) {
        entries_.push_back(std::move(own_entry_));
        is_done_ = true;
        return {};
    }
    const Error why{answer.code, answer.message};
    if (answer.code != Code::conflict) {
        return explained(why, "the relay did not let this device join; the invite may have been "
                              "used meanwhile: ask for a new one");
    }
    length_ = std::max(length_, answer.log_length);
    const bool is_news = length_ > entries_.size();
    if (is_news || ++lost_races_ < lost_races_max) return {};
    return why;
}

Result<void> JoinSession::advance() {
    if (is_done_) {
        progress_.complete = true;
        line_.close();
        return {};
    }
    if (line_.stage() != Line::Stage::open || is_asked_ || is_put_) return {};
    if (entries_.size() < length_) {
        line_.send(GetEntries{entries_.size()});
        is_asked_ = true;
        return {};
    }
    if (entries_.size() < invite_length_) {
        return Error{Code::rolled_back,
                     "the relay's membership log is older than the invite: it has lost entries; "
                     "try again when its operator has restored it"};
    }
    TRELLIS_TRY(own_entry_, make_entry_(entries_));
    if (own_entry_.empty()) {
        is_done_ = true;
        return advance();
    }
    if (own_entry_.size() > wire_entry_max) {
        return Error{Code::too_large, "the invite grants more than one membership entry can carry; "
                                      "ask for an invite with fewer spaces"};
    }
    line_.send(PutEntry{own_entry_});
    is_put_ = true;
    return {};
}

void JoinSession::tick(Time now) {
    const auto alive = line_.tick(now);
    if (!alive) fail(alive.error());
}

void JoinSession::fail(const Error& error) {
    progress_.complete = false;
    progress_.failure = error;
    line_.fail(error);
}

}  // namespace trellis::sync
