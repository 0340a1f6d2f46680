// SPDX-License-Identifier: Apache-2.0
// RFC 6455 as a rude client sees it: every rule that a frame can break.
#include <catch2/catch.hpp>

#include "core/net/websocket.hpp"
#include "tests/net/world.hpp"

using namespace trellis;
using test::close_payload;
using test::frame;
using test::FrameParts;
using test::read_frame;
using test::upgraded;
using test::World;

namespace {

constexpr unsigned text = 0x81;
constexpr unsigned binary = 0x82;
constexpr unsigned close_frame = 0x88;
constexpr unsigned ping = 0x89;
constexpr unsigned pong = 0x8A;

/// The code that the server closes with after these bytes; 0 where it says nothing.
unsigned close_code_after(const World& world, const std::string& bytes) {
    const auto socket = upgraded(world.port());
    socket->send(bytes);
    return read_frame(*socket).close_code();
}

}  // namespace

TEST_CASE("a message comes back unmasked and whole", "[net]") {
    const World world;
    const auto socket = upgraded(world.port());
    for (const std::size_t size : {0U, 1U, 125U, 126U, 127U, 65535U, 65536U, 100000U}) {
        CAPTURE(size);
        socket->send(frame({.payload = std::string(size, 'x')}));
        const auto answer = read_frame(*socket);
        CHECK(answer.first == binary);
        CHECK_FALSE(answer.is_masked);
        CHECK(answer.payload == std::string(size, 'x'));
    }
}

TEST_CASE("fragments become one message, with pings between them answered", "[net]") {
    const World world;
    const auto socket = upgraded(world.port());
    socket->send(frame({.first = 0x02, .payload = "one "}));
    socket->send(frame({.first = ping, .payload = "there?"}));
    socket->send(frame({.first = 0x00, .payload = ""}));
    socket->send(frame({.first = pong, .payload = "unasked"}));
    socket->send(frame({.first = 0x00, .payload = "two "}));
    socket->send(frame({.first = 0x80, .payload = "three"}));
    const auto answer = read_frame(*socket);
    CHECK(answer.first == pong);
    CHECK(answer.payload == "there?");
    CHECK(read_frame(*socket).payload == "one two three");
}

TEST_CASE("what breaks the framing is closed with 1002", "[net]") {
    const World world;
    const FrameParts parts = GENERATE(
        FrameParts{.first = 0xC2, .payload = "RSV1 without compression"},
        FrameParts{.first = 0xA2, .payload = "RSV2"}, FrameParts{.first = 0x92, .payload = "RSV3"},
        FrameParts{.first = 0x83, .payload = "opcode 3"},
        FrameParts{.first = 0x87, .payload = "opcode 7"},
        FrameParts{.first = 0x8B, .payload = "opcode 11"},
        FrameParts{.first = 0x8F, .payload = "opcode 15"},
        FrameParts{.first = 0x80, .payload = "continues nothing"},
        FrameParts{.first = 0x00, .payload = "continues nothing"},
        FrameParts{.first = binary, .payload = "no mask", .is_masked = false},
        FrameParts{.first = ping, .payload = std::string(126, 'x')},
        FrameParts{.first = close_frame, .payload = close_payload(1000, std::string(124, 'x'))},
        FrameParts{.first = 0x09, .payload = "a fragmented ping"},
        FrameParts{.first = 0x08, .payload = close_payload(1000)},
        FrameParts{.payload = std::string(125, 'x'), .length_bytes = 2},
        FrameParts{.payload = std::string(200, 'x'), .length_bytes = 8});
    CAPTURE(parts.first, parts.payload.size(), parts.length_bytes);
    CHECK(close_code_after(world, frame(parts)) == 1002);
}

TEST_CASE("a message inside another is closed with 1002", "[net]") {
    const World world;
    CHECK(close_code_after(world, frame({.first = 0x02, .payload = "a"}) +
                                      frame({.first = binary, .payload = "b"})) == 1002);
}

TEST_CASE("a length with its highest bit set opens no memory", "[net]") {
    const World world;
    const std::uint64_t claimed = GENERATE(std::uint64_t{1} << 63U, ~std::uint64_t{0},
                                           std::uint64_t{1} << 40U);
    const unsigned code =
        close_code_after(world, frame({.payload = "x", .length_bytes = 8, .claimed = claimed}));
    CHECK((code == 1002 || code == 1009));
}

TEST_CASE("text is refused with 1003", "[net]") {
    const World world;
    CHECK(close_code_after(world, frame({.first = text, .payload = "hello"})) == 1003);
}

TEST_CASE("a message may be as long as the limit and no longer", "[net]") {
    test::WorldOptions options;
    options.http.websocket.message_bytes_max = 1000;
    const World world(std::move(options));
    const auto socket = upgraded(world.port());
    socket->send(frame({.payload = std::string(1000, 'x')}));
    CHECK(read_frame(*socket).payload.size() == 1000);
    SECTION("in one frame") {
        socket->send(frame({.payload = std::string(1001, 'x')}));
    }
    SECTION("in fragments") {
        socket->send(frame({.first = 0x02, .payload = std::string(1000, 'x')}));
        socket->send(frame({.first = 0x80, .payload = "x"}));
    }
    CHECK(read_frame(*socket).close_code() == 1009);
}

TEST_CASE("a good close is answered with the same code", "[net]") {
    const World world;
    for (const unsigned code : {1000U, 1001U, 1002U, 1003U, 1007U, 1008U, 1009U, 1010U, 1011U,
                                3000U, 3999U, 4000U, 4999U}) {
        CAPTURE(code);
        const auto socket = upgraded(world.port());
        socket->send(frame({.first = close_frame, .payload = close_payload(code, "bye")}));
        CHECK(read_frame(*socket).close_code() == code);
        CHECK(socket->read_all().empty());
        CHECK_FALSE(socket->has_failed());
    }
}

TEST_CASE("a close without a code is answered", "[net]") {
    const World world;
    const auto socket = upgraded(world.port());
    socket->send(frame({.first = close_frame, .payload = ""}));
    const auto answer = read_frame(*socket);
    CHECK(answer.first == close_frame);
    CHECK(socket->read_all().empty());
}

TEST_CASE("a bad close is answered with 1002", "[net]") {
    const World world;
    const std::string payload =
        GENERATE(std::string("x"), close_payload(0), close_payload(999), close_payload(1004),
                 close_payload(1005), close_payload(1006), close_payload(1015),
                 close_payload(1016), close_payload(2999));
    CAPTURE(payload.size());
    CHECK(close_code_after(world, frame({.first = close_frame, .payload = payload})) == 1002);
}

TEST_CASE("a close whose reason is not UTF-8 is refused", "[net]") {
    const World world;
    const unsigned code = close_code_after(
        world, frame({.first = close_frame, .payload = close_payload(1000, "\xC3\x28")}));
    CHECK((code == 1002 || code == 1007));
}

TEST_CASE("a frame cut at any byte is put together again", "[net]") {
    const World world;
    const std::string bytes = frame({.first = 0x02, .payload = "cut "}) +
                              frame({.first = ping, .payload = "p"}) +
                              frame({.first = 0x80, .payload = std::string(126, 'x')});
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        CAPTURE(cut);
        const auto socket = upgraded(world.port());
        socket->send(bytes.substr(0, cut));
        socket->send(bytes.substr(cut));
        CHECK(read_frame(*socket).first == pong);
        CHECK(read_frame(*socket).payload == "cut " + std::string(126, 'x'));
    }
}

TEST_CASE("a message sent byte by byte arrives", "[net]") {
    const World world;
    const auto socket = upgraded(world.port());
    for (const char byte : frame({.payload = "slowly"})) socket->send({&byte, 1});
    CHECK(read_frame(*socket).payload == "slowly");
}

TEST_CASE("a flood of pings is answered and takes no messages' place", "[net]") {
    const World world;
    const auto socket = upgraded(world.port());
    constexpr int count = 2000;
    std::string flood;
    for (int i = 0; i < count; ++i) {
        flood += frame({.first = ping, .payload = std::to_string(i)});
    }
    socket->send(flood + frame({.payload = "after"}));
    int pongs = 0;
    auto answer = read_frame(*socket);
    for (; answer.first == pong; answer = read_frame(*socket)) ++pongs;
    CHECK(answer.payload == "after");
    // One pong may answer several pings (RFC 6455, 5.5.3), but not none.
    CHECK(pongs >= 1);
    CHECK(pongs <= count);
}

TEST_CASE("what was sent together with the upgrade is not lost", "[net]") {
    const World world;
    const test::RawSocket socket(world.port());
    socket.send(std::string(test::upgrade_request) + frame({.payload = "early"}) +
                frame({.payload = std::string(3000, 'x')}));
    CHECK_THAT(socket.read_until("\r\n\r\n"), Catch::Matchers::StartsWith("HTTP/1.1 101 "));
    CHECK(read_frame(socket).payload == "early");
    CHECK(read_frame(socket).payload.size() == 3000);
}
