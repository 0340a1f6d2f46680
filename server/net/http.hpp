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
    std::size_t body_bytes_max = limits::http_body_max;  ///< of a POST to a task
    net::Milliseconds body_time{limits::http_body_ms};
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

/// What a task is asked: by GET without a body, or by POST with one.
struct HttpRequest {
    bool is_post = false;
    std::string path;
    std::string query;
    Bytes body;
};
/// Answers every request below one path, once it has something to answer.
using HttpTask = std::function<net::Awaitable<HttpResponse>(HttpRequest request)>;

/// Speaks on an open WebSocket; the connection is dropped when it returns.
using UpgradeHandler =
    std::function<net::Awaitable<void>(net::WebSocket& socket, const std::string& remote_address)>;

/// HTTP/1.1 in its smallest part: GET of fixed paths, and the upgrade to a WebSocket. Every
/// answer carries the security headers. Holds no connection: many may be served at once.
class HttpServer {
public:
    HttpServer(HttpOptions options, StaticFiles files, UpgradeHandler upgrade);

    void add_route(std::string path, HttpRoute route);
    /// `prefix` ends with a slash. Nobody else is ever allowed a body.
    void add_task(std::string prefix, HttpTask task);

    /// Serves one connection to its end.
    /// Requires: this outlives the coroutine.
    net::Awaitable<void> serve(net::StreamPtr stream);

private:
    net::Awaitable<HeadScan> read_head(net::Stream& stream, std::string& input) const;
    net::Awaitable<bool> respond(net::Stream& stream, const HttpHead& head);
    const HttpTask* task_of(const HttpHead& head) const;
    net::Awaitable<bool> perform(net::Stream& stream, const HttpHead& head, std::string& input);
    net::Awaitable<bool> read_body(net::Stream& stream, const HttpHead& head, std::string& input,
                                   Bytes& body) const;
    net::Awaitable<void> refuse(net::Stream& stream, unsigned status) const;
    net::Awaitable<void> upgrade(net::StreamPtr stream, net::UpgradeRequest request);

    HttpOptions options_;
    StaticFiles files_;
    UpgradeHandler upgrade_;
    std::map<std::string, HttpRoute, std::less<>> routes_;
    std::map<std::string, HttpTask, std::less<>> tasks_;
};

}  // namespace trellis::server
