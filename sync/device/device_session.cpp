// SPDX-License-Identifier: Apache-2.0
#include "sync/device/device_session.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace trellis::sync {
namespace {

/// Granted back in pieces of this size, so that small pages do not each cost a frame more.
/// A relay that is short by one piece of its credit still has room for many pages.
constexpr std::size_t grant_bytes = 65'536;
static_assert(8 * grant_bytes <= limits::credit_default);

static_assert(limits::session_spaces_max <= std::numeric_limits<Channel>::max());

}  // namespace

DeviceSession::DeviceSession(core::Syncable& replica, const SessionOptions& options, Env& env,
                             Time now)
    : replica_(replica),
      options_(options),
      line_(replica.org(), options_.times, progress_, env, now),
      parts_{replica_, line_, progress_, options_},
      entries_(parts_),
      now_(now) {}

// In -------------------------------------------------------------------------------------------

void DeviceSession::receive(ByteView frame, Time now) {
    if (line_.is_closed()) return;
    now_ = std::max(now_, now);
    if (line_.stage() == Line::Stage::greeting) {
        const auto shaken = shake_hands(frame, now_);
        if (!shaken) fail(shaken.error());
        return;
    }
    auto message = line_.receive(frame, now_);
    if (!message) {
        const bool is_known_relay = replica_.relay_key() && replica_.confirmed_entries() > 0;
        is_unknown_ = !is_welcome_ && is_known_relay && message.error().code == Code::denied;
        return fail(message.error());
    }
    if (*message) {
        const auto taken = take({std::move(**message), frame.size()});
        if (!taken) return fail(taken.error());
    }
    advance(now_);
}

Result<void> DeviceSession::shake_hands(ByteView frame, Time now) {
    const auto& key = replica_.device_key();
    const auto confirmed = replica_.confirmed_entries();
    const bool is_founder = confirmed == 0 || options_.rebuild;
    crypto::ProofClaim claim;
    claim.kind = is_founder ? crypto::ProofKind::founder : crypto::ProofKind::device;
    claim.id = crypto::signer(replica_.device());
    if (is_founder) claim.sign_key = key.sign().key();
    claim.log_length = confirmed;
    if (confirmed > 0) claim.log_head = replica_.membership().entry_hash(confirmed - 1);
    return line_.receive_answer(frame, {replica_.relay_key(), claim, key.sign()}, now);
}

Result<void> DeviceSession::take(Heard heard) {
    const bool may_park = std::holds_alternative<Deliver>(heard.message) ||
                          std::holds_alternative<Seen>(heard.message);
    if (may_park && (entries_.is_behind() || !parked_.empty())) {
        parked_.push_back(std::move(heard));
        return {};
    }
    return work_on(heard);
}

Result<void> DeviceSession::work_on(Heard& heard) {
    TRELLIS_DO(std::visit([this](auto& value) { return on(value); }, heard.message));
    if (std::holds_alternative<Deliver>(heard.message)) grant_credit(heard.bytes);
    return {};
}

Result<void> DeviceSession::on(Welcome& welcome) {
    is_welcome_ = true;
    replica_.heard_time(welcome.time, line_.round_trip_ms(now_));
    if (!replica_.relay_key()) TRELLIS_DO(replica_.pin_relay_key(line_.relay_key()));
    pump_.window().size = std::min<std::size_t>(welcome.push_window, limits::push_window);
    return entries_.receive(welcome);
}

Result<void> DeviceSession::on(Opened& opened) {
    TRELLIS_TRY(auto* const space, channel(opened.channel));
    if (space == nullptr || !space->is_opening()) {
        return Error{Code::invalid, "the relay opened a space twice"};
    }
    TRELLIS_DO(space->receive(opened));
    pump_.wake(space->lane());
    return {};
}

Result<void> DeviceSession::on(OpenRefused& refused) {
    const auto found = by_space_.find(refused.space);
    if (found != by_space_.end() && !found->second->is_refused()) {
        found->second->receive(refused);
        return {};
    }
    return Error{Code::invalid, "the relay refused a space that nobody opened"};
}

Result<void> DeviceSession::on(Deliver& deliver) {
    TRELLIS_TRY(auto* const space, channel(deliver.channel));
    if (space == nullptr) return {};
    TRELLIS_DO(space->receive(deliver));
    if (space->take_more_to_send()) pump_.wake(space->lane());
    return {};
}

Result<void> DeviceSession::on(Seen& seen) {
    TRELLIS_TRY(auto* const space, channel(seen.channel));
    if (space != nullptr) space->receive(seen);
    return {};
}

Result<void> DeviceSession::on(Stored& stored) {
    TRELLIS_TRY(auto* const space, channel(stored.channel));
    if (space == nullptr) return {};
    TRELLIS_DO(space->lane().receive(stored));
    pump_.wake(space->lane());
    return {};
}

Result<void> DeviceSession::on(Need& need) {
    TRELLIS_TRY(auto* const space, channel(need.channel));
    if (space == nullptr) return {};
    space->lane().receive(need);
    pump_.wake(space->lane());
    return {};
}

Result<void> DeviceSession::on(PushRefused& refused) {
    TRELLIS_TRY(auto* const space, channel(refused.channel));
    if (space == nullptr) return {};
    return space->lane().receive(refused);
}

Result<void> DeviceSession::on(Want& want) {
    TRELLIS_TRY(auto* const space, channel(want.channel));
    if (space == nullptr) return {};
    TRELLIS_DO(space->receive(want));
    pump_.wake(space->lane());
    return {};
}

Result<void> DeviceSession::on(ReceiptIs& is) {
    TRELLIS_TRY(auto* const space, channel(is.channel));
    if (space == nullptr) return {};
    return space->receive(is);
}

Result<void> DeviceSession::on(Submissions& submissions) {
    TRELLIS_TRY(auto* const space, channel(submissions.channel));
    if (space == nullptr) return {};
    TRELLIS_TRY(const bool has_written, space->submissions().receive(submissions));
    if (!has_written) return {};
    space->lane().wake();
    pump_.wake(space->lane());
    return {};
}

Result<void> DeviceSession::on(SubmissionNews& news) {
    TRELLIS_TRY(auto* const space, channel(news.channel));
    if (space != nullptr) space->submissions().receive(news);
    return {};
}

template <class Other>
Result<void> DeviceSession::on(Other&) {
    return Error{Code::invalid, "the relay said something that only a device says"};
}

Result<SpaceChannel*> DeviceSession::channel(Channel number) {
    if (number >= channels_.size()) {
        return Error{Code::invalid, "the relay spoke of a channel that nobody opened"};
    }
    auto* const space = channels_[number].get();
    return space->is_refused() ? nullptr : space;
}

// Time and news --------------------------------------------------------------------------------

void DeviceSession::outbox_changed(Time now) {
    if (line_.is_closed()) return;
    entries_.wake();
    for (const auto& space : channels_) {
        if (space->is_opening() || space->is_refused()) continue;
        space->lane().wake();
        pump_.wake(space->lane());
    }
    advance(now);
}

void DeviceSession::outbox_changed(const SpaceId& space, Time now) {
    const auto found = by_space_.find(space);
    if (line_.is_closed() || found == by_space_.end()) return;
    if (found->second->is_opening() || found->second->is_refused()) return;
    found->second->lane().wake();
    pump_.wake(found->second->lane());
    advance(now);
}

void DeviceSession::tick(Time now) {
    if (line_.is_closed()) return;
    now_ = std::max(now_, now);
    const auto alive = line_.tick(now_);
    if (!alive) return fail(alive.error());
    if (resume_at_ && now_ >= *resume_at_) resume_pushing();
    advance(now_);
}

void DeviceSession::plan_resuming() {
    if (!options_.follow || resume_at_) return;
    const auto may_resume = [](const auto& space) {
        return !space->is_opening() && !space->is_refused() && space->lane().may_resume();
    };
    if (entries_.may_resume() || std::any_of(channels_.begin(), channels_.end(), may_resume)) {
        resume_at_ = now_ + options_.times.resume_ms;
    }
}

void DeviceSession::resume_pushing() {
    resume_at_.reset();
    entries_.resume();
    for (const auto& space : channels_) {
        if (space->is_opening() || space->is_refused() || !space->lane().resume()) continue;
        pump_.wake(space->lane());
    }
}

// Out ------------------------------------------------------------------------------------------

void DeviceSession::advance(Time now) {
    now_ = std::max(now_, now);
    if (line_.stage() != Line::Stage::open) return;
    const auto worked = work();
    if (!worked) return fail(worked.error());
    plan_resuming();
    line_.wait_for_answer(is_waiting(), now_);
    finish_if_settled();
}

Result<void> DeviceSession::work() {
    TRELLIS_DO(entries_.advance());
    if (!entries_.is_behind()) TRELLIS_DO(work_parked());
    if (entries_.is_settled() && opened_at_ != entries_.generation()) open_spaces();
    TRELLIS_DO(pump_.fill());
    if (!opened_at_ || entries_.is_behind()) return {};
    for (const auto& space : channels_) TRELLIS_DO(space->work_submissions(*opened_at_));
    return {};
}

Result<void> DeviceSession::work_parked() {
    while (!parked_.empty()) {
        auto heard = std::move(parked_.front());
        parked_.pop_front();
        TRELLIS_DO(work_on(heard));
    }
    return {};
}

void DeviceSession::open_spaces() {
    opened_at_ = entries_.generation();
    for (auto& [space, open] : by_space_) {
        if (open->is_refused() || open->is_opening()) continue;
        open->lane().retry();
        pump_.wake(open->lane());
    }
    for (const auto& state : replica_.sync_spaces()) {
        auto& open = by_space_[state.space];
        if (open != nullptr && !open->is_refused()) continue;
        if (channels_.size() == limits::session_spaces_max) {
            by_space_.erase(state.space);
            return parts_.tell(state.space, Error{Code::too_large,
                                                  "more spaces than one connection can carry; the "
                                                  "rest is not synchronised"});
        }
        const auto number = static_cast<Channel>(channels_.size());
        channels_.push_back(
            std::make_unique<SpaceChannel>(parts_, state, number, pump_.window()));
        open = channels_.back().get();
        open->open();
    }
}

void DeviceSession::grant_credit(std::size_t bytes) {
    owed_ += bytes;
    if (owed_ < grant_bytes) return;
    line_.send(Credit{static_cast<std::uint32_t>(owed_)});
    owed_ = 0;
}

bool DeviceSession::is_settled() const {
    if (!opened_at_ || !entries_.is_settled() || !parked_.empty()) return false;
    return std::all_of(by_space_.begin(), by_space_.end(), [](const auto& open) {
        const auto& space = *open.second;
        return space.is_refused() || (space.is_caught_up() && space.lane().is_settled() &&
                                      space.submissions().is_settled());
    });
}

bool DeviceSession::is_waiting() const {
    if (!entries_.is_settled()) return true;
    return std::any_of(by_space_.begin(), by_space_.end(), [](const auto& open) {
        return !open.second->is_caught_up() || open.second->lane().is_waiting() ||
               open.second->submissions().is_waiting();
    });
}

void DeviceSession::finish_if_settled() {
    const bool settled = is_settled();
    if (!settled || (options_.follow && !progress_.again)) {
        if (settled && !progress_.complete) count_pending();
        progress_.complete = settled;
        progress_.former = settled && is_former();
        return;
    }
    // Everything the relay had to say before our last word must have come in: Want, Seen, news.
    if (line_.is_barrier_up()) return;
    for (const auto& space : channels_) space->ask_receipt();
    if (barrier_at_ != line_.sent()) {
        barrier_at_ = line_.sent();
        line_.send_barrier();
        return;
    }
    finish();
}

void DeviceSession::finish() {
    count_pending();
    progress_.complete = is_complete();
    progress_.former = is_former();
    is_done_ = true;
    line_.close();
}

bool DeviceSession::is_former() const {
    const auto* device = replica_.membership().device(replica_.device());
    return device != nullptr && !device->is_active;
}

bool DeviceSession::is_complete() const {
    if (entries_.is_stopped() || progress_.again) return false;
    const auto& membership = replica_.membership();
    return std::all_of(by_space_.begin(), by_space_.end(), [&](const auto& item) {
        const auto& [space, open] = item;
        // Who has no rights and never could write has nothing to hand in.
        if (open->is_refused()) return membership.rights(replica_.device(), space) == 0;
        return !open->lane().is_stopped();
    });
}

void DeviceSession::count_pending() {
    progress_.pending = 0;
    for (const auto& state : replica_.sync_spaces()) {
        progress_.pending += state.sealed - std::min(state.sealed, state.stored);
    }
}

void DeviceSession::fail(const Error& error) {
    progress_.complete = false;
    progress_.former = is_former();
    progress_.failure = error;
    count_pending();
    line_.fail(error);
}

std::optional<SessionOptions> next_session(const DeviceSession& ended,
                                           const SessionOptions& options) {
    const bool is_lost = ended.is_unknown() && !options.rebuild;
    if (options.repeats == 0 || (!is_lost && !ended.progress().again)) return std::nullopt;
    auto next = options;
    next.rebuild = is_lost;
    --next.repeats;
    return next;
}

SessionProgress add_up(const SessionProgress& before, SessionProgress later) {
    later.sent += before.sent;
    later.received += before.received;
    later.changes += before.changes;
    later.bytes_up += before.bytes_up;
    later.bytes_down += before.bytes_down;
    later.events.insert(later.events.begin(), before.events.begin(), before.events.end());
    if (later.events.size() > session_events_max) later.events.resize(session_events_max);
    return later;
}

}  // namespace trellis::sync
