// SPDX-License-Identifier: Apache-2.0
// Entries that lost the race for their place, made anew by what they meant.
#include "core/base/limits.hpp"
#include "crypto/secret/names.hpp"
#include "tests/crypto/membership_attempt.hpp"
#include "tests/support/people.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

std::vector<MembershipOp> ops_of(const Result<Bytes>& entry) {
    return must(parse_entry(must(entry))).ops;
}

ActorId actor(std::uint8_t number) {
    ActorId id;
    id.bytes.fill(number);
    return id;
}

}  // namespace

TEST_CASE("a removal is made anew with keys for the readers of now", "[crypto]") {
    Organisation it;
    const auto lost = ops_of(
        revoke_device(it.as(it.alice), it.id(it.bob), {{it.school, actor(1), 4, {}}}));
    it.append(grant(it.as(it.alice), it.id(it.carol), it.school, right_read));
    it.append(rotate(it.as(it.alice), it.school));
    REQUIRE_FALSE(make_entry(it.as(it.alice), lost).has_value());  // its epoch is taken
    it.append(remake(it.as(it.alice), lost));
    CHECK_FALSE(it.membership.device(it.id(it.bob))->is_active);
    CHECK(it.membership.limit(it.school, actor(1), it.id(it.bob)) == Counter{4});
    CHECK_FALSE(it.membership.is_rotation_due(it.school));
    CHECK_FALSE(it.membership.is_rotation_due(it.directory));
    CHECK(it.carol.ring.newest(it.school) == it.membership.space(it.school)->epoch);
    CHECK(it.carol.ring.key(it.school, 1) != nullptr);
    CHECK(it.bob.ring.newest(it.school) == it.membership.space(it.school)->epoch - 1);
}

TEST_CASE("a removal that somebody else made stays theirs, and says so", "[crypto]") {
    Organisation it;
    const auto lost = ops_of(
        revoke_device(it.as(it.alice), it.id(it.bob), {{it.school, actor(1), 4, {}}}));
    it.append(revoke_device(it.as(it.alice), it.id(it.bob), {{it.school, actor(1), 9, {}}}));
    const auto again = remake(it.as(it.alice), lost);
    REQUIRE(outcome(again) == "conflict");
    CHECK(again.error().message.find("removed already") != std::string::npos);
    CHECK(it.membership.limit(it.school, actor(1), it.id(it.bob)) == Counter{9});
}

TEST_CASE("what is left of an entry is done where somebody did a part of it", "[crypto]") {
    Organisation it;
    const std::vector<MembershipOp> lost{GrantOp{it.id(it.carol), it.school, right_read, {}},
                                         RevokeDeviceOp{it.id(it.bob), 0, {}}};
    it.append(revoke_device(it.as(it.alice), it.id(it.bob), {}));
    const auto ops = ops_of(remake(it.as(it.alice), lost));
    REQUIRE(ops.size() == 1);
    const auto& op = std::get<GrantOp>(ops.front());
    CHECK(op.wraps.front().epoch == it.membership.space(it.school)->epoch);
}

TEST_CASE("a grant is made anew with the newest key", "[crypto]") {
    Organisation it;
    const auto lost = ops_of(grant(it.as(it.alice), it.id(it.carol), it.school, right_read));
    it.append(rotate(it.as(it.alice), it.school));
    it.append(remake(it.as(it.alice), lost));
    CHECK(it.carol.ring.newest(it.school) == 3);
    CHECK_FALSE(it.membership.is_rotation_due(it.school));
    CHECK(outcome(remake(it.as(it.alice), lost)) == "conflict");
}

TEST_CASE("an invite is made anew for the same holder, with the newest keys", "[crypto]") {
    Organisation it;
    InviteOrder order;
    order.grants = {{it.school, right_read | right_write}};
    order.expiry = it.env.wall_time() + 1000;
    order.url = "https://relay.example";
    auto made = must(invite_create(it.as(it.alice), order));
    const auto lost = must(parse_entry(made.entry)).ops;
    it.append(rotate(it.as(it.alice), it.school));
    CHECK(outcome(make_entry(it.as(it.alice), lost)) == "conflict");
    it.append(remake(it.as(it.alice), lost));
    made.invite.log_length = it.membership.length();
    made.invite.log_head = it.membership.head();
    it.append(join(it.membership, made.invite, dave(), {"Dave"}, it.env.wall_time(), it.env));
    Keyring ring;
    ring.update(it.membership, dave());
    CHECK(ring.newest(it.school) == 3);
    CHECK(outcome(remake(it.as(it.alice), lost)) == "conflict");
}

TEST_CASE("a new space keeps its key, and its readers are those of now", "[crypto]") {
    Organisation it;
    const auto made = must(create_space(it.as(it.alice), "Oak", SpaceClass::general));
    auto lost = must(parse_entry(made.entry)).ops;
    // Bob is let in by the same entry, and removed before it gets its place.
    auto& rotation = std::get<RotateOp>(lost[2]);
    const auto key = must(open_sealed_key(it.alice.key.box(), rotation.wraps[0].sealed));
    lost.insert(lost.begin() + 2, GrantOp{it.id(it.bob), made.space, right_read, {}});
    std::get<RotateOp>(lost[3]).wraps.push_back({it.id(it.bob), {}});
    it.append(revoke_device(it.as(it.alice), it.id(it.bob), {}));
    it.append(remake(it.as(it.alice), lost));
    CHECK(equal(it.alice.ring.key(made.space, 1)->view(), key.view()));
    CHECK(must(name_of(it.membership, it.alice.ring, NameKind::space, name_target(made.space))) ==
          "Oak");
    CHECK(it.membership.space(made.space)->members.size() == 1);
    lost.erase(lost.begin() + 2);
    CHECK(outcome(remake(it.as(it.alice), lost)) == "conflict");
}

TEST_CASE("a new key is made anew only where somebody else made none", "[crypto]") {
    Organisation it;
    const auto lost = ops_of(rotate(it.as(it.alice), it.school));
    const auto without_history = ops_of(rotate(it.as(it.alice), it.school, false));
    it.append(set_server_key(it.as(it.alice), it.bob.key.sign().key()));
    CHECK(outcome(remake(it.as(it.alice), lost)) == "ok");
    it.append(rotate(it.as(it.alice), it.school));
    CHECK(outcome(remake(it.as(it.alice), lost)) == "conflict");
    it.append(remake(it.as(it.alice), without_history));
    CHECK(it.membership.space(it.school)->epoch == 4);
    CHECK_FALSE(it.membership.epoch(it.school, 4)->previous.has_value());
    CHECK(outcome(remake(it.as(it.alice), without_history)) == "conflict");
    it.append(grant(it.as(it.alice), it.id(it.carol), it.school, right_read));
    it.append(complain(it.as(it.carol), it.school));
    it.append(remake(it.as(it.alice), lost));
    CHECK(it.carol.ring.newest(it.school) == 5);
}

TEST_CASE("what is so already is not said again", "[crypto]") {
    Organisation it;
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    Digest chain;
    it.append(adopt(it.as(it.alice), it.school, {chain}));
    it.append(set_admin_quorum(it.as(it.alice), 2));
    AddDeviceOp bobs;
    bobs.sign = it.bob.key.sign().key();
    bobs.box = it.bob.key.box().key();
    const std::vector<MembershipOp> fulfilled{
        AdminSetOp{it.id(it.carol), true},
        ServerKeyOp{it.membership.server_key()},
        AdoptOp{it.school, {chain}},
        PolicySetOp{policy_admin_quorum, 2},
        ComplaintOp{it.school, 1},
        RevokeGrantOp{it.id(it.carol), it.school, {}},
        InviteRevokeOp{it.membership.invites().begin()->first},
        CreateSpaceOp{it.school, SpaceClass::general},
        bobs,
    };
    for (std::size_t i = 0; i < fulfilled.size(); ++i) {
        CAPTURE(i);
        const auto again = remake(it.as(it.alice), {fulfilled[i]});
        CHECK(outcome(again) == "conflict");
        CHECK(again.error().message.size() > 20);
    }
}

TEST_CASE("what cannot be done any more is refused with a reason", "[crypto]") {
    Organisation it;
    const auto lost = ops_of(grant(it.as(it.alice), it.id(it.bob), it.school, 7));
    it.append(revoke_device(it.as(it.alice), it.id(it.bob), {}));
    CHECK(outcome(remake(it.as(it.alice), lost)) == "invalid");
    const auto last = ops_of(set_server_key(it.as(it.alice), it.bob.key.sign().key()));
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    it.append(set_admin(it.as(it.carol), it.id(it.alice), false));
    CHECK(outcome(remake(it.as(it.alice), last)) == "denied");
}
