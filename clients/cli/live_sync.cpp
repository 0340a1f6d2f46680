// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/live_sync.hpp"

#include <algorithm>
#include <utility>

#include "clients/verbs/progress.hpp"

namespace trellis::clients {
namespace {

using std::chrono::milliseconds;

}  // namespace

LiveSync::LiveSync(core::Replica& replica, EventLoop& loop, SocketOptions trust, Env& env,
                   Tell tell)
    : replica_(replica)
    , loop_(loop)
    , trust_(std::move(trust))
    , env_(env)
    , tell_(std::move(tell))
    , backoff_(env) {}

LiveSync::~LiveSync() { loop_.clear_alarm(); }

Result<void> LiveSync::start() {
    dial();
    return {};
}

/// Never called from inside a socket's own event: it replaces the socket.
void LiveSync::dial() {
    session_.reset();
    socket_.reset();
    reported_ = 0;
    is_over_ = false;
    SocketEvents events;
    events.on_open = [this] {
        session_ = std::make_unique<sync::DeviceSession>(replica_, options_, env_,
                                                         env_.monotonic_time());
        carry_out();
    };
    events.on_message = [this](const Bytes& message) { received(message); };
    events.on_closed = [this](const std::optional<Error>& why) { closed(why); };
    auto socket = ClientSocket::start(loop_, replica_.url(), trust_, std::move(events));
    if (socket) {
        socket_ = std::move(*socket);
    } else {
        hang_up(socket.error());
    }
}

void LiveSync::received(const Bytes& message) {
    if (session_ == nullptr || is_over_) return;
    session_->receive(message, env_.monotonic_time());
    if (session_->was_welcomed()) backoff_.reset();
    carry_out();
    if (is_over_) return;
    const auto& progress = session_->progress();
    const auto moved = progress.sent + progress.received + (progress.complete ? 1 : 0);
    if (moved != reported_) {
        reported_ = moved;
        report(true, std::nullopt);
    }
}

void LiveSync::carry_out() {
    while (auto action = session_->next_action()) {
        auto* send = std::get_if<sync::DeviceSend>(&*action);
        if (send == nullptr) return hang_up(session_->progress().failure);
        if (auto sent = socket_->send(std::move(send->frame)); !sent) return hang_up(sent.error());
    }
    const auto wait = std::max<std::int64_t>(session_->deadline() - env_.monotonic_time(), 1);
    loop_.set_alarm(milliseconds(wait), [this] {
        session_->tick(env_.monotonic_time());
        carry_out();
    });
}

void LiveSync::closed(const std::optional<Error>& why) {
    const bool failed = session_ != nullptr && session_->progress().failure.has_value();
    hang_up(failed ? session_->progress().failure : why);
}

/// The connection is over; the next one is dialled after a pause, or at once where what this one
/// has learnt asks for it. Said once: that the socket closes then is no news, and must not make
/// us forget what the next session is for.
void LiveSync::hang_up(const std::optional<Error>& why) {
    if (std::exchange(is_over_, true)) return;
    report(false, why);
    const auto more = session_ == nullptr ? std::nullopt : sync::next_session(*session_, options_);
    options_ = more.value_or(sync::SessionOptions{});
    const auto pause = more ? 1 : backoff_.next_delay_ms();
    loop_.set_alarm(milliseconds(pause), [this] { dial(); });
}

void LiveSync::outbox_changed() {
    if (is_over_ || session_ == nullptr || socket_ == nullptr || !socket_->is_open()) return;
    session_->outbox_changed(env_.monotonic_time());
    carry_out();
}

void LiveSync::report(bool connected, const std::optional<Error>& why) {
    Json event{Json::Object{}};
    if (session_ != nullptr) event = progress_to_json(session_->progress());
    event.set("event", "sync");
    event.set("connected", connected);
    if (why) {
        event.set("code", to_string(why->code));
        event.set("message", why->message);
    }
    tell_(std::move(event));
}

}  // namespace trellis::clients
