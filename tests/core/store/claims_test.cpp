// SPDX-License-Identifier: Apache-2.0
// A member that lies about the relay is one against one: it is named, and the relay is not.
#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "tests/support/paper_relay.hpp"

using namespace trellis;
using core::Alarm;
using core::AlarmKind;
using trellis::test::PaperRelay;
using trellis::test::Replicas;

namespace {

constexpr std::size_t victim = 0;
constexpr std::size_t liar = 1;

std::string named(const std::string& name) { return R"({"name":")" + name + R"("})"; }

std::vector<Alarm> alarms_at(Replicas& replicas, std::size_t at) {
    auto alarms = replicas[at].alarms();
    REQUIRE(alarms.has_value());
    return std::move(*alarms);
}

void require_one_claim(Replicas& replicas, AlarmKind kind) {
    const auto alarms = alarms_at(replicas, victim);
    REQUIRE(alarms.size() == 1);
    CHECK(alarms[0].kind == kind);
    CHECK(alarms[0].is_claim);
    CHECK(alarms[0].device == replicas[liar].device());
    CHECK(alarms[0].evidence["envelope"]["envelope"].string() != nullptr);
}

/// The liar's next envelope says that it has seen the relay's log up to there, with a head that
/// the log never had.
void lie_about(Replicas& replicas, PaperRelay& relay, std::uint64_t position) {
    Cursor made_up = relay.cursor_at(relay.log().size());
    const Cursor true_place = made_up;
    made_up.position = position;
    made_up.head.bytes.fill(static_cast<std::uint8_t>(position));
    REQUIRE(replicas[liar].move_cursor(replicas.space(), made_up).has_value());
    replicas.put(liar, named("lie"));
    REQUIRE(replicas[liar].seal().has_value());
    REQUIRE(replicas[liar].move_cursor(replicas.space(), true_place).has_value());
    relay.push(liar);
}

struct Lies {
    Replicas replicas{3};
    PaperRelay relay{replicas};
    Lies() {
        for (std::size_t at = 0; at < 3; ++at) replicas.put(at, named("honest"));
        relay.settle();
    }
    /// Everybody but the liar writes until the log is that long.
    void grow_to(std::uint64_t length) {
        while (relay.log().size() < length) {
            replicas.put(2, named("more"));
            relay.push(2);
        }
    }
};

}  // namespace

TEST_CASE("a place that one member made up is its word alone, and said once", "[core]") {
    Lies lies;
    for (std::uint64_t i = 0; i < 20; ++i) lie_about(lies.replicas, lies.relay, 1000 + i);
    lies.relay.pull(victim);
    require_one_claim(lies.replicas, AlarmKind::withheld);
    lies.replicas.put(victim, named("work goes on"));
    lies.relay.sync(victim);
    require_one_claim(lies.replicas, AlarmKind::withheld);
}

TEST_CASE("once the log has come to the place it is clear that nothing was withheld", "[core]") {
    Lies lies;
    const auto place = lies.relay.log().size() + 5;
    lie_about(lies.replicas, lies.relay, place);
    lies.relay.pull(victim);
    require_one_claim(lies.replicas, AlarmKind::withheld);
    lies.grow_to(place);
    lies.relay.pull(victim);
    // What is left is the head that only the liar has seen.
    require_one_claim(lies.replicas, AlarmKind::split_view);
    SECTION("and when the liar's own word agrees with ours, nothing is") {
        lies.relay.pull(liar);
        lies.replicas.put(liar, named("the truth"));
        lies.relay.push(liar);
        lies.relay.pull(victim);
        CHECK(alarms_at(lies.replicas, victim).empty());
    }
    SECTION("somebody else's word does not excuse it") {
        lies.relay.pull(2);
        lies.replicas.put(2, named("the truth"));
        lies.relay.push(2);
        lies.relay.pull(victim);
        require_one_claim(lies.replicas, AlarmKind::split_view);
    }
}

TEST_CASE("a claim about a log that has ended ends with it", "[core]") {
    Lies lies;
    lie_about(lies.replicas, lies.relay, 1000);
    lies.relay.pull(victim);
    require_one_claim(lies.replicas, AlarmKind::withheld);
    Cursor restored = lies.relay.cursor_at(0);
    restored.incarnation.bytes.fill(77);
    REQUIRE(lies.replicas[victim].move_cursor(lies.replicas.space(), restored).has_value());
    CHECK(alarms_at(lies.replicas, victim).empty());
}

TEST_CASE("a claim makes the relay sign where it stands, now and then", "[core]") {
    Lies lies;
    auto& replicas = lies.replicas;
    trellis::test::FakeEnv env(77);
    const auto secret = crypto::SignSecret::generate(env);
    REQUIRE(replicas[victim].pin_relay_key(secret.key()).has_value());
    const auto& log = replicas[victim].membership();
    crypto::Receipt receipt{replicas.space(), lies.relay.cursor_at(lies.relay.log().size()),
                            log.length(), log.head(), replicas[victim].clock().now().time, {}};
    crypto::sign_receipt(secret, replicas[victim].org(), receipt);
    REQUIRE(replicas[victim].receive_receipt(replicas.space(), receipt).has_value());
    lie_about(replicas, lies.relay, 1000);
    const bool is_claimed = GENERATE(true, false);
    if (is_claimed) lies.relay.pull(victim);
    CHECK_FALSE(replicas[victim].wants_receipt(replicas.space()));
    replicas.env().advance(limits::receipt_doubt_ms);
    CHECK(replicas[victim].wants_receipt(replicas.space()) == is_claimed);
}

TEST_CASE("what the relay itself has signed is proof beside any claim", "[core]") {
    Lies lies;
    auto& replicas = lies.replicas;
    trellis::test::FakeEnv env(77);
    const auto secret = crypto::SignSecret::generate(env);
    REQUIRE(replicas[victim].pin_relay_key(secret.key()).has_value());
    lie_about(replicas, lies.relay, 1000);
    lies.relay.pull(victim);
    const auto& log = replicas[victim].membership();
    crypto::Receipt receipt{replicas.space(), lies.relay.cursor_at(lies.relay.log().size()),
                            log.length(), log.head(), 1000, {}};
    for (int i = 0; i < 2; ++i) {
        crypto::sign_receipt(secret, replicas[victim].org(), receipt);
        REQUIRE(replicas[victim].receive_receipt(replicas.space(), receipt).has_value());
        receipt.cursor.head.bytes[0] ^= 1U;
    }
    const auto alarms = alarms_at(replicas, victim);
    REQUIRE(alarms.size() == 2);
    CHECK(alarms[0].is_claim);
    CHECK_FALSE(alarms[1].is_claim);
    CHECK(alarms[1].kind == AlarmKind::split_view);
}
