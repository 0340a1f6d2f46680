// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "clients/net/event_loop.hpp"
#include "core/base/env.hpp"
#include "server/net/http.hpp"
#include "server/net/listener.hpp"
#include "sync/wire/message.hpp"
#include "tests/adversary/real_relay.hpp"

namespace trellis::test {

/// A server that has the true server's key and says what a test wants: what no honest program
/// can be made to say. Real sockets; it runs while the clients' loop does.
class ScriptedRelay {
public:
    /// Borrows the loop and the world for its life.
    ScriptedRelay(clients::EventLoop& loop, crypto::SignSecret secret, Env& env);

    [[nodiscard]] std::string url() const;

    using Answers = std::vector<sync::Message>;
    sync::Welcome welcome;
    /// What it says to each message of a device.
    std::function<Answers(const sync::Message&)> answer;
    std::vector<sync::Message> heard;

    /// Makes it show that membership log, and every space as empty.
    void show_entries(const std::vector<Bytes>& entries);

private:
    net::Awaitable<void> talk(net::WebSocket& socket);
    Answers answer_entries(const std::vector<Bytes>& entries, const sync::Message& message);

    crypto::SignSecret secret_;
    Env& env_;
    std::unique_ptr<server::HttpServer> http_;
    std::unique_ptr<server::Listener> listener_;
    sync::Channel opened_ = 0;
};

}  // namespace trellis::test
