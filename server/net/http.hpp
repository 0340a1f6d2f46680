// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "core/base/limits.hpp"
#include "core/net/asio.hpp"
#include "core/net/stream.hpp"
#include "core/net/websocket.hpp"
#include "server/net/http_head.hpp"
#include "server/net/static_files.hpp"

namespace trellis::server {

struct HttpOptions {
    std::size_t head_bytes_max = limits::http_head_max;
    net::Milliseconds head_time{limits::greeting_ms};  ///< from the first byte of a request to its last
    net::Milliseconds idle_time{limits::idle_ms};      ///< between two requests
    net::Milliseconds write_time{30'000};
    std::string sync_path = "/sync";
    std::vector<std::string> origins;  ///< besides our own, whose pages may open a WebSocket
    net::WebSocketOptions websocket;
};

struct HttpResponse {
    unsigned status = 200;
    std::string media_type = "text/plain; charset=utf-8";
    std::string body;
};

/// Answers GET of one path. Runs on the net thread: it must not wait for anything.
using HttpRoute = std::function<HttpResponse()>;

/// Speaks on an open WebSocket; the connection is dropped when it returns.
using UpgradeHandler =
    std::function<net::Awaitable<void>(net::WebSocket& socket, const std::string& remote_address)>;

/// HTTP/1.1 in its smallest part: GET of fixed paths, and the upgrade to a WebSocket. Every
/// answer carries the security headers. Holds no connection: many may be served at once.
class HttpServer {
public:
    HttpServer(HttpOptions options, StaticFiles files, UpgradeHandler upgrade);

    void add_route(std::string path, HttpRoute route);

    /// Serves one connection to its end.
    /// Requires: this outlives the coroutine.
    net::Awaitable<void> serve(net::StreamPtr stream);

private:
    net::Awaitable<HeadScan> read_head(net::Stream& stream, std::string& input) const;
    net::Awaitable<bool> respond(net::Stream& stream, const HttpHead& head);
    net::Awaitable<void> refuse(net::Stream& stream, unsigned status) const;
    net::Awaitable<void> upgrade(net::StreamPtr stream, net::UpgradeRequest request);

    HttpOptions options_;
    StaticFiles files_;
    UpgradeHandler upgrade_;
    std::map<std::string, HttpRoute, std::less<>> routes_;
};

}  // namespace trellis::server
