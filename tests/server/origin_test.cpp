// SPDX-License-Identifier: Apache-2.0
#include "server/net/http_head.hpp"

#include <catch2/catch.hpp>

using namespace trellis::server;

namespace {

HttpHead upgrade_from(const std::string& lines) {
    return parse_head("GET /sync HTTP/1.1\r\nHost: relay.example\r\nConnection: Upgrade\r\n"
                      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" +
                      lines + "\r\n");
}

}  // namespace

TEST_CASE("pages of another origin may not open a WebSocket, unless the operator names it",
          "[server]") {
    const auto others = split_origins("https://app.example/ ,  https://two.example:8443,");
    REQUIRE(others == std::vector<std::string>{"https://app.example", "https://two.example:8443"});
    CHECK(is_origin_welcome(upgrade_from(""), {}));
    CHECK(is_origin_welcome(upgrade_from("Origin: https://relay.example\r\n"), {}));
    CHECK_FALSE(is_origin_welcome(upgrade_from("Origin: https://evil.example\r\n"), others));
    CHECK_FALSE(is_origin_welcome(upgrade_from("Origin: null\r\n"), others));
    CHECK_FALSE(is_origin_welcome(upgrade_from("Origin: https://relay.example.evil\r\n"), others));
    CHECK_FALSE(is_origin_welcome(upgrade_from("Origin: https://app.example\r\n"), {}));
    CHECK(is_origin_welcome(upgrade_from("Origin: https://app.example\r\n"), others));
    CHECK(is_origin_welcome(upgrade_from("Origin: https://two.example:8443\r\n"), others));
    CHECK(upgrade_from("Origin: https://a\r\nOrigin: https://b\r\n").refusal == 400);
}
