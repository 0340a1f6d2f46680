// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "clients/net/event_loop.hpp"
#include "clients/net/socket.hpp"
#include "core/base/json.hpp"
#include "core/replica.hpp"
#include "sync/device/backoff.hpp"
#include "sync/device/device_session.hpp"

namespace trellis::clients {

/// Stays in sync: one connection for all spaces, dialled again after it breaks.
class LiveSync {
public:
    using Tell = std::function<void(Json)>;

    /// Borrows all but the callback, which is told of {"event":"sync",…}.
    LiveSync(core::Replica& replica, EventLoop& loop, SocketOptions trust, Env& env, Tell tell);
    LiveSync(const LiveSync&) = delete;
    LiveSync& operator=(const LiveSync&) = delete;
    ~LiveSync();

    Result<void> start();
    void outbox_changed();

private:
    void dial();
    void received(const Bytes& message);
    void closed(const std::optional<Error>& why);
    void carry_out();
    void hang_up(const std::optional<Error>& why);
    void report(bool connected, const std::optional<Error>& why);

    core::Replica& replica_;
    EventLoop& loop_;
    SocketOptions trust_;
    Env& env_;
    Tell tell_;
    sync::Backoff backoff_;
    sync::SessionOptions options_;  ///< of the next session
    std::unique_ptr<ClientSocket> socket_;
    std::unique_ptr<sync::DeviceSession> session_;
    bool is_over_ = true;  ///< the session; the next one is not dialled yet
    std::uint64_t reported_ = 0;  ///< what had moved when we last told
};

}  // namespace trellis::clients
