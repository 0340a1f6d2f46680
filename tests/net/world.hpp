// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include <boost/asio/io_context.hpp>

#include "core/base/bytes.hpp"
#include "server/net/http.hpp"
#include "server/net/listener.hpp"

namespace trellis::test {

/// A folder that is gone when the test is.
class TemporaryFolder {
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path write(const std::string& name, const std::string& content) const;

private:
    std::filesystem::path path_;
};

struct WorldOptions {
    server::ListenerOptions listener;
    server::HttpOptions http;
    server::StaticFiles files;
    std::filesystem::path certificate;  ///< plain where there is none
    std::filesystem::path key;
    server::HttpTask task;         ///< below /task/; nobody may post where there is none
    server::UpgradeHandler speak;  ///< sends back what arrives where there is none
};

/// A real listener and HTTP server on a free port of the loopback, on a thread of its own.
class World {
public:
    explicit World(WorldOptions options = {});
    ~World();
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    std::uint16_t port() const { return listener_->port(); }
    std::string url(const std::string& scheme = "ws") const;

    /// Runs `action` on the server's thread and waits for it.
    void on_thread(const std::function<void()>& action);
    server::Listener& listener() { return *listener_; }

private:
    boost::asio::io_context io_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{
        io_.get_executor()};
    server::HttpServer http_;
    std::unique_ptr<server::Listener> listener_;
    std::thread thread_;
};

/// Sends every message back.
net::Awaitable<void> echo(net::WebSocket& socket, const std::string& remote_address);

/// A blocking socket for saying what a decent client never says. Every wait ends after ten
/// seconds, as the test then fails.
class RawSocket {
public:
    explicit RawSocket(std::uint16_t port);
    explicit RawSocket(int descriptor) : descriptor_(descriptor) {}
    ~RawSocket();
    RawSocket(const RawSocket&) = delete;
    RawSocket& operator=(const RawSocket&) = delete;

    void send(std::string_view bytes) const;
    /// Exactly that many, fewer where the stream ends before.
    std::string read(std::size_t count) const;
    /// Up to and with `end`.
    std::string read_until(std::string_view end) const;
    std::string read_all() const;
    /// No more from us; reading goes on.
    void end_writing() const;
    bool has_failed() const { return has_failed_; }
    int descriptor() const { return descriptor_; }

private:
    int descriptor_;
    mutable bool has_failed_ = false;
};

/// A listening socket whose one client is the one under test.
class RawServer {
public:
    RawServer();
    ~RawServer();
    RawServer(const RawServer&) = delete;
    RawServer& operator=(const RawServer&) = delete;
    std::uint16_t port() const { return port_; }
    std::unique_ptr<RawSocket> accept() const;

private:
    int descriptor_;
    std::uint16_t port_ = 0;
};

struct FrameParts {
    unsigned first = 0x82;          ///< FIN, reserved bits and opcode
    std::string payload;
    bool is_masked = true;
    unsigned length_bytes = 0;      ///< 0: the shortest form; 2 or 8: that one
    std::optional<std::uint64_t> claimed{};  ///< a length other than the payload's
};

/// The bytes of one WebSocket frame, also of a wrong one.
std::string frame(const FrameParts& parts);
std::string close_payload(unsigned code, std::string_view reason = {});

/// For the answer to an upgrade.
ByteArray<20> sha1(std::string_view text);

struct ReceivedFrame {
    unsigned first = 0;
    bool is_masked = false;
    std::string payload;
    unsigned close_code() const;
};
/// The next frame; first is 0 at the end of the stream.
ReceivedFrame read_frame(const RawSocket& socket);

/// A raw socket after the upgrade.
std::unique_ptr<RawSocket> upgraded(std::uint16_t port);
constexpr std::string_view upgrade_request =
    "GET /sync HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";

}  // namespace trellis::test
