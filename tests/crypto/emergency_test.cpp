// SPDX-License-Identifier: Apache-2.0
// Reading for a while, and what a reader does whose key does not open.
#include "core/base/limits.hpp"
#include "crypto/secret/co_sign.hpp"
#include "tests/crypto/membership_attempt.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

constexpr Time hour = 3'600'000;

// Bob reads the compartment for an hour.
struct Emergency : Organisation {
    Emergency() {
        append(set_admin(as(alice), id(carol), true));
        const Author author{membership, alice.ring, alice.key, env.wall_time(), env, true};
        const EmergencyOrder order{id(bob), counselling, env.wall_time() + hour, {}};
        const auto entry = must(break_glass(author, order));
        append(co_sign(membership, entry, carol.key));
    }
    Author later(const Person& person, Time after) {
        return {membership, person.ring, person.key, env.wall_time() + after, env};
    }
};

}  // namespace

TEST_CASE("two admins let somebody read for a while", "[crypto]") {
    Emergency it;
    CHECK(it.membership.rights(it.id(it.bob), it.counselling) == right_read);
    CHECK(it.bob.ring.newest(it.counselling) == 1);
    CHECK_FALSE(it.membership.is_rotation_due(it.counselling));
    const auto* lent = it.membership.emergency(it.counselling, it.id(it.bob));
    REQUIRE(lent != nullptr);
    CHECK(lent->until == it.env.wall_time() + hour);
}

TEST_CASE("the first entry of a later time ends it, and the key changes", "[crypto]") {
    Emergency it;
    it.append(set_server_key(it.later(it.alice, hour), it.bob.key.sign().key()));
    CHECK(it.membership.can(it.id(it.bob), it.counselling, right_read));
    CHECK(it.membership.readers(it.counselling, it.env.wall_time() + hour).size() == 2);
    CHECK(it.membership.readers(it.counselling, it.env.wall_time() + hour + 1).size() == 1);
    auto other = it.membership;
    SECTION("any entry") {
        it.append(set_server_key(it.later(it.alice, hour + 1), it.carol.key.sign().key()));
        CHECK(it.membership.is_rotation_due(it.counselling));
    }
    SECTION("a new key for those who stay") {
        it.append(rotate(it.later(it.alice, hour + 1), it.counselling));
        CHECK_FALSE(it.membership.is_rotation_due(it.counselling));
    }
    CHECK(it.membership.rights(it.id(it.bob), it.counselling) == 0);
    CHECK_FALSE(it.membership.is_or_was_writer(it.id(it.bob), it.counselling));
    CHECK(it.membership.emergency(it.counselling, it.id(it.bob))->is_over);
    it.append(rotate(it.later(it.alice, 2 * hour), it.counselling));
    CHECK(it.bob.ring.newest(it.counselling) == 1);
}

TEST_CASE("who leaves with an emergency does not choose the next key", "[crypto]") {
    Emergency it;
    RotateOp op;
    op.space = it.counselling;
    op.epoch = 2;
    op.root_wrap = SealedKey{};
    op.wraps = {{it.id(it.alice), {}}};
    CHECK(attempt(it, {op}, {&it.bob}, hour + 1) == "denied");
    CHECK(attempt(it, {op}, {&it.alice}, hour + 1) == "ok");
    CHECK(attempt(it, {op}, {&it.alice}, hour) == "denied");  // bob still reads
}

TEST_CASE("a grant makes an emergency lasting", "[crypto]") {
    Emergency it;
    it.append(grant(it.as(it.alice), it.id(it.bob), it.counselling, right_read | right_write));
    it.append(set_server_key(it.later(it.alice, 9 * hour), it.bob.key.sign().key()));
    CHECK(it.membership.can(it.id(it.bob), it.counselling, right_write));
}

TEST_CASE("an emergency takes two admins, has an end, and is for who cannot read", "[crypto]") {
    Organisation it;
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    const Time now = it.env.wall_time();
    const auto with = [&](auto change, const Signers& signers) {
        BreakGlassOp op{it.id(it.bob), it.counselling, now + hour, {}, {}};
        change(op);
        return attempt(it, {op}, signers, 0);
    };
    const Signers both{&it.alice, &it.carol};
    CHECK(with([](auto&) {}, both) == "ok");
    CHECK(with([](auto&) {}, {&it.alice}) == "denied");
    CHECK(with([](auto&) {}, {&it.alice, &it.bob}) == "denied");
    CHECK(with([&](auto& op) { op.until = now; }, both) == "invalid");
    CHECK(with([&](auto& op) { op.until = now + limits::emergency_max_ms; }, both) == "ok");
    CHECK(with([&](auto& op) { op.until = now + limits::emergency_max_ms + 1; }, both) ==
          "invalid");
    CHECK(with([&](auto& op) { op.space = it.school; }, both) == "invalid");  // bob reads it
    CHECK(with([&](auto& op) { op.space = SpaceId{}; }, both) == "invalid");
    CHECK(with([&](auto& op) { op.device = DeviceId{}; }, both) == "invalid");
    CHECK(with([](auto& op) { op.wraps = {{2, {}}}; }, both) == "invalid");
}

TEST_CASE("a reader whose key does not open asks for a new one", "[crypto]") {
    Organisation it;
    const ComplaintOp op{it.school, 2};
    CHECK(attempt(it, {op}, {&it.bob}) == "ok");
    CHECK(attempt(it, {op}, {&it.carol}) == "denied");
    CHECK(attempt(it, {ComplaintOp{it.school, 1}}, {&it.bob}) == "conflict");
    CHECK(attempt(it, {ComplaintOp{SpaceId{}, 1}}, {&it.bob}) == "invalid");
    it.append(complain(it.as(it.bob), it.school));
    CHECK(it.membership.is_rotation_due(it.school));
    CHECK(attempt(it, {op}, {&it.bob}) == "conflict");
    it.append(rotate(it.as(it.bob), it.school));
    CHECK(it.membership.space(it.school)->epoch == 3);
}

TEST_CASE("a whole person leaves in one entry", "[crypto]") {
    Organisation it;
    AddDeviceOp second;
    second.user = it.membership.device(it.id(it.bob))->user;
    second.sign = it.carol.key.sign().key();
    second.box = it.bob.key.box().key();
    const auto id = device_id(it.org(), second.sign, second.box);
    it.append(make_entry(it.as(it.alice), {second, GrantOp{id, it.school, 3, {}}}));
    ActorId actor;
    actor.bytes.fill(5);
    const auto length = it.membership.length();
    it.append(revoke_user(
        it.as(it.alice), second.user, {{id, {{it.school, actor, 7, {}}}}}, removed_left));
    CHECK(it.membership.length() == length + 1);
    for (const auto& device : {id, it.id(it.bob)}) {
        CHECK_FALSE(it.membership.device(device)->is_active);
        CHECK(it.membership.device(device)->removal_reason == removed_left);
    }
    CHECK(it.membership.limit(it.school, actor, id) == Counter{7});
    CHECK(it.membership.limit(it.school, actor, it.id(it.bob)) == Counter{0});
    CHECK_FALSE(it.membership.is_rotation_due(it.school));
    CHECK(outcome(revoke_user(it.as(it.alice), second.user, {})) == "not_found");
    CHECK(outcome(revoke_user(it.as(it.alice), UserId{}, {})) == "not_found");
    const auto odd = make_entry(it.as(it.alice), {RevokeDeviceOp{it.id(it.carol), 3, {}}});
    CHECK(outcome(odd) == "unsupported");
}
