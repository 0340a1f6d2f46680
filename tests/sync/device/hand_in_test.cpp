// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/sync/device/relay_world.hpp"
#include "tests/sync/device/scene.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

// What others wrote, a device holds and the relay lacks: the device hands it in.

namespace {

/// The tablet has got from a bundle what the centre wrote, and connects.
struct HandIn : Scene {
    HandIn() {
        centre.write(space, "one");
        centre.write(space, "two");
        REQUIRE(centre.outbox(space, 0, 1U << 20U));
        tablet.take_bundle(centre, space);
    }
    void connect() {
        session.emplace(tablet, options, tablet.env, relay.now);
        channel = open_all(*session, tablet);
        const auto other = static_cast<Channel>(1 - channel);
        say(directory_log.opened(open_of(other), other));
        say(log.opened(open_of(channel), channel));
    }
    void say(const Message& message) { relay.say(*session, message); }
    /// The push of the centre's chain that must come next.
    crypto::EnvelopeRun pushed() {
        const auto push = relay.expect<Push>();
        REQUIRE(push.channel == channel);
        REQUIRE(push.runs.size() == 1);
        REQUIRE(push.runs[0].device == centre.device());
        return push.runs[0];
    }
    [[nodiscard]] std::size_t remembered() const {
        return tablet.state().spaces.at(space).lacked.size();
    }

    SessionOptions options;
    std::optional<DeviceSession> session;
    Channel channel = 0;
};

/// The relay is restored without the last text of `first`, who never comes back. Nobody but
/// `second` holds it.
struct Lost {
    Lost() {
        district.first.write(district.space, "before");
        district.settle();
        const auto backup = district.world.store;
        district.first.write(district.space, "after");
        REQUIRE(district.world.pass(district.first).complete);
        REQUIRE(district.world.pass(district.second).complete);
        district.world.restore(backup, true);
    }
    [[nodiscard]] std::size_t stored() const {
        return district.world.stored(district.centre.org(), district.space);
    }
    District district;
};

}  // namespace

TEST_CASE("what a bundle brought goes up once the log has shown that it is not there", "[sync]") {
    HandIn hand;
    SECTION("nothing of it is there") {
        hand.connect();
        REQUIRE(hand.pushed().envelopes.size() == 2);
    }
    SECTION("a part of it is there") {
        hand.log.append(hand.centre, hand.space);
        hand.centre.write(hand.space, "three");
        REQUIRE(hand.centre.outbox(hand.space, 0, 1U << 20U));
        hand.tablet.take_bundle(hand.centre, hand.space);
        hand.connect();
        hand.relay.expect_silence();
        hand.say(hand.log.page(0, 2, hand.channel));
        hand.relay.expect<Seen>();
        const auto run = hand.pushed();
        REQUIRE(run.first == 3);
        REQUIRE(run.envelopes.size() == 1);
    }
    SECTION("all of it is there") {
        hand.log.append(hand.centre, hand.space);
        hand.connect();
        hand.say(hand.log.page(0, 2, hand.channel));
        hand.relay.expect<Seen>();
        hand.relay.expect_silence();
        REQUIRE(hand.remembered() == 0);
    }
}

TEST_CASE("it goes up once on a connection, and again on the next until it is in the log",
          "[sync]") {
    HandIn hand;
    hand.connect();
    const auto run = hand.pushed();
    REQUIRE(run.envelopes.size() == 2);
    SECTION("the answer is lost") {
        hand.connect();
        REQUIRE(hand.pushed().envelopes.size() == 2);
    }
    SECTION("a part of it is stored") {
        hand.say(PushRefused{hand.channel, run.device, run.incarnation, 2, Code::busy, "no"});
        REQUIRE(hand.remembered() == 1);
    }
    SECTION("it is stored") {
        hand.say(Stored{hand.channel, hand.centre.device(), run.incarnation, 2, 2});
        REQUIRE(hand.remembered() == 0);
    }
    SECTION("it is in the log") {
        hand.log.append(hand.centre, hand.space);
        hand.say(hand.log.page(0, 2, hand.channel));
        hand.relay.expect<Seen>();
        REQUIRE(hand.remembered() == 0);
        hand.connect();
    }
    SECTION("a page comes while it is on its way") {
        hand.tablet.write(hand.space, "mine");
        hand.log.append(hand.tablet, hand.space);
        hand.say(hand.log.page(0, 1, hand.channel));
        hand.relay.expect<Seen>();
    }
    hand.relay.expect_silence();
}

TEST_CASE("what the relay will never take is not offered again, what it may take is", "[sync]") {
    HandIn hand;
    hand.connect();
    const auto run = hand.pushed();
    const auto code = GENERATE(Code::denied, Code::fork, Code::corrupt, Code::busy, Code::no_space);
    hand.say(PushRefused{hand.channel, run.device, run.incarnation, 1, code, "no"});
    const bool may_pass = code == Code::busy || code == Code::no_space;
    REQUIRE(hand.remembered() == (may_pass ? 1 : 0));
    hand.relay.expect_silence();
    hand.connect();
    if (may_pass) hand.pushed();
    hand.relay.expect_silence();
}

TEST_CASE("what a restored relay asks for is handed in, whatever becomes of the connection",
          "[sync]") {
    const auto at_most = GENERATE(range(1U, 40U));
    Lost lost;
    auto& world = lost.district.world;
    const auto begun = world.frames;
    world.fate = [&](std::size_t frame) {
        return frame - begun < at_most ? Fate::passes : Fate::cut;
    };
    world.pass(lost.district.second);
    world.fate = [](std::size_t) { return Fate::passes; };
    REQUIRE(world.pass(lost.district.second).complete);
    REQUIRE(lost.stored() == 2);
    // That it is there is seen with the next one.
    REQUIRE(world.pass(lost.district.second).sent == 0);
    REQUIRE(lost.district.second.state().spaces.at(lost.district.space).lacked.empty());
}
