// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/primitive/sign.hpp"
#include "server/config.hpp"
#include "server/net/http.hpp"
#include "server/net/listener.hpp"
#include "server/net/relay_host.hpp"
#include "server/ops/system_env.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <cstdint>
#include <memory>
#include <optional>

namespace trellis::server {

/// A whole server: the store below, three stages over it, the relay and its sockets on top.
/// What an envelope meets, in order: listener, http, relay_host, verify, append, relay_host.
class Server {
public:
    /// Everything that can be wrong with a configuration is an Error here. Requires: `log`
    /// outlives the server.
    static Result<std::unique_ptr<Server>> open(const Config& config, Log& log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    /// Says that it is ready, then serves until SIGTERM or SIGINT; drains; returns.
    Result<void> run();

    [[nodiscard]] std::uint16_t port() const { return listener_->port(); }

private:
    Server(const Config& config, Log& log);
    Result<void> open_store();
    Result<void> open_stages();
    Result<void> open_net();
    Result<void> say_ready() const;
    net::Awaitable<void> serve(net::StreamPtr stream);
    net::Awaitable<void> talk(net::WebSocket& socket);
    net::Awaitable<void> stop_on_signal();
    HttpResponse health() const;
    HttpResponse show_metrics();

    Config config_;
    Log& log_;
    SystemEnv env_;
    Metrics metrics_;
    boost::asio::io_context io_{1};
    boost::asio::signal_set signals_{io_};
    std::unique_ptr<Store> store_;
    std::optional<crypto::SignSecret> secret_;
    std::unique_ptr<Capture> capture_;
    std::unique_ptr<RelayHost> host_;
    std::unique_ptr<Verify> verify_;
    std::unique_ptr<Append> append_;
    std::unique_ptr<CatchUp> catch_up_;
    std::unique_ptr<HttpServer> http_;
    std::unique_ptr<Listener> listener_;
};

}  // namespace trellis::server
