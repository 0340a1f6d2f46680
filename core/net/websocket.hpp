// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/bytes.hpp"
#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "core/net/stream.hpp"

namespace trellis::net {

/// Why a WebSocket is closed (RFC 6455 section 7.4.1); the ones we send.
enum class CloseCode : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    protocol_error = 1002,
    unsupported = 1003,  ///< a text message: ours are binary
    policy = 1008,       ///< too slow to read, or not allowed
    too_big = 1009,
    internal = 1011,
    try_later = 1013,
};

struct WebSocketOptions {
    std::size_t message_bytes_max = limits::frame_max;
    std::size_t outbound_bytes_max = limits::outbound_max;  ///< more waiting than this: 1008
    Milliseconds handshake{limits::greeting_ms};            ///< also of closing
    Milliseconds idle{limits::idle_ms};                     ///< silence; a ping after each third of it
};

/// The upgrade request as it was read.
struct UpgradeRequest {
    std::string head;  ///< up to and with its blank line
    Bytes rest;        ///< what was read after it
};

/// Binary messages over a stream. Compression is never agreed to. Belongs to the thread that
/// runs the stream's executor, and must be destroyed before the io_context is.
class WebSocket {
public:
    using Made = Result<std::unique_ptr<WebSocket>>;

    /// The server's side; answers the request, also where it refuses.
    static Awaitable<Made> accept(StreamPtr stream, UpgradeRequest request,
                                  WebSocketOptions options);

    /// The client's side of a connected stream.
    static Awaitable<Made> connect(StreamPtr stream, std::string host, std::string target,
                                   WebSocketOptions options);

    /// Drops the connection where it is still open.
    ~WebSocket();
    WebSocket(const WebSocket&) = delete;
    WebSocket& operator=(const WebSocket&) = delete;

    /// The next message; nothing once the other side has closed in good order. Answers pings,
    /// and closes with the fitting code on whatever is against the protocol.
    /// Requires: no other receive() under way.
    Awaitable<Result<std::optional<Bytes>>> receive();

    /// Queues a message; many queued small ones leave in one write. A reader so slow that more
    /// than `outbound_bytes_max` would wait is dropped (1008) and this is an error.
    Result<void> send(Bytes message);

    /// Called from now on with the size of each message that the kernel has taken.
    void on_written(std::function<void(std::size_t)> handler);

    /// Sends what is queued, then closes in good order. Bounded by the handshake time.
    Awaitable<void> close(CloseCode code, std::string reason);

    /// At once and without a word.
    void abandon();

    /// Takes effect with the next message.
    void set_message_bytes_max(std::size_t bytes);

    /// The other side has proven who it is.
    void admit();

    /// Messages not yet taken by the kernel.
    std::size_t queued_bytes() const;

    /// What the other side gave as its reason to close; 0 where it gave none.
    std::uint16_t peer_close_code() const;

    const std::string& remote_address() const;

private:
    class Impl;
    explicit WebSocket(std::shared_ptr<Impl> impl);
    static Awaitable<Result<std::optional<Bytes>>> receive_on(std::shared_ptr<Impl> impl);
    static Awaitable<void> close_on(std::shared_ptr<Impl> impl, CloseCode code,
                                    std::string reason);

    std::shared_ptr<Impl> impl_;
};

}  // namespace trellis::net
