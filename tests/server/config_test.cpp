// SPDX-License-Identifier: Apache-2.0
#include "server/config.hpp"

#include "core/base/limits.hpp"
#include "tests/server/folder.hpp"

#include <catch2/catch.hpp>

#include <fstream>

using namespace trellis;
using namespace trellis::server;

namespace {

std::string refusal(const std::vector<std::string>& arguments) {
    const auto request = read_request(arguments);
    REQUIRE_FALSE(request);
    CHECK(request.error().code != Code::internal);
    return request.error().message;
}

std::string file_refusal(std::string_view text) {
    Config config;
    const auto done = read_config(text, "trellisd.conf", config);
    REQUIRE_FALSE(done);
    return done.error().message;
}

}  // namespace

TEST_CASE("every limit of the design is a key with that default", "[server]") {
    const auto request = read_request({"--store", "sqlite:x"});
    REQUIRE(request);
    const Config& config = request->config;
    CHECK(config.new_orgs);
    CHECK(config.http_head_bytes_max == 8 * 1024);
    CHECK(config.http_head_ms == 5'000);
    CHECK(config.message_bytes_max == static_cast<std::int64_t>(limits::frame_max));
    CHECK(config.before_proof_bytes_max ==
          static_cast<std::int64_t>(limits::frame_before_proof_max));
    CHECK(config.before_proof_ms == 10'000);
    CHECK(config.handshake_ms == 5'000);
    CHECK(config.idle_ms == 90'000);
    CHECK(config.sockets_max == 2'000);
    CHECK(config.sockets_per_address_max == 500);
    CHECK(config.outbound_bytes_max == 4 * 1024 * 1024);
    CHECK(config.device_bytes_per_day == std::int64_t{2} << 30);
    CHECK(config.device_envelopes_per_day == 5'000);
    CHECK(config.device_entries_per_day == 200);
    CHECK(config.space_bytes_max == std::int64_t{20} << 30);
    CHECK(config.disk_free_percent_min == 5);
}

TEST_CASE("help names every key, and asks for nothing else", "[server]") {
    const auto request = read_request({"--help"});
    REQUIRE(request);
    CHECK(request->verb == Request::Verb::help);
    for (const auto* key : {"--store",
                            "--listen",
                            "--tls-cert",
                            "--tls-key",
                            "--static",
                            "--ready-fd",
                            "--config",
                            "--new-orgs",
                            "--capture",
                            "--message-bytes-max",
                            "--space-bytes-max",
                            "--idle-ms",
                            "5000"}) {
        CAPTURE(key);
        CHECK(request->text.find(key) != std::string::npos);
    }
}

TEST_CASE("flags win over the file, the file over the defaults", "[server]") {
    const server::test::Folder folder;
    std::ofstream(folder / "conf") << "# a comment\n\n store = sqlite:/a\nlisten=\"0.0.0.0:1\"\r\n"
                                      "new-orgs = false\nidle-ms = 1234\n";
    const auto request = read_request({"--config", folder / "conf", "--listen", "[::1]:2"});
    REQUIRE(request);
    CHECK(request->config.store == "sqlite:/a");
    CHECK(request->config.listen == "[::1]:2");
    CHECK_FALSE(request->config.new_orgs);
    CHECK(request->config.idle_ms == 1234);
    CHECK(request->verb == Request::Verb::serve);
}

TEST_CASE("a mistake in the file is told with its line", "[server]") {
    CHECK(file_refusal("store = x\n\nlimit = 3\n") ==
          "trellisd.conf, line 3: there is no key 'limit'; trellisd --help lists them");
    CHECK(file_refusal("idle-ms") == "trellisd.conf, line 1: this is not 'key = value'");
    CHECK(file_refusal("idle-ms = soon") ==
          "trellisd.conf, line 1: idle-ms: 'soon' is not a number from 100 to 86400000");
    CHECK(file_refusal("idle-ms = 99\n").find("line 1") != std::string::npos);
    CHECK(file_refusal("idle-ms = 86400001\n").find("line 1") != std::string::npos);
    const auto bits_most = limits::inbox_work_bits_max;
    CHECK(read_request({"--store", "sqlite:x", "--inbox-work-bits", std::to_string(bits_most)}));
    CHECK(file_refusal("inbox-work-bits = " + std::to_string(bits_most + 1)).find("line 1") !=
          std::string::npos);
    CHECK(file_refusal("new-orgs = yes").find("neither true nor false") != std::string::npos);
    CHECK(file_refusal("log-level = loud").find("loud") != std::string::npos);
    CHECK(file_refusal("sockets-max = 99999999999999999999").find("number") != std::string::npos);
}

TEST_CASE("a mistake on the command line is one sentence", "[server]") {
    CHECK(refusal({}).find("--store sqlite:PATH") != std::string::npos);
    CHECK(refusal({"--nonsense"}).find("--nonsense") != std::string::npos);
    CHECK(refusal({"--store", "sqlite:x", "--idle-ms", "0"}).find("--idle-ms") == 0);
    CHECK(refusal({"--store", "sqlite:x", "--tls-cert", "c"}).find("tls-key") != std::string::npos);
    CHECK(refusal({"--config", "no/such/file"}).find("no/such/file") != std::string::npos);
    CHECK_FALSE(refusal({"backup", "--store", "sqlite:x"}).empty());
}

TEST_CASE("the verbs for a store are read, flags before or after them", "[server]") {
    const auto backup = read_request({"backup", "copy", "--store", "sqlite:x"});
    REQUIRE(backup);
    CHECK(backup->verb == Request::Verb::backup);
    CHECK(backup->path == "copy");
    const auto restore = read_request({"--store", "sqlite:x", "restore", "copy"});
    REQUIRE(restore);
    CHECK(restore->verb == Request::Verb::restore);
    CHECK(read_request({"check", "--store", "sqlite:x"})->verb == Request::Verb::check);
    CHECK(read_request({"stats", "--store", "sqlite:x"})->verb == Request::Verb::stats);
}
