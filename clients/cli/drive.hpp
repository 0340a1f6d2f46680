// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <functional>

#include "clients/net/socket.hpp"
#include "core/base/env.hpp"
#include "sync/device/session.hpp"

namespace trellis::clients {

/// Sends what the session wants sent. False where it wants the connection closed.
template <class Session>
Result<bool> carry_out(Session& session, ClientSocket& socket) {
    while (auto action = session.next_action()) {
        if (auto* send = std::get_if<sync::DeviceSend>(&*action)) {
            TRELLIS_DO(socket.send(std::move(send->frame)));
        } else {
            return false;
        }
    }
    return true;
}

/// Runs one session over one connection until it has done what it is for.
template <class Session>
Result<void> drive(Session& session, ClientSocket& socket, Env& env, std::int64_t end_ms,
                   const std::function<void(const sync::SessionProgress&)>& tell = {}) {
    for (;;) {
        TRELLIS_TRY(const bool goes_on, carry_out(session, socket));
        if (!goes_on || session.done()) break;
        const auto now = env.monotonic_time();
        if (now >= end_ms) {
            return Error{Code::timeout, "the relay did not finish within the deadline"};
        }
        const auto wake = std::min<std::int64_t>(end_ms, session.deadline());
        auto message = socket.receive(std::chrono::milliseconds(std::max<std::int64_t>(wake - now, 1)));
        if (message && !message->has_value()) break;
        if (message) {
            session.receive(**message, env.monotonic_time());
            if (tell) tell(session.progress());
        } else if (message.error().code == Code::timeout) {
            session.tick(env.monotonic_time());
        } else {
            return std::move(message).error();
        }
    }
    socket.close();
    if (session.progress().failure) return *session.progress().failure;
    if (!session.done()) {
        return Error{Code::offline, "the relay closed the connection before everything was said"};
    }
    return {};
}

}  // namespace trellis::clients
