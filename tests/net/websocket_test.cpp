// SPDX-License-Identifier: Apache-2.0
#include "core/net/websocket.hpp"

#include <catch2/catch.hpp>

#include "tests/net/world.hpp"

using namespace trellis;
using test::frame;
using test::read_frame;
using test::upgraded;
using test::World;
using test::WorldOptions;

namespace {

constexpr std::size_t piece = 64 * 1024;

/// Sends more than anybody may leave unread, then waits for the end.
struct Flood {
    std::atomic<std::size_t>* sent;
    std::atomic<int>* code;

    net::Awaitable<void> operator()(net::WebSocket& socket, const std::string& /*address*/) const {
        for (;;) {
            const auto done = socket.send(Bytes(piece, 7));
            if (!done) {
                *code = static_cast<int>(done.error().code);
                break;
            }
            ++*sent;
        }
        while (co_await received(socket)) continue;
    }

    static net::Awaitable<bool> received(net::WebSocket& socket) {
        const auto message = co_await socket.receive();
        co_return message && *message;
    }
};

net::Awaitable<void> burst_then_close(net::WebSocket& socket, const std::string& /*address*/) {
    for (int i = 0; i < 1000; ++i) {
        const auto size = static_cast<std::size_t>(i % 7 == 0 ? 20000 : i);
        if (!socket.send(Bytes(size, static_cast<std::uint8_t>(i)))) co_return;
    }
    co_await socket.close(net::CloseCode::going_away, "done");
}

net::Awaitable<void> small_then_echo(net::WebSocket& socket, const std::string& address) {
    socket.set_message_bytes_max(4);
    auto first = co_await socket.receive();
    if (!first || !*first) co_return;
    socket.set_message_bytes_max(1000);
    if (!socket.send(std::move(**first))) co_return;
    co_await test::echo(socket, address);
}

}  // namespace

TEST_CASE("a thousand queued messages arrive whole and in order before the close", "[net]") {
    WorldOptions options;
    options.speak = burst_then_close;
    const World world(std::move(options));
    const auto socket = upgraded(world.port());
    for (int i = 0; i < 1000; ++i) {
        CAPTURE(i);
        const std::size_t size = static_cast<std::size_t>(i % 7 == 0 ? 20000 : i);
        REQUIRE(read_frame(*socket).payload == std::string(size, static_cast<char>(i)));
    }
    CHECK(read_frame(*socket).close_code() == 1001);
    socket->send(frame({.first = 0x88, .payload = test::close_payload(1001)}));
    CHECK(socket->read_all().empty());
    CHECK_FALSE(socket->has_failed());
}

TEST_CASE("a reader too slow for the limit is dropped with 1008", "[net]") {
    std::atomic<std::size_t> sent = 0;
    std::atomic<int> code = -1;
    WorldOptions options;
    options.http.websocket.outbound_bytes_max = 4 * piece;
    options.speak = Flood{&sent, &code};
    const World world(std::move(options));
    const auto socket = upgraded(world.port());
    auto last = read_frame(*socket);
    std::size_t whole = 0;
    for (; last.first == 0x82; last = read_frame(*socket)) {
        REQUIRE(last.payload.size() == piece);
        ++whole;
    }
    CHECK(last.close_code() == 1008);
    CHECK(sent == 4);  // exactly the limit was taken, not a byte more
    CHECK(whole <= sent);
    CHECK(code == static_cast<int>(Code::busy));
}

TEST_CASE("the limit of a message may change between two of them", "[net]") {
    WorldOptions options;
    options.speak = small_then_echo;
    const World world(std::move(options));
    const auto grown = upgraded(world.port());
    grown->send(frame({.payload = "1234"}));
    CHECK(read_frame(*grown).payload == "1234");
    grown->send(frame({.payload = std::string(1000, 'x')}));
    CHECK(read_frame(*grown).payload.size() == 1000);
    const auto refused = upgraded(world.port());
    refused->send(frame({.payload = "12345"}));
    CHECK(read_frame(*refused).close_code() == 1009);
}

TEST_CASE("silence is first asked after, then ended", "[net]") {
    WorldOptions options;
    options.http.websocket.idle = net::Milliseconds{100};
    const World world(std::move(options));
    const auto socket = upgraded(world.port());
    CHECK(read_frame(*socket).first == 0x89);
    CHECK(read_frame(*socket).first == 0x89);
    CHECK(socket->read_all().empty());
    CHECK_FALSE(socket->has_failed());
}

TEST_CASE("who answers pings may stay silent", "[net]") {
    WorldOptions options;
    options.http.websocket.idle = net::Milliseconds{900};
    const World world(std::move(options));
    const auto socket = upgraded(world.port());
    for (int i = 0; i < 4; ++i) {
        REQUIRE(read_frame(*socket).first == 0x89);
        socket->send(frame({.first = 0x8A, .payload = ""}));
    }
}

TEST_CASE("compression is offered in vain", "[net]") {
    const World world;
    const test::RawSocket socket(world.port());
    std::string request(test::upgrade_request);
    request.insert(request.size() - 2,
                   "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
    socket.send(request);
    const std::string answer = socket.read_until("\r\n\r\n");
    CHECK_THAT(answer, Catch::Matchers::StartsWith("HTTP/1.1 101 "));
    CHECK_THAT(answer, Catch::Matchers::Contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    CHECK_THAT(answer, !Catch::Matchers::Contains("permessage-deflate"));
}

TEST_CASE("an upgrade that is not one is refused", "[net]") {
    const World world;
    const std::string line = GENERATE(std::string("Sec-WebSocket-Version: 12"),
                                      std::string("X-Nothing: 13"));
    CAPTURE(line);
    std::string request(test::upgrade_request);
    const std::string version = "Sec-WebSocket-Version: 13";
    request.replace(request.find(version), version.size(), line);
    const test::RawSocket socket(world.port());
    socket.send(request);
    CHECK_THAT(socket.read_until("\r\n\r\n"), Catch::Matchers::StartsWith("HTTP/1.1 4"));
}
