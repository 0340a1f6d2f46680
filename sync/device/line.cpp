// SPDX-License-Identifier: Apache-2.0
#include "sync/device/line.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "sync/wire/frame.hpp"

namespace trellis::sync {
namespace {

constexpr Time never = std::numeric_limits<Time>::max();

Error nobody_there(std::string_view what) {
    return Error{Code::timeout, "the relay " + std::string(what) + "; try again later"};
}

}  // namespace

Line::Line(const OrgId& org, const SessionTimes& times, SessionProgress& progress, Env& env,
           Time now)
    : times_(times),
      progress_(progress),
      handshake_(org, env),
      started_(now),
      proved_(now),
      heard_(now),
      pinged_(now),
      answered_(now) {
    push_frame(handshake_.hello());
}

void Line::push_frame(Bytes frame) {
    progress_.bytes_up += frame.size();
    frames_.push_back(std::move(frame));
}

Result<void> Line::receive_answer(ByteView frame, const LineIdentity& identity, Time now) {
    TRELLIS_CHECK(stage_ == Stage::greeting);
    heard(now);
    progress_.bytes_down += frame.size();
    TRELLIS_TRY(auto proof, handshake_.receive_answer(frame, identity.relay_key, identity.claim,
                                                      identity.secret));
    channel_ = handshake_.take_channel();
    push_frame(std::move(proof));
    stage_ = Stage::proving;
    proved_ = now;
    return {};
}

Result<std::optional<Message>> Line::receive(ByteView frame, Time now) {
    TRELLIS_CHECK(channel_.has_value());
    heard(now);
    progress_.bytes_down += frame.size();
    TRELLIS_TRY(const auto plain, channel_->open(frame));
    TRELLIS_TRY(auto message, decode(plain));
    TRELLIS_TRY(auto sorted, sort(std::move(message)));
    if (sorted) answered_ = now;
    return sorted;
}

Result<std::optional<Message>> Line::sort(Message message) {
    if (const auto* bye = std::get_if<Bye>(&message)) {
        heard_bye_ = true;
        return Error{bye->code, bye->message};
    }
    const bool is_welcome = std::holds_alternative<Welcome>(message);
    if (is_welcome != (stage_ == Stage::proving)) {
        return Error{Code::invalid, is_welcome ? "the relay said Welcome twice"
                                               : "the relay spoke before its Welcome"};
    }
    stage_ = Stage::open;
    if (const auto* ping = std::get_if<Ping>(&message)) {
        send(Pong{ping->token});
        return std::optional<Message>();
    }
    if (const auto* pong = std::get_if<Pong>(&message)) {
        if (pong->token == barrier_) passed_ = barrier_;
        return std::optional<Message>();
    }
    return std::optional<Message>(std::move(message));
}

void Line::heard(Time now) { heard_ = std::max(heard_, now); }

void Line::send(const Message& message) {
    TRELLIS_CHECK(stage_ == Stage::open);
    const bool is_small_talk =
        std::holds_alternative<Ping>(message) || std::holds_alternative<Pong>(message);
    if (!is_small_talk) ++sent_;
    push_frame(channel_->seal(encode(message)));
}

void Line::send_barrier() {
    barrier_ = ++pings_;
    send(Ping{barrier_});
}

void Line::wait_for_answer(bool is_waiting, Time now) {
    if (is_waiting && !is_waiting_) answered_ = now;
    is_waiting_ = is_waiting;
}

Result<void> Line::tick(Time now) {
    if (is_closed()) return {};
    if (stage_ != Stage::open) {
        if (now < started_ + times_.welcome_ms) return {};
        return nobody_there("did not let us in in time");
    }
    if (now >= heard_ + times_.dead_ms) return nobody_there("has gone silent");
    if (is_waiting_ && now >= answered_ + times_.stall_ms) {
        return nobody_there("is there, but does not answer");
    }
    if (now >= std::max(heard_, pinged_) + times_.ping_ms) {
        pinged_ = now;
        send(Ping{++pings_});
    }
    return {};
}

Time Line::deadline() const {
    if (is_closed()) return never;
    if (stage_ != Stage::open) return started_ + times_.welcome_ms;
    Time next = std::min(heard_ + times_.dead_ms, std::max(heard_, pinged_) + times_.ping_ms);
    if (is_waiting_) next = std::min(next, answered_ + times_.stall_ms);
    return next;
}

void Line::close() {
    if (is_closed()) return;
    stage_ = Stage::closed;
    farewell_ = DeviceClose{};
}

void Line::fail(const Error& error) {
    if (is_closed()) return;
    if (stage_ == Stage::open && !heard_bye_) send(Bye{error.code, error.message});
    stage_ = Stage::closed;
    farewell_ = DeviceClose{error.code};
}

std::optional<DeviceAction> Line::next_action() {
    if (!frames_.empty()) {
        DeviceSend send{std::move(frames_.front())};
        frames_.pop_front();
        return DeviceAction(std::move(send));
    }
    return std::exchange(farewell_, std::nullopt);
}

}  // namespace trellis::sync
