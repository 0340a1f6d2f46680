// SPDX-License-Identifier: Apache-2.0
// The end of a space in the membership log: who may say it, and that nothing follows.
#include "crypto/secret/recover.hpp"
#include "tests/crypto/membership_attempt.hpp"
#include "tests/support/people.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

ShredOp end_of(const Organisation& it, const SpaceId& space) {
    ShredOp op;
    op.space = space;
    op.until_epoch = it.membership.space(space)->epoch;
    op.position = 3;
    op.head.bytes.fill(7);
    op.reason.bytes.fill(8);
    return op;
}

void shred_school(Organisation& it) {
    it.append(make_entry(it.as(it.alice), {end_of(it, it.school)}));
}

}  // namespace

TEST_CASE("an admin shreds a space, with a steward where it is a compartment", "[crypto]") {
    Organisation it;
    CHECK(attempt(it, {end_of(it, it.school)}, {&it.alice}) == "ok");
    CHECK(attempt(it, {end_of(it, it.school)}, {&it.bob}) == "denied");
    CHECK(attempt(it, {end_of(it, it.school)}, {&it.carol}) == "denied");
    it.append(set_admin(it.as(it.alice), it.id(it.bob), true));
    CHECK(attempt(it, {end_of(it, it.school)}, {&it.bob}) == "ok");
    CHECK(attempt(it, {end_of(it, it.counselling)}, {&it.bob}) == "denied");
    CHECK(attempt(it, {end_of(it, it.counselling)}, {&it.bob, &it.alice}) == "ok");
    // Where several admins decide, several decide this.
    it.append(set_admin_quorum(it.as(it.alice), 2));
    CHECK(attempt(it, {end_of(it, it.school)}, {&it.alice}) == "denied");
    CHECK(attempt(it, {end_of(it, it.school)}, {&it.alice, &it.bob}) == "ok");
    CHECK(attempt(it, {end_of(it, it.counselling)}, {&it.alice}) == "denied");
}

TEST_CASE("a space is shredded whole, once, and never the directory", "[crypto]") {
    Organisation it;
    CHECK(attempt(it, {end_of(it, it.directory)}, {&it.alice}) == "invalid");
    it.append(rotate(it.as(it.alice), it.school));
    auto part = end_of(it, it.school);
    part.until_epoch -= 1;
    CHECK(attempt(it, {part}, {&it.alice}) == "conflict");
    part.until_epoch += 2;
    CHECK(attempt(it, {part}, {&it.alice}) == "invalid");
    auto nowhere = end_of(it, it.school);
    nowhere.position = 0;
    CHECK(attempt(it, {nowhere}, {&it.alice}) == "invalid");
    nowhere.head = {};
    CHECK(attempt(it, {nowhere}, {&it.alice}) == "ok");
    auto stranger = end_of(it, it.school);
    stranger.space.bytes.fill(77);
    CHECK(attempt(it, {stranger}, {&it.alice}) == "invalid");
    CHECK(attempt(it, {end_of(it, it.school), end_of(it, it.school)}, {&it.alice}) == "denied");
    shred_school(it);
    CHECK(attempt(it, {end_of(it, it.school)}, {&it.alice}) == "denied");
}

TEST_CASE("nobody has a right in a shredded space, and nothing of it counts", "[crypto]") {
    Organisation it;
    ActorId actor;
    actor.bytes.fill(4);
    Digest chain;
    chain.bytes.fill(5);
    it.append(adopt(it.as(it.alice), it.school, {chain}));
    it.append(revoke_grant(
        it.as(it.alice), it.id(it.bob), it.school, {{it.school, actor, 9, chain}}));
    REQUIRE(it.membership.is_or_was_writer(it.id(it.bob), it.school));
    REQUIRE(it.membership.limit(it.school, actor, it.id(it.bob)) == Counter{9});
    REQUIRE(it.membership.is_adopted(it.school, chain));
    const auto others = it.membership.rights(it.id(it.alice), it.counselling);
    shred_school(it);
    for (const auto* person : {&it.alice, &it.bob, &it.carol}) {
        CHECK(it.membership.rights(it.id(*person), it.school) == 0);
        CHECK_FALSE(it.membership.is_or_was_writer(it.id(*person), it.school));
        CHECK(it.membership.limit(it.school, actor, it.id(*person)) == Counter{0});
    }
    CHECK_FALSE(it.membership.is_adopted(it.school, chain));
    CHECK_FALSE(it.membership.is_rotation_due(it.school));
    const auto* record = it.membership.shredded(it.school);
    REQUIRE(record != nullptr);
    CHECK(record->position == 3);
    CHECK(record->shredded_at + 1 == it.membership.length());
    CHECK(it.membership.shredded(it.counselling) == nullptr);
    CHECK(it.membership.rights(it.id(it.alice), it.counselling) == others);
}

TEST_CASE("nothing leads into a shredded space any more", "[crypto]") {
    Organisation it;
    const auto opened = must(inbox_open(it.as(it.alice), it.school));
    it.append(opened.entry);
    const auto name = std::get<NameOp>(must(parse_entry(must(rename(
        it.as(it.alice), NameKind::space, name_target(it.school), "Other")))).ops.front());
    const auto rotation = std::get<RotateOp>(
        must(parse_entry(must(rotate(it.as(it.alice), it.school)))).ops.front());
    shred_school(it);
    CHECK(it.membership.inbox(opened.inbox)->is_closed);
    const auto alone = [&](MembershipOp op) { return attempt(it, {std::move(op)}, {&it.alice}); };
    CHECK(alone(GrantOp{it.id(it.carol), it.school, right_read, {}}) == "denied");
    CHECK(alone(RevokeGrantOp{it.id(it.bob), it.school, {}}) == "denied");
    CHECK(alone(AdoptOp{it.school, {Digest{}}}) == "denied");
    CHECK(alone(rotation) == "denied");
    CHECK(alone(InboxCloseOp{opened.inbox}) == "denied");
    CHECK(alone(ComplaintOp{it.school, 1}) == "denied");
    CHECK(alone(CreateSpaceOp{it.school, SpaceClass::general}) == "invalid");
    CHECK(alone(name) == "denied");
    CHECK(outcome(inbox_open(it.as(it.alice), it.school)) == "denied");
    InviteOrder order;
    order.grants = {{it.school, right_read}};
    order.expiry = it.env.wall_time() + 1000;
    CHECK(outcome(invite_create(it.as(it.alice), order)) == "denied");
}

TEST_CASE("an invite to a shredded space and others opens the others", "[crypto]") {
    Organisation it;
    const auto made = must(create_space(it.as(it.alice), "Sports", SpaceClass::general));
    it.append(made.entry);
    InviteOrder order;
    order.grants = {{it.school, right_read}, {made.space, right_read | right_write}};
    order.expiry = it.env.wall_time() + 100'000;
    auto invited = must(invite_create(it.as(it.alice), order));
    it.append(invited.entry);
    shred_school(it);
    const auto key = DeviceKey::generate(it.env);
    it.append(join(it.membership, invited.invite, key, {"dora"}, it.env.wall_time(), it.env));
    const auto dora = key.id(it.org());
    CHECK(it.membership.rights(dora, it.school) == 0);
    CHECK(it.membership.can(dora, made.space, right_write));
}

TEST_CASE("a recovery leaves a shredded space alone", "[crypto]") {
    Organisation it;
    shred_school(it);
    const auto root = root_keys(must(combine_sheets({it.sheets[0], it.sheets[2]})).seed);
    RecoverOrder order;
    order.device_name = "desk";
    const auto made = must(recover(it.membership, root, order, dave(), it.env.wall_time(), it.env));
    CHECK(made.unreadable.empty());
    for (const auto& entry : made.entries) it.append(entry);
    const auto id = dave().id(it.org());
    CHECK(it.membership.rights(id, it.school) == 0);
    CHECK(it.membership.rights(id, it.counselling) == 7);
    CHECK_FALSE(it.membership.is_rotation_due(it.school));
}

TEST_CASE("who leaves takes no key of a shredded space along", "[crypto]") {
    Organisation it;
    shred_school(it);
    it.append(revoke_device(it.as(it.alice), it.id(it.bob), {}));
    CHECK_FALSE(it.membership.is_rotation_due(it.school));
}

TEST_CASE("a shredding that lost the race for its place is not said again", "[crypto]") {
    Organisation it;
    const std::vector<MembershipOp> lost{end_of(it, it.school)};
    it.append(rotate(it.as(it.alice), it.counselling));
    CHECK(outcome(remake(it.as(it.alice), lost)) == "conflict");
}

TEST_CASE("forgotten keys do not come back with the next entry", "[crypto]") {
    Organisation it;
    REQUIRE(it.alice.ring.newest(it.school) > 0);
    shred_school(it);
    it.alice.ring.forget(it.school);
    CHECK(it.alice.ring.newest(it.school) == 0);
    it.append(rotate(it.as(it.alice), it.counselling));
    CHECK(it.alice.ring.newest(it.school) == 0);
    CHECK(it.alice.ring.newest(it.counselling) > 0);
}
