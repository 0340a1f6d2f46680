// SPDX-License-Identifier: Apache-2.0
// The tester is tested: databases that are known to lose what they acknowledged do so here, and
// those that are known not to do not.
#include <catch2/catch.hpp>

#include <iostream>

#include "core/sqlite/database.hpp"
#include "tests/support/crash_disk.hpp"
#include "tests/support/fake_env.hpp"

using namespace trellis;
using namespace trellis::test;

namespace {

struct Figures {
    std::size_t cuts = 0;
    std::size_t acknowledged = 0;
    std::size_t lost = 0;     ///< cuts after which something acknowledged was not there
    std::size_t damaged = 0;  ///< cuts after which the file was no whole database
};

sqlite::OpenOptions options_for(const CrashDisk& disk, bool shares) {
    sqlite::OpenOptions options;
    options.path = "rows.db";
    options.key = Bytes(32, 7);
    options.shared_memory = shares;
    options.cache_kib = 64;
    options.vfs = disk.encrypted_vfs();
    return options;
}

/// Writes rows until the disk goes down; returns how many were acknowledged.
std::int64_t write_rows(sqlite::Database& database, std::int64_t first, FakeEnv& env) {
    for (std::int64_t id = first;; ++id) {
        ByteArray<2> random{};
        env.random(random);
        const std::int64_t size = 100 + (random[0] | (random[1] & 3) << 8);
        auto done = database.prepare("INSERT INTO rows(id, body) VALUES(?1, randomblob(?2))");
        if (!done) return id - 1;
        auto written = done->bind(1, id).bind(2, size).run();
        if (!written) return id - 1;
    }
}

struct Setting {
    std::string_view synchronous = "FULL";
    bool lies = false;
    bool shares = false;
    Fault::Kind kind = Fault::Kind::power_cut;
};

Figures crash(const Setting& setting, std::size_t databases) {
    Figures figures;
    FakeEnv env(42);
    for (std::size_t i = 0; i < databases; ++i) {
        CrashDisk disk("sensitivity", i);
        std::int64_t acknowledged = 0;
        for (int life = 0; life < 4; ++life) {
            auto database = sqlite::Database::open(options_for(disk, setting.shares));
            if (!database || !database->run("CREATE TABLE IF NOT EXISTS rows("
                                            "id INTEGER PRIMARY KEY, body BLOB)")) {
                ++figures.damaged;
                break;
            }
            const auto problems = database->integrity_problems();
            const auto there = database->integer("SELECT ifnull(max(id),0) FROM rows");
            const auto count = database->integer("SELECT count(*) FROM rows");
            if (!problems || !problems->empty() || !there || !count || *there != *count) {
                ++figures.damaged;
                break;
            }
            if (*there < acknowledged) {
                ++figures.lost;
                break;
            }
            if (life == 3) break;
            REQUIRE(database->run("PRAGMA wal_autocheckpoint=20"));
            REQUIRE(database->run("PRAGMA synchronous=" + std::string(setting.synchronous)));
            disk.lie_about_syncs(setting.lies);
            ByteArray<1> random{};
            env.random(random);
            disk.inject({.kind = setting.kind, .at = std::uint64_t{1} + random[0] % 150});
            const auto last = write_rows(*database, *there + 1, env);
            figures.acknowledged += static_cast<std::size_t>(last - *there);
            acknowledged = last;
            database = Error{Code::internal, "closed"};
            disk.start();
            disk.heal();
            ++figures.cuts;
        }
    }
    const bool cuts = setting.kind == Fault::Kind::power_cut;
    std::cout << "synchronous=" << setting.synchronous << (setting.lies ? ", lying" : "")
              << (setting.shares ? ", shared" : "") << ": " << figures.cuts
              << (cuts ? " power cuts, " : " kills, ") << figures.acknowledged
              << " acknowledged, " << figures.lost << " times lost, " << figures.damaged
              << " times damaged\n";
    return figures;
}

}  // namespace

TEST_CASE("with synchronous=FULL no power cut takes what was acknowledged", "[crash][sensitivity]") {
    for (const bool shares : {false, true}) {
        const auto figures = crash({.shares = shares}, 300);
        CHECK(figures.lost == 0);
        CHECK(figures.damaged == 0);
        CHECK(figures.cuts == 900);
        CHECK(figures.acknowledged > 9'000);
    }
}

TEST_CASE("with synchronous=NORMAL power cuts do, kills do not", "[crash][sensitivity]") {
    const auto figures = crash({.synchronous = "NORMAL"}, 60);
    CHECK(figures.lost > 20);
    CHECK(figures.damaged == 0);
    const auto killed = crash({.synchronous = "NORMAL", .kind = Fault::Kind::kill}, 60);
    CHECK(killed.lost == 0);
    CHECK(killed.damaged == 0);
}

TEST_CASE("without syncs, or with a disk that lies about them, they damage the file",
          "[crash][sensitivity]") {
    CHECK(crash({.synchronous = "OFF"}, 60).damaged > 5);
    const auto lying = crash({.lies = true}, 60);
    CHECK(lying.lost > 20);
    CHECK(lying.damaged > 5);
}

TEST_CASE("a commit whose sync failed stays refused", "[crash][sensitivity]") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        CrashDisk disk("refused", seed);
        const auto options = options_for(disk, true);
        const auto rows = [&] {
            auto database = sqlite::Database::open(options);
            REQUIRE(database);
            REQUIRE(database->integrity_problems()->empty());
            return *database->integer("SELECT count(*) FROM rows");
        };
        {
            auto database = sqlite::Database::open(options);
            REQUIRE(database);
            REQUIRE(database->run("CREATE TABLE rows(id INTEGER PRIMARY KEY, body BLOB)"));
            REQUIRE(database->run("INSERT INTO rows VALUES(1, randomblob(3000))"));
            auto transaction = sqlite::Transaction::begin(*database);
            REQUIRE(transaction);
            REQUIRE(database->run("INSERT INTO rows VALUES(2, randomblob(9000))"));
            disk.inject({.of = io_sync, .reverts = seed % 3 == 0});
            REQUIRE_FALSE(transaction->commit());
            REQUIRE(database->is_broken());
            disk.kill();
        }
        disk.start();
        CHECK(rows() == 1);
        disk.cut_power();
        disk.start();
        CHECK(rows() == 1);
    }
}

TEST_CASE("connections share a write-ahead log on this disk", "[crash][sensitivity]") {
    CrashDisk disk("sharing");
    auto writer = sqlite::Database::open(options_for(disk, true));
    REQUIRE(writer);
    REQUIRE(writer->run("CREATE TABLE rows(id INTEGER PRIMARY KEY)"));
    auto reader = sqlite::Database::open(options_for(disk, true));
    REQUIRE(reader);
    const std::string count = "SELECT count(*) FROM rows";
    REQUIRE(reader->run("BEGIN"));
    CHECK(*reader->integer(count) == 0);
    REQUIRE(writer->run("INSERT INTO rows VALUES(1)"));
    CHECK(*reader->integer(count) == 0);
    REQUIRE(reader->run("COMMIT"));
    CHECK(*reader->integer(count) == 1);
    // A second writer has to wait, and a reader keeps its part of the log from being reused.
    REQUIRE(writer->begin());
    CHECK(reader->run("PRAGMA busy_timeout=0"));
    CHECK(reader->begin().error().code == Code::busy);
    REQUIRE(writer->commit());
    REQUIRE(reader->run("BEGIN"));
    CHECK(*reader->integer(count) == 1);
    REQUIRE(writer->run("INSERT INTO rows VALUES(2);PRAGMA wal_checkpoint(RESTART)"));
    CHECK(*reader->integer(count) == 1);
}
