// SPDX-License-Identifier: Apache-2.0
#include "core/net/address.hpp"

#include <catch2/catch.hpp>

using namespace trellis;
using net::HostPort;
using net::Url;

TEST_CASE("a place to listen on is a host and a port", "[net]") {
    CHECK(*net::parse_host_port("localhost:8080") == HostPort{"localhost", 8080});
    CHECK(*net::parse_host_port("0.0.0.0:0") == HostPort{"0.0.0.0", 0});
    CHECK(*net::parse_host_port("[::1]:65535") == HostPort{"::1", 65535});
    CHECK(net::to_string({"::1", 80}) == "[::1]:80");
    CHECK(net::to_string({"localhost", 80}) == "localhost:80");
}

TEST_CASE("what is no place is refused", "[net]") {
    const auto* const text =
        GENERATE("", ":", ":80", "localhost", "localhost:", "localhost:65536", "localhost:-1",
                 "localhost:80x", "::1:80", "[::1]", "[::1", "[]:80", "[::1]80", "a b:80",
                 "a\r\nb:80", "a/b:80", "[localhost]:80", "[%0]:80");
    CAPTURE(text);
    REQUIRE_FALSE(net::parse_host_port(text));
    CHECK(net::parse_host_port(text).error().code == Code::invalid);
}

TEST_CASE("the address of a server names scheme, place and path", "[net]") {
    CHECK(*net::parse_url("ws://127.0.0.1:8080/sync") ==
          Url{false, {"127.0.0.1", 8080}, "/sync"});
    CHECK(*net::parse_url("wss://relay.example.org") == Url{true, {"relay.example.org", 443}, "/"});
    CHECK(*net::parse_url("ws://[::1]/a?b=c") == Url{false, {"::1", 80}, "/a?b=c"});
    CHECK(*net::parse_url("ws://[::1]:81") == Url{false, {"::1", 81}, "/"});
}

TEST_CASE("what is no address of a server is refused", "[net]") {
    const auto* const text =
        GENERATE("", "http://a/", "ws:/a", "ws://", "ws://:80/", "wss://user@host/", "ws://a:b/",
                 "ws://a/ b", "ws://a/\r\nHost: b", "ws://a/#b", "ws://a:/sync");
    CAPTURE(text);
    REQUIRE_FALSE(net::parse_url(text));
    CHECK(net::parse_url(text).error().code == Code::invalid);
    CHECK_FALSE(net::parse_url("ws://a/" + std::string(3000, 'x')));
}
