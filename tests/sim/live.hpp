// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "core/replica.hpp"
#include "sync/device/backoff.hpp"
#include "sync/device/device_session.hpp"
#include "sync/device/join_session.hpp"
#include "tests/sim/clock.hpp"
#include "tests/sim/network.hpp"

namespace trellis::sim {

/// Stays in sync as a client does: one connection for all spaces, dialled again after it
/// breaks, with the product's session and backoff. Or one pass only.
class LiveLine {
public:
    struct Events {
        /// The replica was called: whatever it holds may have changed.
        std::function<void()> worked;
        /// A session has ended; a pass that was asked for is over too.
        std::function<void(const sync::SessionProgress&)> ended;
    };
    /// Borrows everything.
    LiveLine(World& world, Network& network, std::size_t road, core::Replica& replica, SimEnv& env,
             Events events);
    LiveLine(const LiveLine&) = delete;
    LiveLine& operator=(const LiveLine&) = delete;
    ~LiveLine();

    /// `follow`: stay and hear what comes later; else one pass, not tried again.
    void start(bool follow);
    /// The process is gone: no goodbye.
    void vanish();
    void outbox_changed();
    /// The machine woke up: timers that should have rung ring now.
    void wake();

    [[nodiscard]] bool is_settled() const;
    [[nodiscard]] bool is_connected() const { return is_open_; }
    [[nodiscard]] const sync::DeviceSession* session() const { return session_.get(); }
    /// Sessions that ended before their time, one after the other.
    [[nodiscard]] unsigned failures() const { return failures_; }

private:
    void dial();
    void received(ByteView frame);
    void carry_out();
    void hang_up();
    void set_alarm(Time ms);
    void rang();
    template <class Work>
    std::function<void()> while_here(Work work);

    World& world_;
    Network& network_;
    std::size_t road_;
    core::Replica& replica_;
    SimEnv& env_;
    Events events_;
    sync::Backoff backoff_;
    sync::SessionOptions options_;
    bool follows_ = true;
    WireId wire_ = 0;
    bool is_open_ = false;
    std::unique_ptr<sync::DeviceSession> session_;
    bool wants_dial_ = false;  ///< what the alarm is for
    std::optional<Time> alarm_at_;
    unsigned failures_ = 0;
    std::shared_ptr<bool> is_here_ = std::make_shared<bool>(true);
};

/// Joins an organisation through the relay, trying until it works.
class Joining {
public:
    struct Events {
        std::function<void()> worked;  ///< the replica was called
        std::function<void()> joined;
        std::function<void(const Error&)> failed;  ///< and will be tried again
        std::function<bool()> may_join;  ///< now; not set: always
    };
    Joining(World& world, Network& network, std::size_t road, core::Replica& replica, SimEnv& env,
            crypto::Invite invite, std::string name, Events events);
    Joining(const Joining&) = delete;
    Joining& operator=(const Joining&) = delete;
    ~Joining();

    /// The relay said no; asking again at once is of no use.
    static bool is_refusal(const Error& why);

private:
    void dial();
    void dial_later();
    void carry_out();
    void finish();

    World& world_;
    Network& network_;
    std::size_t road_;
    core::Replica& replica_;
    SimEnv& env_;
    crypto::Invite invite_;
    std::string name_;
    Events events_;
    std::optional<crypto::DeviceKey> key_;
    std::unique_ptr<sync::JoinSession> session_;
    WireId wire_ = 0;
    unsigned refusals_ = 0;
    bool is_over_ = false;
    std::shared_ptr<bool> is_here_ = std::make_shared<bool>(true);
};

}  // namespace trellis::sim
