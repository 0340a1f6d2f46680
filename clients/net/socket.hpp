// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "clients/net/event_loop.hpp"
#include "core/base/bytes.hpp"
#include "core/base/limits.hpp"
#include "core/base/result.hpp"

namespace trellis::clients {

struct SocketOptions {
    std::filesystem::path ca_file;  ///< whom to trust instead of the system's store
    std::string pinned_sha256;      ///< of the server's certificate; stands before any CA
    std::chrono::milliseconds deadline{10'000};  ///< of connecting, every step together
    std::chrono::milliseconds idle{90'000};      ///< silence that ends the connection
    std::size_t message_bytes_max = limits::frame_max;
};

/// What a socket says, from inside the loop's run functions. Each may be empty.
struct SocketEvents {
    std::function<void()> on_open;
    std::function<void(Bytes)> on_message;
    /// Once, last: nothing where the server closed in good order, else why.
    std::function<void(std::optional<Error>)> on_closed;
};

/// A device's connection to its server, used in one of two ways on the loop's thread: with
/// events, beside standard input and timers, or waiting for each step. Without an `on_message`,
/// what arrives waits for `receive`.
/// Requires: the loop outlives the socket.
class ClientSocket {
public:
    /// Begins to connect and returns; the rest comes as events. An error is about the address
    /// or the trust, which no server is needed to see.
    static Result<std::unique_ptr<ClientSocket>> start(EventLoop& loop, const std::string& url,
                                                       const SocketOptions& options,
                                                       SocketEvents events);

    /// Connects and waits until it is open: `offline`, `denied` or `timeout` where it is not.
    static Result<std::unique_ptr<ClientSocket>> connect(EventLoop& loop, const std::string& url,
                                                         const SocketOptions& options);

    /// Drops the connection; no event comes any more.
    ~ClientSocket();
    ClientSocket(const ClientSocket&) = delete;
    ClientSocket& operator=(const ClientSocket&) = delete;

    bool is_open() const;

    /// Queues a message; it leaves while the loop runs.
    Result<void> send(Bytes message);

    /// The next message; nothing once the server has closed in good order.
    Result<std::optional<Bytes>> receive(std::chrono::milliseconds time);

    /// A message that is already here; nothing else is run than what is ready.
    std::optional<Bytes> try_receive();

    /// Sends what is queued, closes in good order, and waits for that, bounded in time.
    void close();

private:
    class Impl;
    explicit ClientSocket(EventLoop& loop);

    EventLoop& loop_;
    std::unique_ptr<Impl> impl_;
};

}  // namespace trellis::clients
