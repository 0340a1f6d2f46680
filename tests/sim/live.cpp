// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/live.hpp"

#include <algorithm>
#include <utility>

namespace trellis::sim {

LiveLine::LiveLine(World& world, Network& network, std::size_t road, core::Replica& replica,
                   SimEnv& env, Events events)
    : world_(world), network_(network), road_(road), replica_(replica), env_(env),
      events_(std::move(events)), backoff_(env) {}

LiveLine::~LiveLine() {
    *is_here_ = false;
    if (wire_ != 0) network_.close(wire_, End::device);
}

/// What was scheduled must not outlive the process it was for.
template <class Work>
std::function<void()> LiveLine::while_here(Work work) {
    return [here = is_here_, work = std::move(work)]() mutable {
        if (*here) work();
    };
}

void LiveLine::start(bool follow) {
    follows_ = follow;
    options_ = {};
    options_.follow = follow;
    dial();
}

void LiveLine::vanish() {
    if (wire_ != 0) network_.vanish(std::exchange(wire_, 0), End::device);
}

void LiveLine::dial() {
    session_.reset();
    is_open_ = false;
    wants_dial_ = false;
    Network::Ends ends;
    ends.opened = while_here([this] {
        is_open_ = true;
        session_ = std::make_unique<sync::DeviceSession>(replica_, options_, env_,
                                                         env_.monotonic_time());
        carry_out();
    });
    ends.device_hears = [this, here = is_here_](ByteView frame) {
        if (*here) received(frame);
    };
    ends.device_lost = while_here([this] {
        wire_ = 0;
        hang_up();
    });
    wire_ = network_.dial(road_, std::move(ends));
}

void LiveLine::received(ByteView frame) {
    if (session_ == nullptr) return;
    session_->receive(frame, env_.monotonic_time());
    if (session_->was_welcomed()) {
        backoff_.reset();
        failures_ = 0;
    }
    carry_out();
}

void LiveLine::carry_out() {
    while (auto action = session_->next_action()) {
        auto* send = std::get_if<sync::DeviceSend>(&*action);
        if (send == nullptr) {
            hang_up();
            break;
        }
        network_.send(wire_, End::device, std::move(send->frame));
    }
    if (session_ != nullptr) {
        set_alarm(std::max<Time>(session_->deadline() - env_.monotonic_time(), 1));
    }
    // Last: the process may end here.
    events_.worked();
}

/// The connection is over; the next one is dialled after a pause, or at once where what this one
/// has learnt asks for it.
void LiveLine::hang_up() {
    is_open_ = false;
    if (wire_ != 0) network_.close(std::exchange(wire_, 0), End::device);
    sync::SessionProgress progress;
    const bool had_session = session_ != nullptr;
    if (had_session) {
        progress = session_->progress();
        if (progress.failure) world_.tell("  session", progress.failure->message);
    }
    const auto more = had_session ? sync::next_session(*session_, options_) : std::nullopt;
    session_.reset();
    if (had_session && progress.failure) ++failures_;
    if (more || follows_) {
        options_ = more.value_or(sync::SessionOptions{});
        options_.follow = follows_;
        wants_dial_ = true;
        alarm_at_.reset();
        set_alarm(more ? 1 : backoff_.next_delay_ms());
    }
    if (events_.ended) events_.ended(progress);
}

void LiveLine::set_alarm(Time ms) {
    const Time when = world_.now() + ms;
    // One that rings early is harmless: it sets itself again.
    if (alarm_at_ && *alarm_at_ <= when) return;
    alarm_at_ = when;
    world_.at(when, while_here([this, when] {
                  if (alarm_at_ != when) return;
                  alarm_at_.reset();
                  rang();
              }));
}

void LiveLine::rang() {
    if (wants_dial_) return dial();
    if (session_ == nullptr) return;
    session_->tick(env_.monotonic_time());
    carry_out();
}

void LiveLine::wake() {
    alarm_at_.reset();
    rang();
}

void LiveLine::outbox_changed() {
    if (session_ == nullptr || !is_open_) return;
    session_->outbox_changed(env_.monotonic_time());
    carry_out();
}

bool LiveLine::is_settled() const {
    return session_ != nullptr && session_->progress().complete;
}

// Joining --------------------------------------------------------------------------------------

Joining::Joining(World& world, Network& network, std::size_t road, core::Replica& replica,
                 SimEnv& env, crypto::Invite invite, std::string name, Events events)
    : world_(world), network_(network), road_(road), replica_(replica), env_(env),
      invite_(std::move(invite)), name_(std::move(name)), events_(std::move(events)) {
    dial();
}

Joining::~Joining() {
    *is_here_ = false;
    if (wire_ != 0) network_.close(wire_, End::device);
}

void Joining::dial() {
    if (events_.may_join && !events_.may_join()) return dial_later();
    auto key = replica_.joining_key();
    if (!key) return events_.worked();  // its disk has failed: the process starts anew
    key_ = std::move(*key);
    Network::Ends ends;
    ends.opened = [this, here = is_here_] {
        if (!*here) return;
        session_ = std::make_unique<sync::JoinSession>(
            invite_,
            [this](const std::vector<Bytes>& entries) {
                return replica_.join_entry(invite_, *key_, name_, entries);
            },
            sync::SessionTimes{}, env_, env_.monotonic_time());
        carry_out();
    };
    ends.device_hears = [this, here = is_here_](ByteView frame) {
        if (!*here || session_ == nullptr) return;
        session_->receive(frame, env_.monotonic_time());
        carry_out();
    };
    ends.device_lost = [this, here = is_here_] {
        if (!*here) return;
        wire_ = 0;
        session_.reset();
        world_.after(5'000, [this, still = is_here_] {
            if (*still && !is_over_) dial();
        });
    };
    wire_ = network_.dial(road_, std::move(ends));
}

bool Joining::is_refusal(const Error& why) {
    return why.code != Code::offline && why.code != Code::timeout;
}

/// Nobody types an invite all day that was refused.
void Joining::dial_later() {
    constexpr unsigned patience = 8;
    constexpr Time soon_ms = 5'000;
    constexpr Time much_later_ms = 30 * 60'000;
    world_.after(refusals_ < patience ? soon_ms : much_later_ms, [this, here = is_here_] {
        if (*here && !is_over_) dial();
    });
}

void Joining::carry_out() {
    while (auto action = session_->next_action()) {
        if (auto* send = std::get_if<sync::DeviceSend>(&*action)) {
            network_.send(wire_, End::device, std::move(send->frame));
            continue;
        }
        if (session_->done()) {
            finish();
            break;
        }
        const auto& failure = session_->progress().failure;
        const Error why = failure ? *failure : Error{Code::offline, "closed"};
        world_.tell("  join", why.message);
        if (is_refusal(why)) ++refusals_;
        events_.failed(why);
        network_.close(std::exchange(wire_, 0), End::device);
        session_.reset();
        dial_later();
        break;
    }
    events_.worked();
}

void Joining::finish() {
    is_over_ = true;
    const auto joined = replica_.joined(std::move(*key_), invite_, session_->entries());
    network_.close(std::exchange(wire_, 0), End::device);
    if (!joined) return world_.tell("  join", joined.error().message);
    events_.joined();
}

}  // namespace trellis::sim
