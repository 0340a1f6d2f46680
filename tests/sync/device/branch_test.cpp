// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/sync/device/scene.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

// Where the relay holds another branch of a chain than the device.

namespace {

/// The tablet holds three texts of the centre and two of its own, connects to a relay that was
/// put back, and has said which chains it holds.
struct Repair : Scene {
    Repair() {
        for (const auto* text : {"one", "two", "three"}) centre.write(space, text);
        log.append(centre, space);
        for (const auto* text : {"mine", "mine too"}) tablet.write(space, text);
        log.append(tablet, space);
        session.emplace(tablet, options, tablet.env, relay.now);
        channel = open_all(*session, tablet);
        const auto other = static_cast<Channel>(1 - channel);
        say(directory_log.opened(open_of(other), other));
        say(log.opened(open_of(channel), channel));
        say(log.page(0, 5, channel));
        relay.forget();
        before = tablet.cursor(space);
        auto page = log.page(0, 1, channel);
        page.from = 7;
        page.to = 8;
        say(page);
        REQUIRE(relay.expect<Vector>().heads.size() == 2);
    }
    void say(const Message& message) { relay.say(*session, message); }
    /// The relay's copy of that device's chain ends at 1, in this envelope or in another.
    ChainHead head(FakeSyncable& device, bool is_ours) {
        const FakeSyncable::ChainName name{device.device(), device.state().spaces.at(space).own};
        auto chain = short_digest(tablet.state().spaces.at(space).chains.at(name)[0].chain);
        if (!is_ours) chain.bytes[0] ^= 1U;
        return {name.first, name.second, 1, chain};
    }
    void end_repair() { say(Deliver{channel, true, true, 9, 9, {}, {}}); }

    SessionOptions options;
    std::optional<DeviceSession> session;
    Channel channel = 0;
    Cursor before;
};

}  // namespace

TEST_CASE("what the relay lacks of the branch that it holds goes up", "[sync]") {
    Repair repair;
    repair.say(Want{repair.channel, {repair.head(repair.centre, true)}});
    const auto push = repair.relay.expect<Push>();
    REQUIRE(push.runs[0].device == repair.centre.device());
    REQUIRE(push.runs[0].first == 2);
    repair.end_repair();
    REQUIRE(repair.tablet.cursor(repair.space).position == 9);
    REQUIRE(repair.relay.expect<Seen>().position == 9);
    repair.relay.expect_silence();
}

TEST_CASE("the relay's other branch of a chain comes before the cursor moves", "[sync]") {
    Repair repair;
    const bool is_own = GENERATE(true, false);
    auto& device = is_own ? repair.tablet : repair.centre;
    repair.say(Want{repair.channel, {repair.head(device, false)}});
    repair.relay.expect_silence();
    repair.end_repair();
    REQUIRE(repair.tablet.cursor(repair.space) == repair.before);
    const auto again = repair.relay.expect<Vector>();
    REQUIRE_FALSE(again.more);
    REQUIRE(again.heads.size() == 1);
    REQUIRE(again.heads[0].device == (is_own ? repair.centre : repair.tablet).device());
    repair.relay.expect_silence();
    repair.end_repair();
    REQUIRE(repair.tablet.cursor(repair.space).position == 9);
}

TEST_CASE("a relay that names another branch again and again is not followed for ever", "[sync]") {
    Repair repair;
    for (int round = 0; round < 3; ++round) {
        repair.say(Want{repair.channel, {repair.head(repair.centre, false)}});
        repair.end_repair();
        if (round < 2) repair.relay.expect<Vector>();
    }
    REQUIRE(repair.relay.expect<Bye>().code == Code::conflict);
}
