// SPDX-License-Identifier: Apache-2.0
#include "sync/device/entry_exchange.hpp"

#include <algorithm>
#include <utility>

#include "sync/wire/frame.hpp"

namespace trellis::sync {
namespace {

/// A relay that says "somebody was first" and then shows nobody is asked this often.
constexpr unsigned lost_races_max = 3;

/// Another day will not change the answer.
bool is_for_good(Code code) {
    using enum Code;
    return code == invalid || code == not_found || code == denied || code == corrupt ||
           code == wrong_key || code == fork || code == unsupported || code == too_large;
}

bool is_shredding(const std::optional<Bytes>& bytes) {
    const auto entry = bytes ? crypto::parse_entry(*bytes) : Result<crypto::Entry>(Error{});
    return entry && std::any_of(entry->ops.begin(), entry->ops.end(), [](const auto& op) {
        return std::holds_alternative<crypto::ShredOp>(op);
    });
}

}  // namespace

Result<void> EntryExchange::hear_of(std::uint64_t length, const Digest& head) {
    length_ = std::max(length_, length);
    if (length > 0) held_ = length;
    const auto& membership = parts_.replica.membership();
    const auto confirmed = parts_.replica.confirmed_entries();
    if (length == 0 || length > confirmed) return {};
    TRELLIS_CHECK(confirmed <= membership.length());
    if (membership.entry_hash(length - 1) == head) return {};
    return Error{Code::fork,
                 "the relay shows another history of the organisation than this device holds; "
                 "nothing was exchanged, tell the organisation's administrator"};
}

Result<void> EntryExchange::receive(const Welcome& welcome) {
    TRELLIS_DO(hear_of(welcome.log_length, welcome.log_head));
    if (has_lost()) {
        parts_.tell(std::nullopt, Error{Code::rolled_back,
                                        "the relay had lost the newest entries of the membership "
                                        "log: this device gives them back"});
    }
    return {};
}

bool EntryExchange::has_lost() const {
    return !stopped_ && held_ < parts_.replica.confirmed_entries();
}

Result<void> EntryExchange::receive(const EntryNews& news) {
    return hear_of(news.log_length, news.log_head);
}

Result<void> EntryExchange::receive(const Entries& entries) {
    const auto before = parts_.replica.confirmed_entries();
    if (!is_asked_ || entries.from != before || entries.entries.empty()) {
        return Error{Code::invalid, "the relay sent membership entries that nobody asked for"};
    }
    is_asked_ = false;
    TRELLIS_DO(parts_.replica.receive_entries(entries.from, entries.entries));
    const auto after = parts_.replica.confirmed_entries();
    TRELLIS_CHECK(after >= before + entries.entries.size());
    held_ = std::max(held_, after);
    if (entries.more) length_ = std::max(length_, after + 1);
    lost_races_ = 0;
    may_put_ = true;
    ++generation_;
    return {};
}

Result<void> EntryExchange::receive(const EntryAnswer& answer) {
    if (!is_put_) {
        return Error{Code::invalid, "the relay answered a membership entry that nobody put"};
    }
    is_put_ = false;
    may_put_ = true;
    if (std::exchange(is_returned_, false)) {
        TRELLIS_DO(hear_of(answer.log_length, answer.log_head));
        answered_return(answer);
        return {};
    }
    if (answer.accepted) {
        TRELLIS_DO(parts_.replica.entry_accepted());
        lost_races_ = 0;
        ++generation_;
        return hear_of(answer.log_length, answer.log_head);
    }
    const Error why{answer.code, answer.message};
    if (is_for_good(answer.code)) return refused(why);
    if (answer.code != Code::conflict) {
        stop_putting(why);
        return {};
    }
    TRELLIS_DO(hear_of(answer.log_length, answer.log_head));
    // Not the place in this log was lost: work has come into the space that it would destroy. Its
    // author is told and looks again; nobody asks a second time for them.
    if (!is_behind() && is_shredding(parts_.replica.next_entry())) return refused(why);
    if (!is_behind() && ++lost_races_ >= lost_races_max) stop_putting(why);
    return {};
}

/// While we are not let in yet, the answer does not tell how long the log is by now.
void EntryExchange::answered_return(const EntryAnswer& answer) {
    if (answer.accepted) {
        lost_races_ = 0;
        if (answer.log_length == 0) ++held_;
        if (!has_lost()) ++generation_;
        return;
    }
    // Another device may be giving them back at the same time.
    if (answer.code == Code::conflict && ++lost_races_ < lost_races_max) return;
    stop_putting(Error{answer.code, "the relay has lost entries of the membership log and does not "
                                    "take them back (" + answer.message + ")"});
}

Result<void> EntryExchange::give_back() {
    TRELLIS_TRY(auto entry, parts_.replica.entry(held_));
    parts_.line.send(PutEntry{std::move(entry)});
    is_put_ = true;
    is_returned_ = true;
    return {};
}

Result<void> EntryExchange::refused(const Error& why) {
    parts_.tell(std::nullopt, why);
    TRELLIS_DO(parts_.replica.entry_refused(why));
    ++generation_;
    return {};
}

void EntryExchange::stop_putting(Error why) {
    stopped_ = why.code;
    parts_.tell(std::nullopt, std::move(why));
}

bool EntryExchange::may_resume() const {
    return stopped_ == Code::busy || stopped_ == Code::no_space || stopped_ == Code::conflict;
}

void EntryExchange::resume() {
    if (!may_resume()) return;
    stopped_.reset();
    lost_races_ = 0;
    may_put_ = true;
}

Result<void> EntryExchange::advance() {
    if (is_asked_ || is_put_) return {};
    if (is_behind()) {
        parts_.line.send(GetEntries{parts_.replica.confirmed_entries()});
        is_asked_ = true;
        return {};
    }
    if (has_lost()) return give_back();
    if (!may_put_ || stopped_) return {};
    return put_next();
}

Result<void> EntryExchange::put_next() {
    may_put_ = false;
    while (auto entry = parts_.replica.next_entry()) {
        if (entry->size() <= wire_entry_max) {
            parts_.line.send(PutEntry{std::move(*entry)});
            is_put_ = true;
            return {};
        }
        TRELLIS_DO(refused(Error{Code::too_large,
                                 "a membership entry of " + std::to_string(entry->size()) +
                                     " bytes does not fit a frame; make it in smaller steps"}));
    }
    return {};
}

bool EntryExchange::is_behind() const { return parts_.replica.confirmed_entries() < length_; }

bool EntryExchange::is_settled() const {
    return !is_asked_ && !is_put_ && !is_behind() && !has_lost() && (stopped_ || !may_put_);
}

}  // namespace trellis::sync
