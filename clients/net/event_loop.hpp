// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "core/base/result.hpp"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace trellis::clients {

/// The client's one thread: sockets, timers and standard input take turns on it. Everything it
/// calls, it calls from inside the run functions.
class EventLoop {
public:
    using Milliseconds = std::chrono::milliseconds;

    EventLoop();
    ~EventLoop();
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    /// Runs until `is_done` says so after one of the events, or the time has passed. True where
    /// it is done. May be called from inside an event.
    bool run_until(const std::function<bool()>& is_done, Milliseconds time);

    /// As above, without an end of time.
    void run_until(const std::function<bool()>& is_done);

    /// Runs what is ready and returns.
    void poll();

    /// Runs `action` in a later turn.
    void post(std::function<void()> action);

    /// Runs `action` once, later; replaces what was set before. One alarm per loop.
    void set_alarm(Milliseconds time, std::function<void()> action);
    void clear_alarm();

    /// Calls `action` once when `descriptor` (a pipe, a terminal, a file) can be read without
    /// waiting, or is at its end. The descriptor stays the caller's. One at a time.
    Result<void> when_readable(int descriptor, std::function<void()> action);

    boost::asio::io_context& context();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace trellis::clients
