// SPDX-License-Identifier: Apache-2.0
#include "core/store/lacked.hpp"

#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "tests/support/paper_relay.hpp"

using namespace trellis;
using trellis::test::PaperRelay;
using trellis::test::Replicas;

// What a device holds of others and the relay's log lacks: it hands that in.

namespace {

std::string named(const std::string& name) { return R"({"name":")" + name + R"("})"; }

/// Three devices, of which the first writes and then never meets the relay.
struct Carried {
    Carried() {
        replicas.put(0, named("one"));
        REQUIRE(replicas[0].seal().has_value());
    }
    /// From `from` to `to`; how many changes it brought.
    std::size_t carry(std::size_t from, std::size_t to, const VersionVector& have = {}) {
        Bytes bundle;
        REQUIRE(replicas[from].write_bundle(replicas.space(), have, bundle).has_value());
        const auto taken = replicas[to].apply_bundle(bundle);
        REQUIRE(taken.has_value());
        return taken->changes;
    }
    /// The places from which the relay may lack something, as `at` remembers them.
    std::vector<Counter> lacked(std::size_t at) {
        std::vector<Counter> places;
        const auto ends = replicas[at].lacked(replicas.space());
        REQUIRE(ends.has_value());
        for (const auto& end : *ends) {
            CHECK(end.device == replicas[0].device());
            places.push_back(end.last);
        }
        return places;
    }
    core::ChainEnd chain_of_first() {
        auto end = replicas[0].chains(replicas.space())->front();
        end.last = 0;
        return end;
    }

    Replicas replicas{3};
    PaperRelay relay{replicas};
};

using Places = std::vector<Counter>;

}  // namespace

TEST_CASE("what a bundle brought reaches all, though its author never comes back", "[core]") {
    Carried carried;
    CHECK(carried.carry(0, 1) == 1);
    CHECK(carried.lacked(1) == Places{0});
    // What follows stands on it.
    carried.replicas.put(1, named("two"));
    SECTION("at once") {}
    SECTION("after a restart") { carried.replicas.reopen(1); }
    SECTION("though the bundle came twice") { CHECK(carried.carry(0, 1) == 0); }
    carried.relay.sync(1);
    carried.relay.sync(2);
    CHECK(carried.replicas.digest(2) == carried.replicas.digest(1));
    CHECK(carried.replicas.problems(2).empty());
    CHECK(carried.relay.log().size() == 2);
    CHECK(carried.lacked(1).empty());
    CHECK(carried.lacked(2).empty());
    CHECK(carried.replicas[2].alarms()->empty());
}

TEST_CASE("what the log brings need not be handed in", "[core]") {
    Carried carried;
    carried.carry(0, 1);
    carried.relay.push(0);
    carried.replicas.put(0, named("two"));
    REQUIRE(carried.replicas[0].seal().has_value());
    carried.carry(0, 1);
    CHECK(carried.lacked(1) == Places{0});
    carried.relay.pull(1);
    // The second is still missing there.
    CHECK(carried.lacked(1) == Places{1});
    carried.relay.push(0);
    carried.relay.pull(1);
    CHECK(carried.lacked(1).empty());
}

TEST_CASE("what waits for something older is handed in once that is here", "[core]") {
    Carried carried;
    Bytes early;
    REQUIRE(carried.replicas[0].write_bundle(carried.replicas.space(), {}, early).has_value());
    const auto held = carried.replicas[0].chains(carried.replicas.space());
    carried.replicas.put(0, named("two"));
    REQUIRE(carried.replicas[0].seal().has_value());
    const auto& end = held->front();
    const auto actor = crypto::actor_id(carried.replicas.space(), end.device, end.incarnation);
    VersionVector have;
    have.raise(actor, end.last);
    CHECK(carried.carry(0, 1, have) == 0);
    CHECK(carried.lacked(1).empty());
    REQUIRE(carried.replicas[1].apply_bundle(early).has_value());
    CHECK(carried.lacked(1) == Places{0});
    carried.relay.sync(1);
    CHECK(carried.relay.log().size() == 2);
    CHECK(carried.lacked(1).empty());
}

TEST_CASE("what waits is handed in too where the log brings what lies before it", "[core]") {
    Carried carried;
    carried.relay.push(0);
    carried.replicas.put(0, named("two"));
    REQUIRE(carried.replicas[0].seal().has_value());
    carried.relay.push(0);
    const auto end = carried.replicas[0].chains(carried.replicas.space())->front();
    VersionVector have;
    have.raise(crypto::actor_id(carried.replicas.space(), end.device, end.incarnation), end.last);
    carried.replicas.put(0, named("three"));
    REQUIRE(carried.replicas[0].seal().has_value());
    CHECK(carried.carry(0, 1, have) == 0);
    const bool at_once = GENERATE(true, false);
    if (!at_once) {
        // The first of the two alone.
        const auto& first = carried.relay.log().front();
        const crypto::EnvelopeRun run{first.device, first.incarnation, 1, {first.envelope}};
        REQUIRE(carried.replicas[1]
                    .receive(carried.replicas.space(), {}, carried.relay.cursor_at(1), {run})
                    .has_value());
        CHECK(carried.lacked(1).empty());
    }
    carried.relay.pull(1);
    CHECK(carried.lacked(1) == Places{2});
    carried.relay.sync(1);
    CHECK(carried.relay.log().size() == 3);
    CHECK(carried.lacked(1).empty());
}

TEST_CASE("what waits while a relay goes back in time is handed in once it can be", "[core]") {
    Carried carried;
    auto& replicas = carried.replicas;
    const auto last = replicas.add();
    // The second's change stands on the first's, and is in the log without it.
    carried.carry(0, 1);
    replicas.put(1, named("two"));
    carried.relay.push(1);
    carried.relay.pull(2);
    REQUIRE(replicas[2].chains(replicas.space())->empty());
    carried.relay.cut(0);
    REQUIRE(replicas[2].receive_repair(replicas.space(), {}).has_value());
    REQUIRE(replicas[2].move_cursor(replicas.space(), carried.relay.cursor_at(0)).has_value());
    CHECK(carried.lacked(2).empty());
    carried.relay.push(0);
    carried.relay.sync(2);
    CHECK(carried.relay.log().size() == 2);
    carried.relay.sync(last);
    CHECK(replicas.digest(last) == replicas.digest(1));
    CHECK(carried.lacked(2).empty());
}

TEST_CASE("what a relay asks for is remembered where there is such a thing", "[core]") {
    Carried carried;
    auto& first = carried.replicas[0];
    const auto& space = carried.replicas.space();
    auto end = carried.chain_of_first();
    SECTION("until its log brings it") {
        REQUIRE(first.note_lacked(space, {end}).has_value());
        carried.replicas.reopen(0);
        CHECK(carried.lacked(0) == Places{0});
        carried.relay.sync(0);
        CHECK(carried.lacked(0).empty());
    }
    SECTION("until it says that it has it") {
        carried.replicas.put(0, named("two"));
        REQUIRE(first.seal().has_value());
        REQUIRE(first.note_lacked(space, {end}).has_value());
        end.last = 1;
        REQUIRE(first.settle_lacked(space, end).has_value());
        CHECK(carried.lacked(0) == Places{1});
        // An older word changes nothing.
        end.last = 0;
        REQUIRE(first.settle_lacked(space, end).has_value());
        CHECK(carried.lacked(0) == Places{1});
        end.last = 2;
        REQUIRE(first.settle_lacked(space, end).has_value());
        CHECK(carried.lacked(0).empty());
    }
    SECTION("until it will never take it") {
        REQUIRE(first.note_lacked(space, {end}).has_value());
        end.last = limits::counter_max;
        REQUIRE(first.settle_lacked(space, end).has_value());
        CHECK(carried.lacked(0).empty());
    }
    SECTION("not what is not here") {
        end.last = 1;
        auto nobody = end;
        nobody.device.bytes[0] ^= 1U;
        REQUIRE(first.note_lacked(space, {end, nobody}).has_value());
        CHECK(carried.lacked(0).empty());
        carried.replicas.put(0, named("two"));
        REQUIRE(first.seal().has_value());
        CHECK(carried.lacked(0).empty());
    }
}

TEST_CASE("of two words about one chain the lower stands", "[core]") {
    Carried carried;
    carried.replicas.put(0, named("two"));
    REQUIRE(carried.replicas[0].seal().has_value());
    const auto& space = carried.replicas.space();
    auto end = carried.chain_of_first();
    const bool lower_first = GENERATE(true, false);
    end.last = lower_first ? 0 : 1;
    REQUIRE(carried.replicas[0].note_lacked(space, {end}).has_value());
    end.last = lower_first ? 1 : 0;
    REQUIRE(carried.replicas[0].note_lacked(space, {end}).has_value());
    CHECK(carried.lacked(0) == Places{0});
}
