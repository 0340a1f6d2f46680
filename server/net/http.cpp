// SPDX-License-Identifier: Apache-2.0
#include "server/net/http.hpp"

#include <array>
#include <utility>

namespace trellis::server {
namespace {

using net::Awaitable;

/// Nothing from elsewhere, nothing inline, nobody may frame us (security.md, 3.16).
constexpr std::string_view security_headers =
    "Content-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; "
    "style-src 'self'; img-src 'self' blob:; connect-src 'self'; worker-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types trellis-url\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Embedder-Policy: require-corp\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Permissions-Policy: geolocation=(), microphone=()\r\n";

constexpr std::string_view strict_transport =
    "Strict-Transport-Security: max-age=63072000; includeSubDomains\r\n";

std::string_view reason_of(unsigned status) {
    constexpr std::array<std::pair<unsigned, std::string_view>, 18> reasons = {{
        {200, "OK"},
        {202, "Accepted"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {426, "Upgrade Required"},
        {428, "Precondition Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
        {507, "Insufficient Storage"},
    }};
    for (const auto& [known, reason] : reasons) {
        if (status == known) return reason;
    }
    return "Unknown";
}

/// What of an answer varies; `body` is borrowed, so that a file is never copied.
struct Answer {
    unsigned status = 200;
    std::string_view media_type = "text/plain; charset=utf-8";
    std::string_view etag;
    std::string_view body;
    bool is_packed = false;
    bool keeps_alive = false;
};

std::string head_of(const Answer& answer, bool is_encrypted) {
    std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " ";
    head.append(reason_of(answer.status)).append("\r\n").append(security_headers);
    if (is_encrypted) head.append(strict_transport);
    if (answer.status == 405) head.append("Allow: GET\r\n");
    if (answer.status == 429) head.append("Retry-After: 60\r\n");
    if (answer.status == 426) head.append("Upgrade: websocket\r\n");
    if (answer.status != 304) {
        head.append("Content-Type: ").append(answer.media_type).append("\r\nContent-Length: ");
        head.append(std::to_string(answer.body.size())).append("\r\n");
    }
    if (answer.etag.empty()) {
        head.append("Cache-Control: no-store\r\n");
    } else {
        // Asked again every time, answered 304: an update is seen at once.
        head.append("Cache-Control: no-cache\r\nVary: Accept-Encoding\r\nETag: ");
        head.append(answer.etag).append("\r\n");
        if (answer.is_packed && answer.status != 304) head.append("Content-Encoding: gzip\r\n");
    }
    const bool upgrades = answer.status == 426;
    head.append(upgrades             ? "Connection: Upgrade, close\r\n\r\n"
                : answer.keeps_alive ? "Connection: keep-alive\r\n\r\n"
                                     : "Connection: close\r\n\r\n");
    return head;
}

Awaitable<Result<void>> write_answer(net::Stream& stream, Answer answer) {
    const std::string head = head_of(answer, stream.is_encrypted());
    net::WriteBuffers buffers;
    buffers.push_back(net::asio::buffer(head));
    if (answer.status != 304) buffers.push_back(net::asio::buffer(answer.body));
    co_return co_await stream.write(buffers);
}

unsigned refusal_of(HeadState state) { return state == HeadState::too_long ? 431 : 400; }

}  // namespace

HttpServer::HttpServer(HttpOptions options, StaticFiles files, UpgradeHandler upgrade)
    : options_(std::move(options)), files_(std::move(files)), upgrade_(std::move(upgrade)) {}

void HttpServer::add_route(std::string path, HttpRoute route) {
    routes_.insert_or_assign(std::move(path), std::move(route));
}

void HttpServer::add_task(std::string prefix, HttpTask task) {
    tasks_.insert_or_assign(std::move(prefix), std::move(task));
}

const HttpTask* HttpServer::task_of(const HttpHead& head) const {
    for (const auto& [prefix, task] : tasks_) {
        if (head.path.starts_with(prefix)) return &task;
    }
    return nullptr;
}

Awaitable<void> HttpServer::serve(net::StreamPtr stream) {
    std::string input;
    // A connection that has just been made has no reason to be idle.
    stream->expires_after(options_.head_time);
    for (bool goes_on = true; goes_on;) {
        const HeadScan scan = co_await read_head(*stream, input);
        if (scan.state == HeadState::incomplete) co_return;  // gone, or too slow
        if (scan.state != HeadState::complete) {
            co_await refuse(*stream, refusal_of(scan.state));
            co_return;
        }
        std::string text = input.substr(0, scan.length);
        input.erase(0, scan.length);
        const HttpHead head = parse_head(text, tasks_.empty() ? 0 : options_.body_bytes_max);
        if (head.refusal != 0) {
            co_await refuse(*stream, head.refusal);
            co_return;
        }
        if (head.path == options_.sync_path && head.is_upgrade) {
            if (!is_origin_welcome(head, options_.origins)) {
                co_await refuse(*stream, 403);
                co_return;
            }
            // Named: g++ 12 destroys an aggregate made inside a co_await twice.
            net::UpgradeRequest request{std::move(text), to_bytes(as_bytes(input))};
            co_await upgrade(stream, std::move(request));
            co_return;
        }
        if (task_of(head) != nullptr) {
            goes_on = co_await perform(*stream, head, input);
        } else if (head.is_post) {
            co_await refuse(*stream, 405);
            co_return;
        } else {
            goes_on = co_await respond(*stream, head);
        }
        stream->expires_after(input.empty() ? options_.idle_time : options_.head_time);
    }
    co_await stream->finish();
}

Awaitable<HeadScan> HttpServer::read_head(net::Stream& stream, std::string& input) const {
    std::array<std::uint8_t, 4096> chunk{};
    bool is_waiting = input.empty();
    for (;;) {
        const HeadScan scan = scan_head(input, options_.head_bytes_max);
        if (scan.state != HeadState::incomplete) co_return scan;
        const auto count = co_await stream.read_some(chunk);
        if (!count || *count == 0) co_return HeadScan{};
        if (is_waiting) stream.expires_after(options_.head_time);
        is_waiting = false;
        input.append(as_text(ByteView(chunk).first(*count)));
    }
}

/// True where another request may follow.
Awaitable<bool> HttpServer::respond(net::Stream& stream, const HttpHead& head) {
    Answer answer;
    HttpResponse made;
    answer.keeps_alive = head.keeps_alive;
    if (head.path == options_.sync_path) {
        answer.status = 426;
        answer.keeps_alive = false;
        answer.body = "Open a WebSocket here.\n";
    } else if (const auto route = routes_.find(head.path); route != routes_.end()) {
        made = route->second();
        answer.status = made.status;
        answer.media_type = made.media_type;
        answer.body = made.body;
    } else if (const auto* const file = files_.find(head.path)) {
        answer.is_packed = head.accepts_gzip && !file->packed.empty();
        answer.media_type = file->media_type;
        answer.etag = answer.is_packed ? file->packed_etag : file->etag;
        answer.body = answer.is_packed ? file->packed : file->content;
        answer.status = head.if_none_match == answer.etag ? 304 : 200;
    } else {
        answer.status = 404;
        answer.body = "Not found.\n";
    }
    stream.expires_after(options_.write_time);
    const auto written = co_await write_answer(stream, answer);
    co_return written.has_value() && answer.keeps_alive;
}

/// The same for who may bring a body.
Awaitable<bool> HttpServer::perform(net::Stream& stream, const HttpHead& head, std::string& input) {
    HttpRequest request{head.is_post, head.path, head.query, {}};
    if (head.is_post) {
        const bool is_whole = co_await read_body(stream, head, input, request.body);
        if (!is_whole) co_return false;
    }
    // However long the task takes: it is our time, not theirs.
    stream.expires_never();
    auto task = (*task_of(head))(std::move(request));
    const HttpResponse made = co_await std::move(task);
    Answer answer;
    answer.status = made.status;
    answer.media_type = made.media_type;
    answer.body = made.body;
    answer.keeps_alive = head.keeps_alive;
    stream.expires_after(options_.write_time);
    const auto written = co_await write_answer(stream, answer);
    co_return written.has_value() && answer.keeps_alive;
}

/// False where it did not come whole, or too slowly.
Awaitable<bool> HttpServer::read_body(net::Stream& stream,
                                      const HttpHead& head,
                                      std::string& input,
                                      Bytes& body) const {
    stream.expires_after(options_.body_time);
    if (head.expects_continue && input.empty()) {
        constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
        net::WriteBuffers buffers;
        buffers.push_back(net::asio::buffer(go_on));
        const auto written = co_await stream.write(buffers);
        if (!written) co_return false;
    }
    std::array<std::uint8_t, 4096> chunk{};
    while (input.size() < head.body_bytes) {
        const auto count = co_await stream.read_some(chunk);
        if (!count || *count == 0) co_return false;
        input.append(as_text(ByteView(chunk).first(*count)));
    }
    body = to_bytes(as_bytes(std::string_view(input).substr(0, head.body_bytes)));
    input.erase(0, head.body_bytes);
    co_return true;
}

Awaitable<void> HttpServer::refuse(net::Stream& stream, unsigned status) const {
    Answer answer;
    answer.status = status;
    answer.body = reason_of(status);
    stream.expires_after(options_.write_time);
    const auto written = co_await write_answer(stream, answer);
    if (written) co_await stream.finish();
}

Awaitable<void> HttpServer::upgrade(net::StreamPtr stream, net::UpgradeRequest request) {
    const std::string address = stream->remote_address();
    auto made = co_await net::WebSocket::accept(std::move(stream), std::move(request),
                                                options_.websocket);
    if (made) co_await upgrade_(**made, address);
}

}  // namespace trellis::server
