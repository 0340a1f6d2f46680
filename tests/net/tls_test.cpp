// SPDX-License-Identifier: Apache-2.0
#include "core/net/tls.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <openssl/ssl.h>

#include "clients/net/socket.hpp"
#include "tests/net/old_tls.hpp"
#include "tests/net/world.hpp"

using namespace trellis;
using clients::ClientSocket;
using clients::EventLoop;
using clients::SocketOptions;
using test::old_client_connects;
using test::OldServer;
using test::TemporaryFolder;
using test::World;
using test::WorldOptions;

namespace {

/// A certificate of its own in a folder of its own.
struct Identity {
    TemporaryFolder folder;
    std::filesystem::path certificate = folder.path() / "cert.pem";
    std::filesystem::path key = folder.path() / "key.pem";

    explicit Identity(const std::string& host = "localhost") {
        REQUIRE(net::make_self_signed(certificate, key, host));
    }
    WorldOptions world() const {
        WorldOptions options;
        options.certificate = certificate;
        options.key = key;
        return options;
    }
};

Error refusal(const World& world, const SocketOptions& options, const std::string& host) {
    EventLoop loop;
    const auto url = "wss://" + host + ":" + std::to_string(world.port()) + "/sync";
    const auto socket = ClientSocket::connect(loop, url, options);
    REQUIRE_FALSE(socket);
    return socket.error();
}

}  // namespace

TEST_CASE("a key made here is its owner's only, and nothing is replaced", "[net]") {
    const Identity identity;
    struct stat status {};
    REQUIRE(::stat(identity.key.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777U) == 0600U);
    const auto again = net::make_self_signed(identity.certificate, identity.key, "localhost");
    REQUIRE_FALSE(again);
    CHECK(again.error().code == Code::conflict);
    CHECK_FALSE(net::make_self_signed(identity.folder.path() / "a", identity.folder.path() / "b",
                                      "a,DNS:other.example.org"));
}

TEST_CASE("messages go both ways over TLS", "[net]") {
    const Identity identity;
    const World world(identity.world());
    SocketOptions options;
    SECTION("to whom a CA file names") { options.ca_file = identity.certificate; }
    SECTION("to a pinned certificate") {
        options.pinned_sha256 = *net::certificate_sha256(identity.certificate);
    }
    EventLoop loop;
    const auto socket = ClientSocket::connect(loop, world.url("wss"), options);
    REQUIRE(socket);
    for (const std::size_t size : {0U, 1U, 200U, 20000U, 300000U}) {
        CAPTURE(size);
        const Bytes message(size, 42);
        REQUIRE((*socket)->send(message));
        const auto answer = (*socket)->receive(std::chrono::seconds(10));
        REQUIRE(answer);
        REQUIRE(answer->has_value());
        CHECK((*answer == message));
    }
    (*socket)->close();
}

TEST_CASE("a certificate that nobody vouches for is denied, with the reason", "[net]") {
    const Identity identity;
    const World world(identity.world());
    const Error error = refusal(world, {}, "localhost");
    CHECK(error.code == Code::denied);
    CHECK_THAT(error.message, Catch::Matchers::Contains("not trusted: self-signed certificate"));
    const Identity other;
    SocketOptions options;
    options.ca_file = other.certificate;
    CHECK(refusal(world, options, "localhost").code == Code::denied);
}

TEST_CASE("a certificate for another name is denied", "[net]") {
    const Identity identity("relay.example.org");
    const World world(identity.world());
    SocketOptions options;
    options.ca_file = identity.certificate;
    CHECK_THAT(refusal(world, options, "localhost").message,
               Catch::Matchers::Contains("hostname mismatch"));
    CHECK_THAT(refusal(world, options, "127.0.0.1").message,
               Catch::Matchers::Contains("IP address mismatch"));
}

TEST_CASE("a certificate that is not the pinned one is denied", "[net]") {
    const Identity identity;
    const Identity other;
    const World world(identity.world());
    SocketOptions options;
    // A pin stands alone: that the CA file would do does not help.
    options.ca_file = identity.certificate;
    options.pinned_sha256 = *net::certificate_sha256(other.certificate);
    const Error error = refusal(world, options, "localhost");
    CHECK(error.code == Code::denied);
    CHECK_THAT(error.message, Catch::Matchers::Contains("is not the pinned one"));
}

TEST_CASE("a pin that is none and a CA file that is none are errors at once", "[net]") {
    EventLoop loop;
    SocketOptions options;
    SECTION("a short pin") { options.pinned_sha256 = "abcd"; }
    SECTION("no file") { options.ca_file = "no/such/file.pem"; }
    CHECK_FALSE(ClientSocket::start(loop, "wss://localhost:1/sync", options, {}));
}

TEST_CASE("TLS to a plain server and plain to a TLS server both fail", "[net]") {
    const World plain;
    const Error no_tls = refusal(plain, {}, "localhost");
    CHECK(no_tls.code == Code::offline);
    CHECK_THAT(no_tls.message, Catch::Matchers::Contains("Does the server speak TLS"));
    const Identity identity;
    const World encrypted(identity.world());
    EventLoop loop;
    CHECK_FALSE(ClientSocket::connect(loop, encrypted.url("ws"), {}));
}

TEST_CASE("who offers less than TLS 1.3 gets no connection, as client or as server", "[net]") {
    const Identity identity;
    const int newest = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
    const World world(identity.world());
    CHECK(old_client_connects(world.port(), newest) == (newest == TLS1_3_VERSION));

    OldServer server(identity.certificate, identity.key, newest);
    EventLoop loop;
    SocketOptions options;
    options.ca_file = identity.certificate;
    const auto url = "wss://localhost:" + std::to_string(server.port()) + "/sync";
    const auto socket = ClientSocket::connect(loop, url, options);
    REQUIRE_FALSE(socket);  // no relay speaks there
    CHECK(server.shook_hands() == (newest == TLS1_3_VERSION));
}

TEST_CASE("a server context needs a certificate and its own key", "[net]") {
    const Identity one;
    const Identity two;
    CHECK(net::TlsContext::for_server(one.certificate, one.key));
    const auto mixed = net::TlsContext::for_server(one.certificate, two.key);
    REQUIRE_FALSE(mixed);
    CHECK(mixed.error().code == Code::invalid);
    const auto missing = net::TlsContext::for_server(one.folder.path() / "none.pem", one.key);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == Code::not_found);
    CHECK_FALSE(net::TlsContext::for_server(one.folder.write("junk.pem", "junk"), one.key));
    CHECK_FALSE(net::TlsContext::for_server(one.certificate, one.folder.write("k.pem", "junk")));
}
