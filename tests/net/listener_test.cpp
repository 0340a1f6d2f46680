// SPDX-License-Identifier: Apache-2.0
#include "server/net/listener.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "tests/net/world.hpp"

using namespace trellis;
using test::RawSocket;
using test::World;
using test::WorldOptions;

namespace {

Result<std::unique_ptr<server::Listener>> listen(boost::asio::io_context& io,
                                                 const net::HostPort& place) {
    server::ListenerOptions options;
    options.place = place;
    return server::Listener::open(
        io, options, nullptr, [](net::StreamPtr stream) -> net::Awaitable<void> {
            co_await stream->finish();
        });
}

/// True where the server speaks to it.
bool is_served(const RawSocket& socket) {
    socket.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    return socket.read_until("ok\n").starts_with("HTTP/1.1 200");
}

net::Awaitable<void> admit_and_echo(net::WebSocket& socket, const std::string& address) {
    socket.admit();
    co_await test::echo(socket, address);
}

}  // namespace

TEST_CASE("port 0 picks a free port, and a taken one is said to be taken", "[net]") {
    boost::asio::io_context io;
    const auto first = listen(io, {"127.0.0.1", 0});
    REQUIRE(first);
    REQUIRE((*first)->port() != 0);
    const auto second = listen(io, {"127.0.0.1", (*first)->port()});
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Code::busy);
    CHECK(second.error().message == "Another program already listens on 127.0.0.1:" +
                                        std::to_string((*first)->port()) +
                                        "; stop it or choose another port.");
}

TEST_CASE("an address that is not ours cannot be listened on", "[net]") {
    boost::asio::io_context io;
    CHECK_FALSE(listen(io, {"192.0.2.1", 0}));
    CHECK_FALSE(listen(io, {"no such host", 0}));
}

TEST_CASE("where all places are taken the oldest stranger makes room", "[net]") {
    WorldOptions options;
    options.listener.sockets_max = 3;
    World world(std::move(options));
    std::vector<std::unique_ptr<RawSocket>> sockets;
    for (int i = 0; i < 3; ++i) {
        sockets.push_back(std::make_unique<RawSocket>(world.port()));
        REQUIRE(is_served(*sockets.back()));
    }
    const RawSocket newcomer(world.port());
    CHECK(is_served(newcomer));
    CHECK(sockets[0]->read_all().empty());
    CHECK(is_served(*sockets[1]));
    CHECK(is_served(*sockets[2]));
}

TEST_CASE("who has been admitted never makes room", "[net]") {
    WorldOptions options;
    options.listener.sockets_max = 2;
    options.speak = admit_and_echo;
    World world(std::move(options));
    const auto first = test::upgraded(world.port());
    const auto second = test::upgraded(world.port());
    for (const auto* socket : {first.get(), second.get()}) {
        socket->send(test::frame({.payload = "a"}));
        REQUIRE(test::read_frame(*socket).payload == "a");
    }
    const RawSocket newcomer(world.port());
    CHECK_FALSE(is_served(newcomer));
    first->send(test::frame({.payload = "still here"}));
    CHECK(test::read_frame(*first).payload == "still here");
}

TEST_CASE("one address has only so many places", "[net]") {
    WorldOptions options;
    options.listener.sockets_per_address_max = 2;
    World world(std::move(options));
    const RawSocket first(world.port());
    REQUIRE(is_served(first));
    {
        const RawSocket second(world.port());
        REQUIRE(is_served(second));
        const RawSocket third(world.port());
        CHECK_FALSE(is_served(third));
        CHECK(is_served(first));
        second.send("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        second.end_writing();
        second.read_all();
    }
    std::size_t count = 2;
    while (count == 2) {
        world.on_thread([&] { count = world.listener().connection_count(); });
    }
    const RawSocket fourth(world.port());
    CHECK(is_served(fourth));
}

TEST_CASE("who stops accepting goes on with who is there", "[net]") {
    World world;
    const RawSocket socket(world.port());
    REQUIRE(is_served(socket));
    world.on_thread([&] { world.listener().stop_accepting(); });
    CHECK(is_served(socket));
    world.on_thread([&] { world.listener().close_all(); });
    CHECK(socket.read_all().empty());
}
