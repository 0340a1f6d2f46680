// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sync/device/courier_session.hpp"
#include "tests/sync/device/relay_world.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

void remove_first(District& district) {
    const auto device = district.first.device();
    district.centre.intend([device](const crypto::Author& author) {
        return crypto::revoke_device(author, device, {});
    });
    REQUIRE(district.world.pass(district.centre).complete);
}

/// What the tablet has sealed in the space, for a courier.
CourierOrder order_for(District& district, const crypto::SignSecret& installation) {
    auto& seat = district.first;
    const auto runs = seat.outbox(district.space, 0, 1U << 20U);
    REQUIRE(runs);
    CourierOrder order{.org = seat.org(),
                       .relay_key = seat.relay_key(),
                       .seat = seat.device(),
                       .bind = crypto::bind_installation(seat.device_key().sign(), seat.org(),
                                                         installation.key()),
                       .installation = installation.clone(),
                       .chains = {}};
    order.chains.push_back({district.space, seat.state().spaces.at(district.space).own, *runs});
    return order;
}

}  // namespace

TEST_CASE("a removed tablet hands in what it has written, says so, and is at rest", "[sync]") {
    District district;
    district.settle();
    district.first.write(district.space, "sealed before");
    REQUIRE(district.first.outbox(district.space, 0, 1000));
    district.first.write(district.space, "never sealed");
    remove_first(district);
    const auto progress = district.world.pass(district.first);
    CAPTURE(progress.failure ? progress.failure->message : "");
    REQUIRE(progress.complete);
    REQUIRE(progress.former);
    REQUIRE_FALSE(progress.failure);
    REQUIRE(progress.pending == 0);
    REQUIRE(district.first.is_all_stored());
    REQUIRE(district.world.stored(district.centre.org(), district.space) == 2);
    const auto again = district.world.pass(district.first);
    REQUIRE(again.complete);
    REQUIRE(again.former);
    REQUIRE(again.sent == 0);
    // What the organisation did after that is none of its business.
    district.centre.add_space("Later");
    district.centre.write(district.space, "later");
    district.world.pass(district.centre);
    district.world.pass(district.first);
    REQUIRE(district.first.log().size() < district.centre.log().size());
    REQUIRE(district.first.texts(district.space).size() == 2);
}

TEST_CASE("a tablet that is removed while it is connected hands in the rest and stays quiet",
          "[sync]") {
    District district;
    district.settle();
    DeviceSession live(district.first, SessionOptions(), district.first.env, 0);
    district.world.connect(live);
    district.world.run();
    DeviceSession admin(district.centre, SessionOptions(), district.centre.env, 0);
    district.world.connect(admin);
    const auto device = district.first.device();
    district.centre.intend([device](const crypto::Author& author) {
        return crypto::revoke_device(author, device, {});
    });
    district.first.write(district.space, "just written");
    district.world.run();
    live.outbox_changed(1);
    district.world.run();
    REQUIRE(live.progress().former);
    REQUIRE(live.progress().complete);
    REQUIRE_FALSE(live.progress().failure);
    REQUIRE(district.first.is_all_stored());
}

TEST_CASE("two copies of a tablet that both wrote go on under two names, in one pass", "[sync]") {
    District district;
    district.first.write(district.space, "common");
    district.settle();
    const auto copy = district.first.state();
    district.first.write(district.space, "by the first copy");
    REQUIRE(district.world.pass(district.first).complete);
    district.first.restore(copy);
    district.first.write(district.space, "by the second copy");
    const bool is_longer = GENERATE(false, true);
    if (is_longer) district.first.write(district.space, "and more");
    REQUIRE(district.first.outbox(district.space, 0, 1000));  // sealed under the old name
    const auto progress = district.world.pass(district.first);
    CAPTURE(is_longer, progress.failure ? progress.failure->message : "", district.world.sessions);
    REQUIRE(progress.complete);
    REQUIRE_FALSE(progress.again);
    // Where the relay's page came before its refusal, the same session goes on under the new name.
    REQUIRE(district.world.sessions == (is_longer ? 1 : 2));
    REQUIRE(district.first.forks == 1);
    district.settle();
    district.require_equal(is_longer ? 4 : 3);
}

TEST_CASE("a courier hands in a locked seat's work, cut off at any frame", "[sync]") {
    FakeEnv env(77);
    const auto installation = crypto::SignSecret::generate(env);
    for (std::size_t target = 0;; ++target) {
        CAPTURE(target);
        District district;
        district.settle();
        for (int i = 0; i < 3; ++i) {
            district.first.write(district.space, std::string(150'000, 'x'));
        }
        const auto order = order_for(district, installation);
        district.world.frames = 0;
        district.world.fate = [&](std::size_t i) { return i == target ? Fate::cut : Fate::passes; };
        CourierSession session(order_for(district, installation), {}, env, district.world.now);
        district.world.connect(session);
        district.world.run();
        const bool was_hit = district.world.frames > target;
        district.world.fate = [](std::size_t) { return Fate::passes; };
        const auto stored = district.world.stored(district.centre.org(), district.space);
        REQUIRE(session.results().at(0).stored <= stored);
        if (was_hit) {
            CourierSession next(order_for(district, installation), {}, env, district.world.now);
            district.world.connect(next);
            district.world.run();
            REQUIRE(next.progress().complete);
            REQUIRE(next.results().at(0).stored == 3);
        }
        REQUIRE(district.world.stored(district.centre.org(), district.space) == 3);
        // The seat itself comes back and finds it done.
        REQUIRE(district.world.pass(district.first).sent == 0);
        REQUIRE(district.first.is_all_stored());
        if (!was_hit) {
            REQUIRE(session.done());
            REQUIRE(session.progress().sent == 3);
            break;
        }
    }
}

TEST_CASE("a courier tells what the relay would not take, and goes on with the rest", "[sync]") {
    FakeEnv env(77);
    const auto installation = crypto::SignSecret::generate(env);
    District district;
    district.settle();
    district.first.write(district.space, "good");
    auto order = order_for(district, installation);
    CourierChain elsewhere{order.chains[0].space, order.chains[0].own, order.chains[0].runs};
    elsewhere.space.bytes.fill(9);
    order.chains.insert(order.chains.begin(), elsewhere);
    CourierSession session(std::move(order), {}, env, district.world.now);
    district.world.connect(session);
    district.world.run();
    REQUIRE(session.done());
    REQUIRE_FALSE(session.progress().complete);
    REQUIRE(session.results()[0].refused->code == Code::denied);
    REQUIRE(session.results()[1].stored == 1);
    REQUIRE_FALSE(session.results()[1].refused);
}
