// SPDX-License-Identifier: Apache-2.0
#include "tests/server/daemon.hpp"

#include "core/net/tls.hpp"
#include "core/sqlite/database.hpp"
#include "tests/server/folder.hpp"
#include "tests/server/scripted_device.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <fstream>

using namespace trellis;
using namespace trellis::server::test;

namespace {

/// One sentence for a person, and the status that says "not usable as asked for".
std::string refusal(const std::vector<std::string>& arguments) {
    const Ended ended = run_trellisd(arguments);
    CHECK(ended.status == 2);
    CHECK(ended.out.empty());
    CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') == 1);
    CHECK(ended.err.find("trellisd: ") == 0);
    return ended.err;
}

bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a server says it is ready, is healthy, and ends well when told to", "[server]") {
    const Folder folder;
    Daemon daemon({"--store", "sqlite:" + folder / "store"});
    REQUIRE(daemon.port() != 0);
    CHECK(says(http_get(daemon.port(), "/healthz"), "HTTP/1.1 200 OK\r\n"));
    const std::string metrics = http_get(daemon.port(), "/metrics");
    CHECK(says(metrics, "HTTP/1.1 200 OK\r\n"));
    CHECK(says(metrics, "\ntrellis_store_accepts 1\n"));
    CHECK(says(http_get(daemon.port(), "/nothing"), "HTTP/1.1 404 "));
    CHECK(says(http_get(daemon.port(), "/sync"), "HTTP/1.1 426 "));
    daemon.signal(GENERATE(SIGTERM, SIGINT));
    const Ended ended = daemon.wait();
    CHECK(ended.status == 0);
    CHECK(says(ended.err, R"("event":"ready")"));
    CHECK(says(ended.err, R"("event":"stopped")"));
}

TEST_CASE("without a descriptor named, readiness is told on standard output", "[server]") {
    const Ended help = run_trellisd({"--help"});
    CHECK(help.status == 0);
    CHECK(says(help.out, "--ready-fd"));
    CHECK(run_trellisd({"--version"}).out.find("trellisd ") == 0);
}

TEST_CASE("a port in use is told in one sentence", "[server]") {
    const Folder folder;
    const Daemon daemon({"--store", "sqlite:" + folder / "store"});
    REQUIRE(daemon.port() != 0);
    const std::string place = "127.0.0.1:" + std::to_string(daemon.port());
    CHECK(says(refusal({"--store", "sqlite:" + folder / "other", "--listen", place}),
               "already listens on " + place));
}

TEST_CASE("a store that cannot be used is told in one sentence", "[server]") {
    const Folder folder;
    const auto with = [&folder](const std::string& name) {
        return refusal({"--store", "sqlite:" + folder / name, "--listen", "127.0.0.1:0"});
    };
    std::ofstream(folder / "text") << std::string(5000, 'x');
    CHECK(says(with("text"), "is not a store of trellisd"));
    CHECK(says(with("no/such/folder/store"), "check that its folder is there"));
    {
        sqlite::OpenOptions options;
        options.path = folder / "foreign";
        auto foreign = sqlite::Database::open(options);
        REQUIRE(foreign);
        REQUIRE(foreign->run("CREATE TABLE t(a)"));
    }
    CHECK(says(with("foreign"), "database of another program"));
    { const Daemon once({"--store", "sqlite:" + folder / "newer"}); }
    {
        sqlite::OpenOptions options;
        options.path = folder / "newer";
        auto newer = sqlite::Database::open(options);
        REQUIRE(newer);
        REQUIRE(newer->run("PRAGMA user_version = 99"));
    }
    CHECK(says(with("newer"), "written by a newer trellisd"));
    const Daemon daemon({"--store", "sqlite:" + folder / "taken"});
    REQUIRE(daemon.port() != 0);
    CHECK(says(with("taken"), "in use by another trellisd"));
}

TEST_CASE("an engine that is not built in is told in one sentence", "[server]") {
    CHECK(says(refusal({"--store", "postgresql://localhost/trellis"}), "no PostgreSQL store"));
    CHECK(says(refusal({"--store", "trellis.db"}), "sqlite:PATH"));
}

TEST_CASE("a bad certificate is told in one sentence", "[server]") {
    const Folder folder;
    std::ofstream(folder / "cert") << "no certificate";
    std::ofstream(folder / "key") << "no key";
    CHECK_FALSE(refusal({"--store",
                         "sqlite:" + folder / "store",
                         "--tls-cert",
                         folder / "cert",
                         "--tls-key",
                         folder / "key",
                         "--listen",
                         "127.0.0.1:0"})
                    .empty());
}

TEST_CASE("an unknown key in the configuration names its line", "[server]") {
    const Folder folder;
    std::ofstream(folder / "conf") << "store = sqlite:x\nlisten = 127.0.0.1:0\nstores = y\n";
    CHECK(says(refusal({"--config", folder / "conf"}), "conf, line 3: there is no key 'stores'"));
}

TEST_CASE("one device pushes, another gets the same bytes", "[server]") {
    const Folder folder;
    const Daemon daemon({"--store", "sqlite:" + folder / "store"});
    trellis::test::Organisation organisation;
    ScriptedDevice writer(organisation, 1);
    REQUIRE(writer.found(daemon.url()));
    ScriptedDevice reader(organisation, 2);
    REQUIRE(reader.greet(daemon.url()));
    REQUIRE(reader.open());
    REQUIRE(writer.open());
    writer.push(3);
    const auto stored = writer.await<sync::Stored>();
    REQUIRE(stored);
    CHECK(stored->last == 3);
    std::size_t envelopes = 0;
    while (envelopes < 3) {
        const auto deliver = reader.await<sync::Deliver>();
        REQUIRE(deliver);
        for (const auto& run : deliver->runs)
            envelopes += run.envelopes.size();
    }
    CHECK(envelopes == 3);
    const std::string metrics = http_get(daemon.port(), "/metrics");
    CHECK(says(metrics, "\ntrellis_envelopes_appended_total 3\n"));
    CHECK(says(metrics, "\ntrellis_entries_appended_total 3\n"));
    CHECK(says(metrics, "\ntrellis_sessions 2\n"));
    // Who was away catches up from the store.
    ScriptedDevice late(organisation, 3);
    REQUIRE(late.greet(daemon.url()));
    REQUIRE(late.open());
    const auto deliver = late.await<sync::Deliver>();
    REQUIRE(deliver);
    CHECK(deliver->to == 3);
    CHECK(deliver->last);
}

TEST_CASE("strangers found nothing where new organisations are not taken", "[server]") {
    const Folder folder;
    const Daemon daemon({"--store", "sqlite:" + folder / "store", "--new-orgs", "false"});
    trellis::test::Organisation organisation;
    ScriptedDevice device(organisation, 1);
    CHECK_FALSE(device.found(daemon.url()));
}

TEST_CASE("the capture holds what was received, and nothing that was sealed", "[server]") {
    const Folder folder;
    Daemon daemon({"--store", "sqlite:" + folder / "store", "--capture", folder / "capture"});
    {
        trellis::test::Organisation organisation;
        ScriptedDevice device(organisation, 1);
        REQUIRE(device.found(daemon.url()));
        REQUIRE(device.open());
        device.push(1, "the family sleeps in a car behind the school");
        REQUIRE(device.await<sync::Stored>());
    }
    http_get(daemon.port(), "/healthz?an-unusual-question");
    daemon.signal(SIGTERM);
    CHECK(daemon.wait().status == 0);
    for (const auto* name : {"capture", "store"}) {
        std::ifstream file(folder / name, std::ios::binary);
        const std::string all((std::istreambuf_iterator<char>(file)), {});
        CAPTURE(name);
        CHECK(all.size() > 500);
        CHECK_FALSE(says(all, "behind the school"));
        CHECK_FALSE(says(all, "Mission High"));
        CHECK(says(all, "TRH1") == (name == std::string("capture")));
        CHECK(says(all, "an-unusual-question") == (name == std::string("capture")));
    }
}

TEST_CASE("on a full disk the server says so, refuses, and lives", "[server]") {
    const Folder folder;
    // No disk has this much room.
    Daemon daemon({"--store",
                   "sqlite:" + folder / "store",
                   "--disk-free-percent-min",
                   "99",
                   "--disk-free-bytes-enough",
                   "1000000000000000000"});
    CHECK(says(http_get(daemon.port(), "/healthz"), "HTTP/1.1 503 "));
    {
        trellis::test::Organisation organisation;
        ScriptedDevice device(organisation, 1);
        REQUIRE(device.greet(daemon.url(), crypto::ProofKind::founder));
        device.send(sync::PutEntry{organisation.log.at(0)});
        const auto answer = device.await<sync::EntryAnswer>();
        REQUIRE(answer);
        CHECK_FALSE(answer->accepted);
        CHECK(answer->code == Code::no_space);
    }
    CHECK(says(http_get(daemon.port(), "/metrics"), "\ntrellis_store_accepts 0\n"));
    daemon.signal(SIGTERM);
    const Ended ended = daemon.wait();
    CHECK(ended.status == 0);
    CHECK(says(ended.err, R"("event":"store_refuses")"));
}

TEST_CASE("the same conversation goes over TLS", "[server]") {
    const Folder folder;
    REQUIRE(net::make_self_signed(folder / "cert", folder / "key", "localhost"));
    const Daemon daemon({"--store",
                         "sqlite:" + folder / "store",
                         "--tls-cert",
                         folder / "cert",
                         "--tls-key",
                         folder / "key"});
    trellis::test::Organisation organisation;
    ScriptedDevice device(organisation, 1);
    clients::SocketOptions options;
    options.pinned_sha256 = *net::certificate_sha256(folder / "cert");
    CHECK(device.greet(daemon.url("wss"), crypto::ProofKind::founder, options));
    CHECK_FALSE(device.greet(daemon.url("ws"), crypto::ProofKind::founder));
}

TEST_CASE("a server that is told to stop answers what it has taken, then says goodbye",
          "[server]") {
    const Folder folder;
    Counter stored_last = 0;
    trellis::test::Organisation organisation;
    ScriptedDevice device(organisation, 1);
    {
        Daemon daemon({"--store", "sqlite:" + folder / "store"});
        REQUIRE(device.found(daemon.url()));
        REQUIRE(device.open());
        for (int count = 0; count < 50; ++count)
            device.push(2);
        REQUIRE(device.await<sync::Stored>());
        daemon.signal(SIGTERM);
        bool said_goodbye = false;
        while (const auto message = device.receive()) {
            if (const auto* stored = std::get_if<sync::Stored>(&*message)) {
                stored_last = stored->last;
            }
            said_goodbye |= std::holds_alternative<sync::Bye>(*message);
        }
        CHECK(said_goodbye);
        CHECK(daemon.wait().status == 0);
    }
    Daemon daemon({"--store", "sqlite:" + folder / "store"});
    REQUIRE(device.greet(daemon.url()));
    const auto opened = device.open();
    REQUIRE(opened);
    CHECK(opened->own_last >= stored_last);
    CHECK(opened->own_last == opened->position);
}

TEST_CASE("nothing that was acknowledged is lost when the server is killed", "[server]") {
    const Folder folder;
    trellis::test::Organisation organisation;
    std::uint64_t acknowledged = 0;
    {
        const Daemon daemon({"--store", "sqlite:" + folder / "store"});
        ScriptedDevice founder(organisation, 0xFF);
        REQUIRE(founder.found(daemon.url()));
    }
    for (std::uint8_t round = 1; round <= 12; ++round) {
        CAPTURE(int{round});
        Daemon daemon({"--store", "sqlite:" + folder / "store"});
        ScriptedDevice device(organisation, round);
        REQUIRE(device.greet(daemon.url()));
        const auto opened = device.open();
        REQUIRE(opened);
        REQUIRE(opened->position >= acknowledged);
        for (int count = 0; count < 3 * round; ++count)
            device.push(1);
        // The more rounds, the later in the stream of answers it dies.
        for (Counter last = 0; last < round;) {
            const auto stored = device.await<sync::Stored>();
            REQUIRE(stored);
            last = stored->last;
            acknowledged = std::max(acknowledged, stored->position);
        }
        daemon.signal(SIGKILL);
        CHECK(daemon.wait().status == 128 + SIGKILL);
        // What was still on its way to us counts too.
        while (const auto stored = device.await<sync::Stored>()) {
            acknowledged = std::max(acknowledged, stored->position);
        }
    }
    CHECK(acknowledged > 50);
    const Ended check = run_trellisd({"check", "--store", "sqlite:" + folder / "store"});
    CHECK(check.status == 0);
    CHECK(check.out == "No problems found.\n");
}
