// SPDX-License-Identifier: Apache-2.0
// Copies of one database that write under one name, with the real replica and the real relay.
#include <catch2/catch.hpp>

#include <set>

#include "core/query/query.hpp"
#include "tests/support/replicas.hpp"
#include "tests/sync/device/relay_world.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

/// Two devices, and copies of the first.
struct Copies {
    Copies() {
        world.store.orgs[replicas[0].org()] = replicas.entries();
        world.start_relay();
        replicas.move_to(0, "tablet one");
        write(0, "shared");
        for (const std::size_t at : {0, 1, 0}) pass(at);
    }
    /// Seals it too: it may no longer get another name without being said again.
    void write(std::size_t at, const std::string& name) {
        replicas.put(at, R"({"name":")" + name + R"("})");
        REQUIRE(replicas[at].seal());
    }
    SessionProgress pass(std::size_t at) {
        auto progress = world.pass(replicas[at], replicas.env());
        CAPTURE(at, progress.failure ? progress.failure->message : "");
        CHECK(progress.complete);
        return progress;
    }
    /// The relay is put back to `backup` and says so.
    void restore(const MemoryRelayStore& backup) { world.restore(backup, true); }

    /// Everybody comes to the same, with all these names once each, and then to rest.
    void check_equal(const std::set<std::string>& names) {
        for (int round = 0; round < 2; ++round) {
            for (std::size_t at = 0; at < replicas.size(); ++at) pass(at);
        }
        for (std::size_t at = 0; at < replicas.size(); ++at) {
            CAPTURE(at);
            CHECK(replicas.digest(at) == replicas.digest(0));
            CHECK(replicas.problems(at) == "");
            const auto rows = core::run_query(replicas[at], "SELECT name FROM thing", {});
            REQUIRE(rows);
            CHECK(rows->array()->size() == names.size());
            for (const auto& row : *rows->array()) CHECK(names.count(*row["name"].string()) == 1);
            const auto alarms = replicas[at].alarms();
            REQUIRE(alarms);
            for (const auto& alarm : *alarms) CHECK(alarm.kind == core::AlarmKind::fork);
            const auto progress = pass(at);
            CHECK(progress.sent + progress.received == 0);
            CHECK(world.sessions == 1);
        }
    }

    Replicas replicas{2};
    RelayWorld world;
};

}  // namespace

TEST_CASE("a copy that holds more of its chain than the relay gets the relay's branch", "[sync]") {
    Copies copies;
    const auto copy = copies.replicas.copy(0, "tablet one");
    for (const auto* name : {"one", "two", "three"}) copies.write(0, name);
    copies.write(copy, "other");
    copies.pass(copy);
    const bool in_repair = GENERATE(true, false);
    CAPTURE(in_repair);
    if (in_repair) copies.restore(copies.world.store);
    copies.pass(0);
    copies.write(copy, "more");
    copies.check_equal({"shared", "one", "two", "three", "other", "more"});
}

TEST_CASE("a restored relay's branch of a chain reaches who holds more of another", "[sync]") {
    Copies copies;
    const auto copy = copies.replicas.copy(0, "tablet one");
    const auto backup = copies.world.store;
    for (const auto* name : {"one", "two"}) copies.write(0, name);
    copies.pass(0);
    copies.pass(1);
    copies.restore(backup);
    copies.write(copy, "other");
    copies.pass(copy);
    // Nothing of the other branch goes up under this name, and its next page fits.
    CHECK(copies.pass(1).sent == 0);
    copies.write(copy, "more");
    copies.pass(copy);
    copies.pass(1);
    copies.check_equal({"shared", "one", "two", "other", "more"});
}

TEST_CASE("nothing is sealed on top of a former chain before the relay has it", "[sync]") {
    Copies copies;
    const auto twin = copies.replicas.copy(0, "tablet one");
    for (const auto* name : {"one", "two", "three"}) copies.write(0, name);
    copies.replicas.put(0, R"({"name":"waiting"})");
    copies.write(twin, "other");
    copies.pass(twin);
    // A copy that knows it: it goes on under a new name, and what it has sealed under the old
    // one is about to lose it.
    copies.replicas.move_to(0, "tablet two");
    copies.check_equal({"shared", "one", "two", "three", "waiting", "other"});
}
