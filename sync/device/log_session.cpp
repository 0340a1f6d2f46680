// SPDX-License-Identifier: Apache-2.0
#include "sync/device/log_session.hpp"

#include <algorithm>
#include <utility>

#include "crypto/public/membership.hpp"
#include "sync/wire/frame.hpp"

namespace trellis::sync {
namespace {

/// A relay that says "somebody was first" and then shows nobody is asked this often.
constexpr unsigned lost_races_max = 3;

/// What the relay said, after what it means for the person.
Error explained(const Error& error, const std::string& meaning) {
    return Error{error.code, meaning + " (" + error.message + ")"};
}

}  // namespace

LogSession::LogSession(LogCredentials credentials, LogPhrases phrases, MakeEntries make_entries,
                       const SessionTimes& times, Env& env, Time now)
    : credentials_(std::move(credentials)),
      phrases_(std::move(phrases)),
      make_entries_(std::move(make_entries)),
      line_(credentials_.org, times, progress_, env, now) {}

void LogSession::receive(ByteView frame, Time now) {
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
        return fail(explained(error, phrases_.not_accepted));
    }
    auto went = *message ? take(**message) : Result<void>();
    if (went) went = advance();
    if (!went) return fail(went.error());
    line_.wait_for_answer(is_asked_ || is_put_, now);
}

Result<void> LogSession::shake_hands(ByteView frame, Time now) {
    crypto::ProofClaim claim;
    claim.kind = credentials_.kind;
    claim.id = credentials_.id;
    auto shaken =
        line_.receive_answer(frame, {credentials_.relay_key, claim, credentials_.secret}, now);
    if (shaken || shaken.error().code != Code::denied) return shaken;
    return explained(shaken.error(), phrases_.wrong_relay);
}

Result<void> LogSession::take(const Message& message) {
    if (const auto* welcome = std::get_if<Welcome>(&message)) {
        length_ = welcome->log_length;
        if (length_ > 0) return {};
        return Error{Code::not_found, phrases_.unknown_org};
    }
    if (const auto* entries = std::get_if<Entries>(&message)) return receive_entries(*entries);
    if (const auto* answer = std::get_if<EntryAnswer>(&message)) return receive_answer(*answer);
    if (const auto* news = std::get_if<EntryNews>(&message)) {
        length_ = std::max(length_, news->log_length);
        return {};
    }
    return Error{Code::invalid, "the relay said something that has no place here"};
}

Result<void> LogSession::receive_entries(const Entries& entries) {
    if (!is_asked_ || entries.from != entries_.size() || entries.entries.empty()) {
        return Error{Code::invalid, "the relay sent membership entries that nobody asked for"};
    }
    is_asked_ = false;
    lost_races_ = 0;
    // Ours were made for another end of the log.
    is_made_ = false;
    own_entries_.clear();
    const bool is_first = entries_.empty();
    entries_.insert(entries_.end(), entries.entries.begin(), entries.entries.end());
    if (entries.more) length_ = std::max<std::uint64_t>(length_, entries_.size() + 1);
    if (!is_first) return {};
    return check_log();
}

Result<void> LogSession::check_log() const {
    TRELLIS_TRY(const auto membership, crypto::Membership::found(entries_.front()));
    if (membership.org() == credentials_.org) return {};
    return Error{Code::denied, phrases_.wrong_org};
}

Result<void> LogSession::receive_answer(const EntryAnswer& answer) {
    if (!is_put_) {
        return Error{Code::invalid, "the relay answered a membership entry that nobody put"};
    }
    is_put_ = false;
    if (answer.accepted) {
        entries_.push_back(std::move(own_entries_.front()));
        own_entries_.pop_front();
        is_done_ = own_entries_.empty();
        return {};
    }
    const Error why{answer.code, answer.message};
    if (answer.code != Code::conflict) return explained(why, phrases_.refused);
    is_made_ = false;
    own_entries_.clear();
    length_ = std::max(length_, answer.log_length);
    const bool is_news = length_ > entries_.size();
    if (is_news || ++lost_races_ < lost_races_max) return {};
    return why;
}

Result<void> LogSession::advance() {
    if (is_done_) {
        progress_.complete = true;
        line_.close();
        return {};
    }
    if (line_.stage() != Line::Stage::open || is_asked_ || is_put_) return {};
    // Of our own entries the relay tells too: what follows them was made with them in mind.
    if (entries_.size() < length_) {
        line_.send(GetEntries{entries_.size()});
        is_asked_ = true;
        return {};
    }
    if (entries_.size() < credentials_.least_length) {
        return Error{Code::rolled_back, phrases_.too_old};
    }
    return put_next();
}

Result<void> LogSession::put_next() {
    if (!is_made_) {
        TRELLIS_TRY(auto made, make_entries_(entries_));
        own_entries_.assign(std::make_move_iterator(made.begin()),
                            std::make_move_iterator(made.end()));
        is_made_ = true;
    }
    if (own_entries_.empty()) {
        is_done_ = true;
        return advance();
    }
    if (own_entries_.front().size() > wire_entry_max) {
        return Error{Code::too_large, phrases_.too_large};
    }
    line_.send(PutEntry{own_entries_.front()});
    is_put_ = true;
    return {};
}

void LogSession::tick(Time now) {
    const auto alive = line_.tick(now);
    if (!alive) fail(alive.error());
}

void LogSession::fail(const Error& error) {
    progress_.complete = false;
    progress_.failure = error;
    line_.fail(error);
}

}  // namespace trellis::sync
