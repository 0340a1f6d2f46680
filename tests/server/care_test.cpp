// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.hpp"
#include "core/sqlite/database.hpp"
#include "tests/server/daemon.hpp"
#include "tests/server/folder.hpp"
#include "tests/server/scripted_device.hpp"

#include <catch2/catch.hpp>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <set>

using namespace trellis;
using namespace trellis::server::test;

namespace {

/// A store with a few envelopes, and the cursor at their end.
sync::Opened fill(const std::string& store, trellis::test::Organisation& organisation) {
    Daemon daemon({"--store", store});
    std::optional<sync::Opened> opened;
    {
        ScriptedDevice device(organisation, 1);
        REQUIRE(device.found(daemon.url()));
        REQUIRE(device.open());
        device.push(5);
        REQUIRE(device.await<sync::Stored>());
        ScriptedDevice other(organisation, 2);
        REQUIRE(other.greet(daemon.url()));
        opened = other.open();
        REQUIRE(opened);
    }
    daemon.signal(SIGTERM);
    CHECK(daemon.wait().status == 0);
    return *opened;
}

void spoil(const std::string& path, const std::string& sql) {
    sqlite::OpenOptions options;
    options.path = path;
    auto database = sqlite::Database::open(options);
    REQUIRE(database);
    REQUIRE(database->run(sql));
}

}  // namespace

TEST_CASE("a backup taken while the server runs is whole, and restored is a new life", "[server]") {
    const Folder folder;
    const std::string store = "sqlite:" + folder / "store";
    trellis::test::Organisation organisation;
    const sync::Opened before = fill(store, organisation);
    CHECK(before.position == 5);
    {
        const Daemon daemon({"--store", store});
        ScriptedDevice device(organisation, 3);
        REQUIRE(device.greet(daemon.url()));
        REQUIRE(device.open());
        device.push(2);
        REQUIRE(device.await<sync::Stored>());
        CHECK(run_trellisd({"backup", folder / "copy", "--store", store}).status == 0);
        // A name that is taken is refused, and so is a store in use.
        const Ended again = run_trellisd({"backup", folder / "copy", "--store", store});
        CHECK(again.status == 2);
        CHECK(again.err.find("is there already") != std::string::npos);
        const Ended restore = run_trellisd({"restore", folder / "copy", "--store", store});
        CHECK(restore.status == 2);
        CHECK(restore.err.find("in use") != std::string::npos);
        device.push(3);
        REQUIRE(device.await<sync::Stored>());
    }
    CHECK(run_trellisd({"check", "--store", "sqlite:" + folder / "copy"}).status == 0);
    CHECK(run_trellisd({"restore", folder / "copy", "--store", store}).status == 0);
    CHECK(run_trellisd({"check", "--store", store}).status == 0);
    const Daemon daemon({"--store", store});
    ScriptedDevice device(organisation, 4);
    REQUIRE(device.greet(daemon.url()));
    // A cursor of the life before does not fit, though position and head would.
    const auto opened = device.open({before.incarnation, 0, {}});
    REQUIRE(opened);
    CHECK(opened->position == 7);
    CHECK(opened->incarnation != before.incarnation);
    CHECK_FALSE(opened->known);
    // And what was replaced is still there.
    std::size_t kept = 0;
    for (const auto& file : std::filesystem::directory_iterator(
             std::filesystem::path(folder / "store").parent_path())) {
        if (file.path().filename().string().find("store.replaced-") == 0) ++kept;
    }
    CHECK(kept >= 1);
}

TEST_CASE("what two restores in one second replace is kept, both", "[server]") {
    const Folder folder;
    const std::string store = "sqlite:" + folder / "store";
    trellis::test::Organisation organisation;
    fill(store, organisation);
    REQUIRE(run_trellisd({"backup", folder / "copy", "--store", store}).status == 0);
    std::set<std::string> kept;
    for (int i = 0; i < 3; ++i) {
        const Ended ended = run_trellisd({"restore", folder / "copy", "--store", store});
        REQUIRE(ended.status == 0);
        kept.insert(ended.out);
    }
    CHECK(kept.size() == 3);
}

TEST_CASE("a store that cannot be opened is kept as it was when a backup takes its place",
          "[server]") {
    const Folder folder;
    const std::string store = "sqlite:" + folder / "store";
    trellis::test::Organisation organisation;
    fill(store, organisation);
    REQUIRE(run_trellisd({"backup", folder / "copy", "--store", store}).status == 0);
    std::ofstream(folder / "store", std::ios::binary) << "not a database";
    const Ended ended = run_trellisd({"restore", folder / "copy", "--store", store});
    CHECK(ended.status == 0);
    CHECK(run_trellisd({"check", "--store", store}).status == 0);
    const auto at = ended.out.find("store.replaced-");
    REQUIRE(at != std::string::npos);
    const std::string aside = folder / ended.out.substr(at, ended.out.find('.', at + 6) - at);
    std::ifstream file(aside, std::ios::binary);
    CHECK(std::string(std::istreambuf_iterator<char>(file), {}) == "not a database");
}

TEST_CASE("a file that is no backup is not restored, and the store is left alone", "[server]") {
    const Folder folder;
    const std::string store = "sqlite:" + folder / "store";
    trellis::test::Organisation organisation;
    fill(store, organisation);
    spoil(folder / "foreign", "CREATE TABLE t(a)");
    CHECK(run_trellisd({"restore", folder / "foreign", "--store", store}).status == 2);
    CHECK(run_trellisd({"restore", folder / "absent", "--store", store}).status == 2);
    CHECK(run_trellisd({"check", "--store", store}).status == 0);
}

TEST_CASE("check finds every kind of damage and says where", "[server]") {
    const Folder folder;
    trellis::test::Organisation organisation;
    fill("sqlite:" + folder / "store", organisation);
    const auto [sql, said] = GENERATE(table<std::string, std::string>({
        {"DELETE FROM envelope WHERE (id & 255) = 3", "position 3: the envelope is missing"},
        {"DELETE FROM envelope WHERE (id & 255) = 5", "should end at 5"},
        {"UPDATE envelope SET bytes = substr(bytes, 1, 100) || x'00' || substr(bytes, 102) "
         "WHERE (id & 255) = 2",
         "position 2: the envelope does not have the chain hash"},
        {"UPDATE envelope SET bytes = x'00' WHERE (id & 255) = 2",
         "position 2: the envelope's bytes are damaged"},
        {"UPDATE envelope SET head = zeroblob(32) WHERE (id & 255) = 4",
         "position 4: the rolling head does not follow"},
        {"UPDATE envelope SET first = 9 WHERE (id & 255) = 4",
         "position 4: the envelope does not follow its chain"},
        {"UPDATE envelope SET back = 1 WHERE (id & 255) = 4",
         "position 4: the envelope does not follow its chain"},
        {"UPDATE chain SET last = 4", "the chain's row does not say where it ends"},
        {"UPDATE space SET head = zeroblob(32)", "the space's head is not the log's"},
        {"UPDATE entry SET bytes = substr(bytes, 1, 200) || x'0000' || substr(bytes, 203) "
         "WHERE (id & 255) = 1",
         "entry 1"},
        {"DELETE FROM entry WHERE (id & 255) = 1", "entry 1: is missing"},
        {"UPDATE org SET entries = 9", "has 3 entries and says 9"},
    }));
    CAPTURE(sql);
    spoil(folder / "store", sql);
    const Ended check = run_trellisd({"check", "--store", "sqlite:" + folder / "store"});
    CHECK(check.status == 1);
    CAPTURE(check.out);
    CHECK(check.out.find(said) != std::string::npos);
}

TEST_CASE("stats are one line of JSON", "[server]") {
    const Folder folder;
    const std::string store = "sqlite:" + folder / "store";
    trellis::test::Organisation organisation;
    fill(store, organisation);
    const Ended ended = run_trellisd({"stats", "--store", store});
    CHECK(ended.status == 0);
    const auto stats = parse_json(ended.out.substr(0, ended.out.find('\n')));
    REQUIRE(stats);
    CHECK((*stats)["orgs"] == Json(1));
    CHECK((*stats)["entries"] == Json(3));
    CHECK((*stats)["spaces"] == Json(1));
    CHECK((*stats)["envelopes"] == Json(5));
    CHECK(*(*stats)["envelope_bytes"].integer() > 500);
    CHECK(run_trellisd({"stats", "--store", "sqlite:" + folder / "absent"}).status == 2);
}
