// SPDX-License-Identifier: Apache-2.0
// The client against servers that do not keep to RFC 6455.
#include <catch2/catch.hpp>
#include <future>

#include "clients/net/socket.hpp"
#include "tests/net/world.hpp"

using namespace trellis;
using clients::ClientSocket;
using clients::EventLoop;
using std::chrono::milliseconds;
using test::frame;
using test::RawServer;
using test::RawSocket;

namespace {

constexpr milliseconds long_enough{10'000};

std::string accept_of(const std::string& request);

/// Upgrades its one client, says `bytes`, and gives what comes back first.
test::ReceivedFrame serve(const RawServer& server, const std::string& bytes) {
    const auto socket = server.accept();
    const std::string request = socket->read_until("\r\n\r\n");
    socket->send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                 "Connection: Upgrade\r\nSec-WebSocket-Accept: " +
                 accept_of(request) + "\r\n\r\n" + bytes);
    auto answer = test::read_frame(*socket);
    socket->send(frame({.first = 0x88, .payload = test::close_payload(1000), .is_masked = false}));
    return answer;
}

std::string accept_of(const std::string& request) {
    const std::string name = "Sec-WebSocket-Key: ";
    const std::size_t at = request.find(name) + name.size();
    const std::string key = request.substr(at, request.find("\r\n", at) - at);
    return to_base64(test::sha1(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));
}

std::string url_of(const RawServer& server) {
    return "ws://127.0.0.1:" + std::to_string(server.port()) + "/sync";
}

}  // namespace

TEST_CASE("the client refuses frames against the protocol", "[net]") {
    const std::string bytes = GENERATE(
        frame({.payload = "masked", .is_masked = true}),
        frame({.first = 0xC2, .payload = "RSV1", .is_masked = false}),
        frame({.first = 0x83, .payload = "opcode 3", .is_masked = false}),
        frame({.first = 0x80, .payload = "continues nothing", .is_masked = false}));
    const RawServer server;
    auto answer = std::async(std::launch::async, serve, std::cref(server), bytes);
    EventLoop loop;
    const auto socket = ClientSocket::connect(loop, url_of(server), {});
    REQUIRE(socket);
    const auto message = (*socket)->receive(long_enough);
    REQUIRE_FALSE(message);
    CHECK(message.error().code == Code::invalid);
    const auto frame_of_client = answer.get();
    CHECK(frame_of_client.close_code() == 1002);
    CHECK(frame_of_client.is_masked);
}

TEST_CASE("the client refuses what is over its limit", "[net]") {
    const RawServer server;
    const std::string bytes = frame({.payload = std::string(101, 'x'), .is_masked = false});
    auto answer = std::async(std::launch::async, serve, std::cref(server), bytes);
    EventLoop loop;
    clients::SocketOptions options;
    options.message_bytes_max = 100;
    const auto socket = ClientSocket::connect(loop, url_of(server), options);
    REQUIRE(socket);
    const auto message = (*socket)->receive(long_enough);
    REQUIRE_FALSE(message);
    CHECK(message.error().code == Code::too_large);
    CHECK(answer.get().close_code() == 1009);
}

TEST_CASE("the client masks what it sends", "[net]") {
    const RawServer server;
    auto answer = std::async(std::launch::async, serve, std::cref(server), std::string());
    EventLoop loop;
    const auto socket = ClientSocket::connect(loop, url_of(server), {});
    REQUIRE(socket);
    REQUIRE((*socket)->send(to_bytes(as_bytes("hello"))));
    CHECK_FALSE((*socket)->receive(long_enough)->has_value());
    const auto sent = answer.get();
    CHECK(sent.first == 0x82);
    CHECK(sent.is_masked);
    CHECK(sent.payload == "hello");
}

TEST_CASE("a server that is no relay is said to be none", "[net]") {
    const RawServer server;
    const std::string reply =
        GENERATE(std::string("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
                 std::string("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                             "Connection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n"));
    auto done = std::async(std::launch::async, [&] {
        const auto socket = server.accept();
        socket->read_until("\r\n\r\n");
        socket->send(reply);
        socket->read_all();
    });
    EventLoop loop;
    const auto socket = ClientSocket::connect(loop, url_of(server), {});
    REQUIRE_FALSE(socket);
    CHECK(socket.error().code == Code::denied);
    done.get();
}

TEST_CASE("a server that never answers is a timeout", "[net]") {
    const RawServer server;
    EventLoop loop;
    clients::SocketOptions options;
    options.deadline = milliseconds{50};
    const std::string scheme = GENERATE("ws", "wss");
    const auto url = scheme + url_of(server).substr(2);
    const auto socket = ClientSocket::connect(loop, url, options);
    REQUIRE_FALSE(socket);
    CHECK(socket.error().code == Code::timeout);
}

TEST_CASE("a server that dies before it has answered is offline", "[net]") {
    const RawServer server;
    const std::string reply = GENERATE("", "HTTP/1.1 101 Swit");
    auto done = std::async(std::launch::async, [&] {
        const auto socket = server.accept();
        socket->read_until("\r\n\r\n");
        socket->send(reply);
    });
    EventLoop loop;
    const auto socket = ClientSocket::connect(loop, url_of(server), {});
    REQUIRE_FALSE(socket);
    CHECK(socket.error().code == Code::offline);
    done.get();
}
