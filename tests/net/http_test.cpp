// SPDX-License-Identifier: Apache-2.0
#include "server/net/http.hpp"

#include <catch2/catch.hpp>

#include "clients/exchange/zip.hpp"
#include "tests/net/world.hpp"

using namespace trellis;
using test::RawSocket;
using test::World;
using test::WorldOptions;

namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

/// One request on a connection of its own; the whole answer.
std::string ask(const World& world, const std::string& request) {
    const RawSocket socket(world.port());
    socket.send(request);
    socket.end_writing();
    return socket.read_all();
}

std::string get(const World& world, const std::string& path, const std::string& fields = "") {
    return ask(world, "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
}

WorldOptions with_page() {
    const test::TemporaryFolder folder;
    folder.write("index.html", "<p>hello");
    folder.write("core.wasm", std::string(10'000, 'w'));
    WorldOptions options;
    options.files = *server::StaticFiles::load(folder.path());
    return options;
}

}  // namespace

TEST_CASE("routes and files are answered, anything else is not found", "[net]") {
    const World world(with_page());
    CHECK_THAT(get(world, "/healthz"),
               StartsWith("HTTP/1.1 200 OK\r\n") && EndsWith("\r\n\r\nok\n"));
    CHECK_THAT(get(world, "/broken"), StartsWith("HTTP/1.1 503 "));
    CHECK_THAT(get(world, "/"), StartsWith("HTTP/1.1 200 ") && EndsWith("\r\n\r\n<p>hello") &&
                                    Contains("Content-Type: text/html"));
    CHECK_THAT(get(world, "/index.html?x=1"), EndsWith("<p>hello"));
    CHECK_THAT(get(world, "/nowhere"), StartsWith("HTTP/1.1 404 "));
    CHECK_THAT(get(world, "/../etc/passwd"), StartsWith("HTTP/1.1 404 "));
}

TEST_CASE("every answer carries the security headers", "[net]") {
    const World world(with_page());
    for (const auto& answer : {get(world, "/"), get(world, "/nowhere"),
                               ask(world, "POST / HTTP/1.1\r\nHost: a\r\n\r\n")}) {
        CHECK_THAT(answer, Contains("Content-Security-Policy: default-src 'none'; script-src"));
        CHECK_THAT(answer, Contains("X-Content-Type-Options: nosniff\r\n"));
        CHECK_THAT(answer, Contains("Cross-Origin-Opener-Policy: same-origin\r\n"));
        CHECK_THAT(answer, Contains("Cross-Origin-Embedder-Policy: require-corp\r\n"));
        CHECK_THAT(answer, !Contains("Strict-Transport-Security"));
    }
}

TEST_CASE("a file that the browser has is not sent again", "[net]") {
    const World world(with_page());
    const std::string first = get(world, "/");
    const std::size_t at = first.find("ETag: ") + 6;
    const std::string etag = first.substr(at, first.find("\r\n", at) - at);
    const std::string second = get(world, "/", "If-None-Match: " + etag + "\r\n");
    CHECK_THAT(second, StartsWith("HTTP/1.1 304 ") && EndsWith("\r\n\r\n"));
    CHECK_THAT(get(world, "/", "If-None-Match: \"other\"\r\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("a file travels packed to whoever unpacks", "[net]") {
    const World world(with_page());
    const std::string whole = get(world, "/core.wasm");
    CHECK_THAT(whole, Contains("Content-Length: 10000\r\n") && !Contains("Content-Encoding"));
    CHECK_THAT(whole, Contains("Vary: Accept-Encoding\r\n"));
    const std::string fields = "Accept-Encoding: br, gzip\r\n";
    const std::string packed = get(world, "/core.wasm", fields);
    CHECK_THAT(packed, StartsWith("HTTP/1.1 200 ") && Contains("Content-Encoding: gzip\r\n") &&
                           Contains("Content-Type: application/wasm\r\n") &&
                           Contains("Vary: Accept-Encoding\r\n"));
    const auto body = packed.substr(packed.find("\r\n\r\n") + 4);
    CHECK(body.size() < 100);
    CHECK_THAT(packed, Contains("Content-Length: " + std::to_string(body.size()) + "\r\n"));
    CHECK(as_text(*clients::read_gzip(as_bytes(body))) == std::string(10'000, 'w'));
    // Each way has a name of its own: what one browser keeps is not confirmed as the other.
    const auto etag = [](const std::string& answer) {
        const auto at = answer.find("ETag: ") + 6;
        return answer.substr(at, answer.find("\r\n", at) - at);
    };
    CHECK(etag(whole) != etag(packed));
    const auto again = "If-None-Match: " + etag(packed) + "\r\n";
    CHECK_THAT(get(world, "/core.wasm", fields + again),
               StartsWith("HTTP/1.1 304 ") && EndsWith("\r\n\r\n") && !Contains("Content-Encoding"));
    CHECK_THAT(get(world, "/core.wasm", again), StartsWith("HTTP/1.1 200 "));
    // What would not become smaller stays as it is.
    CHECK_THAT(get(world, "/", fields), EndsWith("<p>hello") && !Contains("Content-Encoding"));
}

TEST_CASE("one connection carries several requests, also sent at once", "[net]") {
    const World world(with_page());
    const RawSocket socket(world.port());
    const std::string request = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    socket.send(request);
    CHECK_THAT(socket.read_until("ok\n"), StartsWith("HTTP/1.1 200 "));
    socket.send(request + request);
    CHECK_THAT(socket.read_until("ok\n"), StartsWith("HTTP/1.1 200 "));
    CHECK_THAT(socket.read_until("ok\n"), StartsWith("HTTP/1.1 200 "));
    socket.send("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    CHECK_THAT(socket.read_all(), Contains("Connection: close") && EndsWith("ok\n"));
}

TEST_CASE("a request may arrive byte by byte", "[net]") {
    const World world(with_page());
    const RawSocket socket(world.port());
    for (const char byte : std::string("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")) {
        socket.send({&byte, 1});
    }
    CHECK_THAT(socket.read_until("ok\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("what is refused is told why, and the connection ends", "[net]") {
    const World world(with_page());
    CHECK_THAT(ask(world, "POST / HTTP/1.1\r\nHost: a\r\n\r\n"),
               StartsWith("HTTP/1.1 405 ") && Contains("Allow: GET\r\n"));
    CHECK_THAT(ask(world, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"),
               StartsWith("HTTP/1.1 413 "));
    CHECK_THAT(ask(world, "GET / HTTP/1.1\n\n"), StartsWith("HTTP/1.1 400 "));
    CHECK_THAT(ask(world, "\x16\x03\x01 a TLS client"), StartsWith("HTTP/1.1 400 "));
    CHECK_THAT(get(world, "/sync"), StartsWith("HTTP/1.1 426 ") && Contains("Upgrade: websocket"));
}

TEST_CASE("the refusal of a body is read although the body is still being sent", "[net]") {
    const World world(with_page());
    const RawSocket socket(world.port());
    socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65536\r\n\r\n");
    socket.send(std::string(65536, 'x'));
    socket.end_writing();
    CHECK_THAT(socket.read_all(), StartsWith("HTTP/1.1 413 "));
    CHECK_FALSE(socket.has_failed());
}

namespace {

/// Says back what it was asked.
WorldOptions with_task() {
    WorldOptions options = with_page();
    options.http.body_bytes_max = 100;
    options.task = [](server::HttpRequest request) -> net::Awaitable<server::HttpResponse> {
        server::HttpResponse response;
        response.status = 202;
        response.body = std::string(request.is_post ? "POST " : "GET ") + request.path + " " +
                        request.query + " " + std::string(as_text(request.body));
        co_return response;
    };
    return options;
}

std::string post(const World& world, const std::string& path, const std::string& body) {
    return ask(world, "POST " + path + " HTTP/1.1\r\nHost: a\r\nContent-Length: " +
                          std::to_string(body.size()) + "\r\n\r\n" + body);
}

}  // namespace

TEST_CASE("a task is given its body, and the next request follows on the connection", "[net]") {
    const World world(with_task());
    CHECK_THAT(post(world, "/task/a?b=1", "hello"),
               StartsWith("HTTP/1.1 202 Accepted\r\n") && EndsWith("\r\n\r\nPOST /task/a b=1 hello"));
    CHECK_THAT(get(world, "/task/a"), EndsWith("GET /task/a  "));
    CHECK_THAT(post(world, "/task/a", ""), EndsWith("POST /task/a  "));
    const RawSocket socket(world.port());
    const std::string request =
        "POST /task/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
    socket.send(request + request + "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_THAT(socket.read_until("abc"), StartsWith("HTTP/1.1 202 "));
    CHECK_THAT(socket.read_until("abc"), StartsWith("HTTP/1.1 202 "));
    CHECK_THAT(socket.read_until("ok\n"), StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("a body at the limit is taken, one byte more is not, and nobody else may post", "[net]") {
    const World world(with_task());
    CHECK_THAT(post(world, "/task/a", std::string(100, 'x')), StartsWith("HTTP/1.1 202 "));
    CHECK_THAT(post(world, "/task/a", std::string(101, 'x')), StartsWith("HTTP/1.1 413 "));
    CHECK_THAT(post(world, "/healthz", "x"), StartsWith("HTTP/1.1 405 "));
    CHECK_THAT(post(world, "/task", "x"), StartsWith("HTTP/1.1 405 "));
    CHECK_THAT(post(world, "/nowhere", ""), StartsWith("HTTP/1.1 405 "));
    CHECK_THAT(ask(world, "POST /task/a HTTP/1.1\r\nHost: a\r\n\r\n"), StartsWith("HTTP/1.1 411 "));
}

TEST_CASE("who waits to be told sends the body then, and who never sends it is dropped", "[net]") {
    WorldOptions options = with_task();
    options.http.body_time = net::Milliseconds{200};
    const World world(std::move(options));
    const RawSocket socket(world.port());
    socket.send("POST /task/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
                "Expect: 100-continue\r\n\r\n");
    CHECK(socket.read_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
    socket.send("abc");
    CHECK_THAT(socket.read_until("abc"), StartsWith("HTTP/1.1 202 "));
    const RawSocket slow(world.port());
    slow.send("POST /task/x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
    CHECK(slow.read_all().empty());
}

TEST_CASE("a head at the limit is answered, one byte more is not", "[net]") {
    const World world(with_page());
    const std::string start = "GET /healthz HTTP/1.1\r\nHost: a\r\nX: ";
    const std::string filler(8192 - start.size() - 4, 'x');
    CHECK_THAT(ask(world, start + filler + "\r\n\r\n"), StartsWith("HTTP/1.1 200 "));
    CHECK_THAT(ask(world, start + filler + "x\r\n\r\n"), StartsWith("HTTP/1.1 431 "));
}

TEST_CASE("who does not finish a request in time is dropped", "[net]") {
    WorldOptions options = with_page();
    options.http.head_time = net::Milliseconds{50};
    const World world(std::move(options));
    const RawSocket silent(world.port());
    CHECK(silent.read_all().empty());
    CHECK_FALSE(silent.has_failed());
    const RawSocket slow(world.port());
    slow.send("GET / HTTP/1.1\r\n");
    CHECK(slow.read_all().empty());
}

TEST_CASE("who asks nothing more for too long is dropped", "[net]") {
    WorldOptions options = with_page();
    options.http.idle_time = net::Milliseconds{50};
    const World world(std::move(options));
    const RawSocket socket(world.port());
    socket.send("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_THAT(socket.read_all(), EndsWith("ok\n"));
    CHECK_FALSE(socket.has_failed());
}
