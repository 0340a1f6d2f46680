// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "clients/net/socket.hpp"
#include "tests/net/world.hpp"

using namespace trellis;
using clients::ClientSocket;
using clients::EventLoop;
using clients::SocketEvents;
using std::chrono::milliseconds;
using test::World;

namespace {

constexpr milliseconds long_enough{10'000};

Bytes message_of(const std::string& text) { return to_bytes(as_bytes(text)); }

net::Awaitable<void> close_busy(net::WebSocket& socket, const std::string& /*address*/) {
    co_await socket.close(net::CloseCode::try_later, "later");
}

net::Awaitable<void> drop(net::WebSocket& socket, const std::string& /*address*/) {
    socket.abandon();
    co_return;
}

test::WorldOptions speaking(server::UpgradeHandler handler) {
    test::WorldOptions options;
    options.speak = std::move(handler);
    return options;
}

}  // namespace

TEST_CASE("a client that waits gets its messages back in order", "[net]") {
    const World world;
    EventLoop loop;
    const auto socket = ClientSocket::connect(loop, world.url(), {});
    REQUIRE(socket);
    for (int i = 0; i < 500; ++i) REQUIRE((*socket)->send(message_of(std::to_string(i))));
    for (int i = 0; i < 500; ++i) {
        const auto message = (*socket)->receive(long_enough);
        REQUIRE(message);
        REQUIRE(*message == message_of(std::to_string(i)));
    }
    CHECK_FALSE((*socket)->try_receive());
    const auto nothing = (*socket)->receive(milliseconds{1});
    REQUIRE_FALSE(nothing);
    CHECK(nothing.error().code == Code::timeout);
    (*socket)->close();
    CHECK_FALSE((*socket)->is_open());
    CHECK_FALSE((*socket)->receive(long_enough)->has_value());
    CHECK((*socket)->send(message_of("late")).error().code == Code::offline);
}

TEST_CASE("a client with events hears of opening, messages and the end", "[net]") {
    const World world;
    EventLoop loop;
    std::vector<std::string> heard;
    std::unique_ptr<ClientSocket> socket;
    SocketEvents events;
    events.on_open = [&] {
        heard.emplace_back("open");
        REQUIRE(socket->send(message_of("hello")));
    };
    events.on_message = [&](const Bytes& message) { heard.emplace_back(as_text(message)); };
    events.on_closed = [&](const std::optional<Error>& error) {
        heard.push_back(error ? error->message : "closed");
    };
    auto started = ClientSocket::start(loop, world.url(), {}, std::move(events));
    REQUIRE(started);
    socket = std::move(*started);
    REQUIRE(loop.run_until([&] { return heard.size() == 2; }, long_enough));
    socket->close();
    CHECK(heard == std::vector<std::string>{"open", "hello", "closed"});
}

TEST_CASE("a socket may be destroyed from inside its own event", "[net]") {
    const World world;
    EventLoop loop;
    std::unique_ptr<ClientSocket> socket;
    int calls = 0;
    SocketEvents events;
    const int moment = GENERATE(0, 1);
    events.on_open = [&] {
        ++calls;
        if (moment == 0) socket.reset();
        if (moment == 1) REQUIRE(socket->send(message_of("a")));
    };
    events.on_message = [&](const Bytes& /*message*/) {
        ++calls;
        socket.reset();
    };
    events.on_closed = [&](const std::optional<Error>& /*error*/) { calls += 100; };
    auto started = ClientSocket::start(loop, world.url(), {}, std::move(events));
    REQUIRE(started);
    socket = std::move(*started);
    REQUIRE(loop.run_until([&] { return !socket; }, long_enough));
    loop.poll();
    CHECK(calls == moment + 1);
}

TEST_CASE("a socket destroyed while it connects says nothing more", "[net]") {
    const World world;
    EventLoop loop;
    bool was_called = false;
    SocketEvents events;
    events.on_open = [&] { was_called = true; };
    events.on_closed = [&](const std::optional<Error>& /*error*/) { was_called = true; };
    { REQUIRE(ClientSocket::start(loop, world.url(), {}, std::move(events))); }
    const auto other = ClientSocket::connect(loop, world.url(), {});
    REQUIRE(other);
    CHECK_FALSE(was_called);
}

TEST_CASE("nobody listening is offline, with a sentence that says where", "[net]") {
    std::uint16_t port = 0;
    { port = test::RawServer().port(); }
    EventLoop loop;
    const std::string place = "127.0.0.1:" + std::to_string(port);
    const auto socket = ClientSocket::connect(loop, "ws://" + place + "/sync", {});
    REQUIRE_FALSE(socket);
    CHECK(socket.error().code == Code::offline);
    CHECK(socket.error().message == "Could not reach the server at " + place +
                                        ": Connection refused. Check the address and the network.");
}

TEST_CASE("an address without sense is refused before any network", "[net]") {
    EventLoop loop;
    const auto socket = ClientSocket::start(loop, "http://localhost/", {}, {});
    REQUIRE_FALSE(socket);
    CHECK(socket.error().code == Code::invalid);
}

TEST_CASE("a client reaches a server on IPv6", "[net]") {
    test::WorldOptions options;
    options.listener.place = {"::1", 0};
    const World world(std::move(options));
    EventLoop loop;
    const auto url = "ws://[::1]:" + std::to_string(world.port()) + "/sync";
    const auto socket = ClientSocket::connect(loop, url, {});
    REQUIRE(socket);
    REQUIRE((*socket)->send(message_of("six")));
    CHECK(*(*socket)->receive(long_enough) == message_of("six"));
}

TEST_CASE("why a server closes reaches the client", "[net]") {
    const World world(speaking(close_busy));
    EventLoop loop;
    const auto socket = ClientSocket::connect(loop, world.url(), {});
    REQUIRE(socket);
    const auto end = (*socket)->receive(long_enough);
    REQUIRE_FALSE(end);
    CHECK(end.error().code == Code::busy);
}

TEST_CASE("a connection that breaks is offline, not a good end", "[net]") {
    const World world(speaking(drop));
    EventLoop loop;
    const auto socket = ClientSocket::connect(loop, world.url(), {});
    REQUIRE(socket);
    const auto end = (*socket)->receive(long_enough);
    REQUIRE_FALSE(end);
    CHECK(end.error().code == Code::offline);
}

TEST_CASE("messages nobody receives make the server wait and are not lost", "[net]") {
    constexpr int count = 6'000;  // more than the inbox holds
    const auto flood = [](net::WebSocket& socket, const std::string&) -> net::Awaitable<void> {
        for (int i = 0; i < count; ++i) {
            if (!socket.send(message_of(std::to_string(i)))) co_return;
        }
        co_await socket.close(net::CloseCode::normal, "");
    };
    auto options = speaking(flood);
    options.http.websocket.handshake = milliseconds{60'000};  // closing waits for the queue
    const World world(std::move(options));
    EventLoop loop;
    const auto socket = ClientSocket::connect(loop, world.url(), {});
    REQUIRE(socket);
    for (int i = 0; i < count; ++i) {
        const auto message = (*socket)->receive(long_enough);
        REQUIRE(message);
        REQUIRE(*message == message_of(std::to_string(i)));
    }
    const auto end = (*socket)->receive(long_enough);
    REQUIRE(end);
    CHECK_FALSE(end->has_value());
}
