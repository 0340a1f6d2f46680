// SPDX-License-Identifier: Apache-2.0
#include "server/net/http_head.hpp"

#include <catch2/catch.hpp>

using namespace trellis;
using server::HeadState;

namespace {

unsigned refusal(const std::string& request_line, const std::string& fields = "Host: a\r\n") {
    return server::parse_head(request_line + "\r\n" + fields + "\r\n").refusal;
}

}  // namespace

TEST_CASE("a plain request is understood", "[net]") {
    const auto head = server::parse_head(
        "GET /app.js?v=1 HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"x\"\r\n\r\n");
    CHECK(head.refusal == 0);
    CHECK(head.path == "/app.js");
    CHECK(head.if_none_match == "\"x\"");
    CHECK(head.keeps_alive);
    CHECK_FALSE(head.is_upgrade);
    CHECK_FALSE(server::parse_head("GET / HTTP/1.0\r\n\r\n").keeps_alive);
    CHECK_FALSE(
        server::parse_head("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").keeps_alive);
}

TEST_CASE("gzip is accepted where it is named, and not with a weight of nothing", "[net]") {
    const auto* const named = GENERATE("gzip", "deflate, gzip, br", "gzip;q=0.1", "br , gzip ; q=1",
                                       "gzip;q=0.001", "identity,\tgzip");
    CHECK(server::names_gzip(named));
    const auto* const unnamed = GENERATE("", "br", "gzip;q=0", "gzip; q=0.000", "x-gzip", "gzipped",
                                         "*", ",", "deflate;q=1");
    CHECK_FALSE(server::names_gzip(unnamed));
    CHECK(server::parse_head("GET / HTTP/1.0\r\nAccept-Encoding: br, gzip\r\n\r\n").accepts_gzip);
    CHECK_FALSE(server::parse_head("GET / HTTP/1.0\r\n\r\n").accepts_gzip);
}

TEST_CASE("what is not a GET without a body carries its refusal", "[net]") {
    CHECK(refusal("GET / HTTP/1.1") == 0);
    CHECK(refusal("POST / HTTP/1.1") == 405);
    CHECK(refusal("HEAD / HTTP/1.1") == 405);
    CHECK(refusal("BREW / HTTP/1.1") == 405);
    CHECK(refusal("GET / HTTP/1.1", "Host: a\r\nContent-Length: 0\r\n") == 0);
    CHECK(refusal("GET / HTTP/1.1", "Host: a\r\nContent-Length: 1\r\n") == 413);
    CHECK(refusal("POST / HTTP/1.1", "Host: a\r\nContent-Length: 100000000\r\n") == 413);
    CHECK(refusal("POST / HTTP/1.1", "Host: a\r\nTransfer-Encoding: chunked\r\n") == 413);
    CHECK(refusal("GET / HTTP/2.0") == 505);
}

TEST_CASE("where a body is allowed a POST has one, with its length, up to the limit", "[net]") {
    const auto post = [](const std::string& fields) {
        return server::parse_head("POST /a/b?c=1 HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n", 10);
    };
    const auto good = post("Content-Length: 10\r\nExpect: 100-continue\r\n");
    CHECK(good.refusal == 0);
    CHECK(good.is_post);
    CHECK(good.body_bytes == 10);
    CHECK(good.path == "/a/b");
    CHECK(good.query == "c=1");
    CHECK(good.expects_continue);
    CHECK(post("Content-Length: 11\r\n").refusal == 413);
    CHECK(post("Content-Length: 0\r\n").refusal == 0);
    CHECK(post("").refusal == 411);
    CHECK(post("Transfer-Encoding: chunked\r\n").refusal == 411);
    CHECK(post("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n").refusal != 0);
    CHECK(server::parse_head("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", 10)
              .refusal == 413);
    CHECK(server::parse_head("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n", 10)
              .refusal == 405);
    CHECK(server::parse_head("GET /a? HTTP/1.1\r\nHost: a\r\n\r\n").query.empty());
}

TEST_CASE("what could be read in two ways is refused", "[net]") {
    CHECK(refusal("GET / HTTP/1.1", "") == 400);
    CHECK(refusal("GET / HTTP/1.1", "Host: a\r\nHost: b\r\n") == 400);
    CHECK(refusal("GET http://a/ HTTP/1.1") == 400);
    CHECK(refusal("GET * HTTP/1.1") == 400);
    CHECK(refusal("GET  / HTTP/1.1") == 400);
    CHECK(refusal("GET /\x01 HTTP/1.1") == 400);
    CHECK(refusal("GET /") == 400);
    CHECK(refusal("GET / HTTP/1.1", "Host: a\r\nBad Name: b\r\n") == 400);
    CHECK(refusal("GET / HTTP/1.1", "Host: a\r\nNoColon\r\n") == 400);
    CHECK(refusal("GET / HTTP/1.1", "Host: a\r\nContent-Length: 0\r\nContent-Length: 9\r\n") != 0);
    CHECK(refusal("GET / HTTP/1.1", "Host: a\r\nContent-Length: -1\r\n") != 0);
    CHECK(refusal("GET / HTTP/1.1",
                  "Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n") != 0);
}

TEST_CASE("every prefix of a head is incomplete until its blank line", "[net]") {
    const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for (std::size_t length = 0; length < head.size(); ++length) {
        CAPTURE(length);
        CHECK(server::scan_head(head.substr(0, length), 8192).state == HeadState::incomplete);
    }
    const auto scan = server::scan_head(head + "GET /next", 8192);
    CHECK(scan.state == HeadState::complete);
    CHECK(scan.length == head.size());
}

TEST_CASE("a head that cannot become one is broken at once", "[net]") {
    CHECK(server::scan_head("\x16\x03\x01", 8192).state == HeadState::broken);
    CHECK(server::scan_head("GET / HTTP/1.1\n", 8192).state == HeadState::broken);
    CHECK(server::scan_head("\r\nGET / HTTP/1.1\r\n", 8192).state == HeadState::broken);
}

TEST_CASE("a head may be as long as the limit and no longer", "[net]") {
    const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    const std::string exact = start + std::string(8192 - start.size() - 4, 'x') + "\r\n\r\n";
    REQUIRE(exact.size() == 8192);
    CHECK(server::scan_head(exact, 8192).state == HeadState::complete);
    CHECK(server::parse_head(exact).refusal == 0);
    CHECK(server::scan_head(exact, 8191).state == HeadState::too_long);
    CHECK(server::scan_head(exact.substr(0, 8191), 8191).state == HeadState::too_long);
}
