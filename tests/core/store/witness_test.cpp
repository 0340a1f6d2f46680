// SPDX-License-Identifier: Apache-2.0
// A relay that shows two devices two histories is found out by the first envelope that goes
// from one to the other.
#include <catch2/catch.hpp>

#include "tests/support/paper_relay.hpp"

using namespace trellis;
using core::AlarmKind;
using trellis::test::PaperRelay;
using trellis::test::Replicas;

namespace {

std::string named(const std::string& name) { return R"({"name":")" + name + R"("})"; }

void hand_over(Replicas& replicas, std::size_t from, std::size_t to) {
    Bytes bundle;
    REQUIRE(replicas[from].write_bundle(replicas.space(), {}, bundle).has_value());
    const auto taken = replicas[to].apply_bundle(bundle);
    if (!taken) FAIL(taken.error().message);
}

std::vector<AlarmKind> alarms_at(Replicas& replicas, std::size_t at) {
    std::vector<AlarmKind> kinds;
    const auto alarms = replicas[at].alarms();
    for (const auto& alarm : *alarms) kinds.push_back(alarm.kind);
    return kinds;
}

crypto::SignSecret relay_secret() {
    trellis::test::FakeEnv env(77);
    return crypto::SignSecret::generate(env);
}

crypto::Receipt receipt_of(Replicas& replicas, const Cursor& cursor, Time time) {
    const auto& log = replicas[0].membership();
    crypto::Receipt receipt{replicas.space(), cursor, log.length(), log.head(), time, {}};
    crypto::sign_receipt(relay_secret(), replicas[0].org(), receipt);
    return receipt;
}

}  // namespace

TEST_CASE("an honest relay raises no alarm, whoever carries what", "[core]") {
    Replicas replicas(3);
    PaperRelay relay(replicas);
    for (int round = 0; round < 5; ++round) {
        for (std::size_t at = 0; at < replicas.size(); ++at) {
            replicas.put(at, named(std::to_string(round)));
            relay.sync(at);
            hand_over(replicas, at, (at + 1) % replicas.size());
        }
    }
    relay.settle();
    for (std::size_t at = 0; at < replicas.size(); ++at) CHECK(alarms_at(replicas, at).empty());
}

TEST_CASE("two histories of one log are an alarm at the first envelope between them", "[core]") {
    Replicas replicas(2);
    PaperRelay shown_to_first(replicas);
    PaperRelay shown_to_second(replicas);
    replicas.put(0, named("one"));
    shown_to_first.sync(0);
    replicas.put(1, named("other"));
    shown_to_second.sync(1);
    replicas.put(0, named("after"));
    hand_over(replicas, 0, 1);
    REQUIRE(alarms_at(replicas, 1) == std::vector{AlarmKind::split_view});
    const core::Alarm alarm = replicas[1].alarms()->front();
    CHECK(alarm.device == replicas[0].device());
    CHECK(alarm.evidence["said"]["head"] != alarm.evidence["ours"]["head"]);
    CHECK(alarm.evidence["envelope"]["envelope"].string() != nullptr);
    // Work goes on, and nothing was refused.
    replicas.put(1, named("still at work"));
    hand_over(replicas, 1, 0);
    hand_over(replicas, 0, 1);
    CHECK(replicas.digest(0) == replicas.digest(1));
    CHECK(alarms_at(replicas, 1).size() == 1);
}

TEST_CASE("a relay restored under a new life is no split view", "[core]") {
    Replicas replicas(2);
    PaperRelay before(replicas, 1);
    PaperRelay after(replicas, 2);
    replicas.put(0, named("one"));
    before.sync(0);
    replicas.put(1, named("other"));
    after.sync(1);
    replicas.put(0, named("after"));
    hand_over(replicas, 0, 1);
    CHECK(alarms_at(replicas, 1).empty());
}

TEST_CASE("a relay that says that is all, short of what others have seen, is withholding",
          "[core]") {
    Replicas replicas(3);
    PaperRelay relay(replicas);
    replicas.put(0, named("one"));
    relay.settle();
    replicas.put(0, named("two"));
    relay.sync(0);
    replicas.put(0, named("three"));
    hand_over(replicas, 0, 1);
    CHECK(alarms_at(replicas, 1).empty());
    PaperRelay stingy = relay;
    stingy.cut(relay.log().size() - 1);
    SECTION("it says so") {
        stingy.pull(1);
        CHECK(alarms_at(replicas, 1) == std::vector{AlarmKind::withheld});
        // It is one member's word, and answered once the relay gives all.
        CHECK(replicas[1].alarms()->front().is_claim);
        CHECK(replicas[1].alarms()->front().device == replicas[0].device());
        relay.pull(1);
        CHECK(alarms_at(replicas, 1).empty());
    }
    SECTION("it gives all") {
        relay.pull(1);
        CHECK(alarms_at(replicas, 1).empty());
    }
}

TEST_CASE("another history of the membership log is refused and kept as evidence", "[core]") {
    Replicas replicas(2);
    Replicas others(2, 5);
    const auto result = replicas[1].receive_entries(0, others.entries());
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code == Code::fork);
    REQUIRE(alarms_at(replicas, 1) == std::vector{AlarmKind::log_fork});
    const Json evidence = replicas[1].alarms()->front().evidence;
    REQUIRE(evidence["theirs"].string() != nullptr);
    CHECK(*from_base64(*evidence["theirs"].string()) == others.entries()[0]);
    replicas.put(1, named("still at work"));
}

TEST_CASE("a receipt that contradicts what was delivered is an alarm, before or after", "[core]") {
    Replicas replicas(2);
    PaperRelay relay(replicas);
    REQUIRE(replicas[1].pin_relay_key(relay_secret().key()).has_value());
    replicas.put(0, named("one"));
    const bool comes_before = GENERATE(true, false);
    if (!comes_before) relay.settle();
    if (comes_before) relay.sync(0);
    auto cursor = relay.cursor_at(1);
    const auto good = receipt_of(replicas, cursor, 1000);
    REQUIRE(replicas[1].receive_receipt(replicas.space(), good).has_value());
    relay.settle();
    CHECK(alarms_at(replicas, 1).empty());
    cursor.head.bytes[0] ^= 1U;
    const auto bad = receipt_of(replicas, cursor, 1000);
    REQUIRE(replicas[1].receive_receipt(replicas.space(), bad).has_value());
    CHECK(alarms_at(replicas, 1) == std::vector{AlarmKind::split_view});
    auto forged = good;
    forged.time += 1;
    CHECK(replicas[1].receive_receipt(replicas.space(), forged).error().code == Code::corrupt);
}

TEST_CASE("a relay that goes back behind its own receipt is an alarm", "[core]") {
    Replicas replicas(2);
    PaperRelay relay(replicas);
    REQUIRE(replicas[1].pin_relay_key(relay_secret().key()).has_value());
    replicas.put(0, named("one"));
    relay.sync(0);
    replicas.put(0, named("two"));
    relay.sync(0);
    const auto later = receipt_of(replicas, relay.cursor_at(2), 1000);
    const auto earlier = receipt_of(replicas, relay.cursor_at(1), 2000);
    REQUIRE(replicas[1].receive_receipt(replicas.space(), later).has_value());
    REQUIRE(replicas[1].receive_receipt(replicas.space(), earlier).has_value());
    CHECK(alarms_at(replicas, 1) == std::vector{AlarmKind::rolled_back});
}

TEST_CASE("an envelope says where the log stands only when that has changed", "[core]") {
    Replicas replicas(1);
    PaperRelay relay(replicas);
    replicas.put(0, named("one"));
    relay.sync(0);
    const auto said = [&]() -> std::uint64_t {
        const auto own = crypto::actor_id(replicas.space(), replicas[0].device(),
                                          replicas[0].sync_spaces().back().own);
        for (const auto& actor : replicas[0].store().actors.all()) {
            if (actor.id == own && actor.witness.log) return actor.witness.log->position;
        }
        return 0;
    };
    CHECK(said() == 0);
    replicas.put(0, named("two"));
    REQUIRE(replicas[0].seal().has_value());
    CHECK(said() == 1);
    const auto size_of_last = [&] {
        return replicas[0].outbox(replicas.space(), 0, SIZE_MAX)->back().envelopes.back().size();
    };
    const auto with = size_of_last();
    replicas.put(0, named("two"));
    REQUIRE(replicas[0].seal().has_value());
    CHECK(size_of_last() <= with);
    replicas.reopen(0);
    CHECK(said() == 1);
}
