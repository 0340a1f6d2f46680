// SPDX-License-Identifier: Apache-2.0
// Attacks by and on those who decide, and on removals, each named as in README.md.
#include "crypto/secret/co_sign.hpp"
#include "crypto/secret/recover.hpp"
#include "tests/crypto/membership_attempt.hpp"
#include "tests/support/people.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

constexpr Time hour = 3'600'000;

Digest chain(std::uint8_t number) {
    Digest digest;
    digest.bytes.fill(number);
    return digest;
}
ActorId actor(std::uint8_t number) {
    ActorId id;
    id.bytes.fill(number);
    return id;
}

Result<Recovered> recover_by(Organisation& it, const std::vector<std::string>& sheets) {
    TRELLIS_TRY(const auto seed, combine_sheets(sheets));
    RecoverOrder order;
    order.device_name = "New desk";
    order.removes_all_admins = true;
    return recover(it.membership, root_keys(seed.seed), order, DeviceKey::generate(it.env),
                   it.env.wall_time(), it.env);
}

}  // namespace

TEST_CASE("R-01 what a removed device wrote beyond its cutoff does not count, nor R-02 R-05",
          "[adversary]") {
    Organisation it;
    it.append(revoke_device(it.as(it.alice), it.id(it.bob),
                            {{it.school, actor(1), 5, chain(5)}}));
    const auto& m = it.membership;
    CHECK(m.limit(it.school, actor(1), it.id(it.bob)) == Counter{5});
    CHECK(m.limit(it.school, actor(2), it.id(it.bob)) == Counter{0});  // a chain nobody knew
    CHECK(m.is_or_was_writer(it.id(it.bob), it.school));
    CHECK_FALSE(m.is_or_was_writer(it.id(it.bob), it.counselling));
}

TEST_CASE("R-03 a cutoff names the content where work ends, not only how much", "[adversary]") {
    Organisation it;
    it.append(revoke_device(it.as(it.alice), it.id(it.bob),
                            {{it.school, actor(1), 5, chain(5)}}));
    CHECK(it.membership.cutoff(it.school, actor(1), it.id(it.bob))->chain == chain(5));
}

TEST_CASE("R-08 a removal made offline comes anew, and never sets a second cutoff",
          "[adversary]") {
    Organisation it;
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    const auto offline = must(parse_entry(must(revoke_device(
        it.as(it.alice), it.id(it.bob), {{it.school, actor(1), 5, chain(5)}}))));
    SECTION("others did something else") {
        it.append(set_server_key(it.as(it.carol), dave().sign().key()));
        it.append(remake(it.as(it.alice), offline.ops));
        CHECK(it.membership.limit(it.school, actor(1), it.id(it.bob)) == Counter{5});
    }
    SECTION("another admin removed it too") {
        it.append(revoke_device(it.as(it.carol), it.id(it.bob),
                                {{it.school, actor(1), 3, chain(3)}}));
        std::vector<Error> left_out;
        // Carol reads no space, so the new keys are still to be made: that, and no more.
        const auto again = must(remake(it.as(it.alice), offline.ops, &left_out));
        for (const auto& op : must(parse_entry(again)).ops) {
            CHECK(std::holds_alternative<RotateOp>(op));
        }
        REQUIRE(left_out.size() == 1);
        CHECK(left_out.front().message.find("removed already") != std::string::npos);
        it.append(again);
        CHECK_FALSE(it.membership.is_rotation_due(it.school));
        CHECK(it.membership.limit(it.school, actor(1), it.id(it.bob)) == Counter{3});
    }
    SECTION("another admin took one space from it") {
        it.append(grant(it.as(it.alice), it.id(it.carol), it.school, right_read));
        it.append(revoke_grant(it.as(it.carol), it.id(it.bob), it.school,
                               {{it.school, actor(1), 3, chain(3)}}));
        it.append(remake(it.as(it.alice), offline.ops));
        CHECK(it.membership.limit(it.school, actor(1), it.id(it.bob)) == Counter{3});
        CHECK_FALSE(it.membership.device(it.id(it.bob))->is_active);
    }
}

TEST_CASE("R-09 exactly the work that is named is adopted, and names of none do nothing",
          "[adversary]") {
    Organisation it;
    it.append(revoke_device(it.as(it.alice), it.id(it.bob), {}));
    it.append(adopt(it.as(it.alice), it.school, {chain(1)}));
    CHECK(it.membership.is_adopted(it.school, chain(1)));
    CHECK_FALSE(it.membership.is_adopted(it.school, chain(2)));
    CHECK_FALSE(it.membership.is_adopted(it.counselling, chain(1)));
    CHECK(it.membership.limit(it.school, actor(1), it.id(it.bob)) == Counter{0});
    CHECK(outcome(adopt(it.as(it.alice), it.school, {chain(200)})) == "ok");
}

TEST_CASE("R-10 a removed admin says nothing more, and its branch is a fork", "[adversary]") {
    Organisation it;
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    const auto before = must(set_server_key(it.as(it.carol), dave().sign().key()));
    it.append(revoke_device(it.as(it.alice), it.id(it.carol), {}));
    CHECK(outcome(set_server_key(it.as(it.carol), dave().sign().key())) == "denied");
    CHECK(attempt(it, {ServerKeyOp{dave().sign().key()}}, {&it.carol}) == "denied");
    CHECK(outcome(it.membership.extend(before)) == "conflict");
    CHECK(outcome(remake(it.as(it.carol), must(parse_entry(before)).ops)) == "denied");
}

TEST_CASE("R-13 one admin who removes a colleague hides her work until others adopt it",
          "[adversary]") {
    Organisation it;
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    it.append(set_admin(it.as(it.alice), it.id(it.bob), true));
    it.append(set_admin_quorum(it.as(it.alice), 2));
    it.append(revoke_device(it.as(it.carol), it.id(it.bob), {}));
    CHECK(it.membership.limit(it.school, actor(1), it.id(it.bob)) == Counter{0});
    it.append(adopt(it.as(it.alice), it.school, {chain(1)}));
    CHECK(it.membership.is_adopted(it.school, chain(1)));
    // Alone she is left with, she still decides nothing that takes two.
    it.append(revoke_device(it.as(it.carol), it.id(it.alice), {}));
    CHECK(attempt(it, {AdminSetOp{it.id(it.carol), false}}, {&it.carol}) == "denied");
    CHECK(attempt(it, {PolicySetOp{policy_admin_quorum, 1}}, {&it.carol}) == "denied");
    CHECK(outcome(recover_by(it, {it.sheets[0], it.sheets[1]})) == "ok");
}

TEST_CASE("R-12 a lost device is told to erase itself, and what it still brings is adoptable",
          "[adversary]") {
    Organisation it;
    it.append(revoke_device(it.as(it.alice), it.id(it.bob), {}, removed_lost));
    CHECK(it.membership.device(it.id(it.bob))->removal_reason == removed_lost);
    CHECK(it.membership.is_or_was_writer(it.id(it.bob), it.school));
    it.append(adopt(it.as(it.alice), it.school, {chain(1), chain(2)}));
    CHECK(it.membership.is_adopted(it.school, chain(2)));
}

TEST_CASE("nobody ends the work of another by naming it when leaving", "[adversary]") {
    Organisation it;
    AddDeviceOp second;
    second.user = it.membership.device(it.id(it.bob))->user;
    second.sign = dave().sign().key();
    second.box = dave().box().key();
    it.append(make_entry(it.as(it.alice), {second}));
    const RevokeDeviceOp op{dave().id(it.org()), 0, {{it.school, actor(1), 0, {}}}};
    it.append(make_entry(it.as(it.bob), {op}));  // his own second device
    CHECK(it.membership.limit(it.school, actor(1), it.id(it.alice)) == std::nullopt);
}

TEST_CASE("G-01 enough sheets and a fresh machine give everything back", "[adversary]") {
    Organisation it;
    it.append(rotate(it.as(it.alice), it.school, false));
    const auto recovered = must(recover_by(it, {it.sheets[2], it.sheets[0]}));
    for (const auto& entry : recovered.entries) it.append(entry);
    for (const auto& [name, record] : it.membership.state().epochs) {
        CHECK(recovered.keyring.key(name.first, name.second) != nullptr);
    }
    for (const auto& [id, space] : it.membership.spaces()) {
        CHECK(recovered.keyring.newest(id) == space.epoch);
    }
}

TEST_CASE("G-02 one sheet too few gives nothing", "[adversary]") {
    Organisation it;
    for (const auto& sheet : it.sheets) {
        CHECK(outcome(recover_by(it, {sheet})) == "invalid");
        CHECK(outcome(recover_by(it, {sheet, sheet})) == "invalid");
    }
    const Organisation other(2);
    CHECK(outcome(recover_by(it, {it.sheets[0], other.sheets[1]})) == "invalid");
    CHECK(outcome(recover_by(it, {other.sheets[0], other.sheets[1]})) == "denied");
}

TEST_CASE("G-03 sheets that were used once are dead", "[adversary]") {
    Organisation it;
    const auto recovered = must(recover_by(it, {it.sheets[0], it.sheets[1]}));
    for (const auto& entry : recovered.entries) it.append(entry);
    CHECK(outcome(recover_by(it, {it.sheets[0], it.sheets[1]})) == "denied");
    CHECK(outcome(recover_by(it, {it.sheets[1], recovered.sheets[2]})) == "invalid");
    const auto old = root_keys(must(combine_sheets({it.sheets[0], it.sheets[1]})).seed);
    for (const auto& [id, space] : it.membership.spaces()) {
        const auto* newest = it.membership.epoch(id, space.epoch);
        CHECK_FALSE(open_sealed_key(old.box, *newest->root_wrap).has_value());
    }
    // Its signature too: an entry that a modified program makes with the old root.
    RecoveryRekeyOp rekey{dave().sign().key(), dave().box().key(), 1, 1};
    Forgery forgery;
    forgery.ops = {rekey};
    forgery.signers = {{SignerId{}, old.sign}};
    const auto state =
        must(make_entry(it.membership, forgery.ops, SignerId{}, forgery.signers, 0));
    forgery.post_state = must(parse_entry(state)).post_state;
    CHECK(outcome(it.membership.extend(forge(it.membership, forgery))) == "denied");
    CHECK(outcome(recover_by(it, {recovered.sheets[0], recovered.sheets[1]})) == "ok");
}

TEST_CASE("G-04 an emergency ends, and the key with it", "[adversary]") {
    Organisation it;
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    const Author draft{
        it.membership, it.alice.ring, it.alice.key, it.env.wall_time(), it.env, true};
    const auto entry = must(
        break_glass(draft, {it.id(it.carol), it.counselling, it.env.wall_time() + hour, {}}));
    CHECK(outcome(it.membership.extend(entry)) == "denied");
    it.append(co_sign(it.membership, entry, it.carol.key));
    CHECK(it.carol.ring.newest(it.counselling) == 1);
    it.env.advance(hour + 1);
    it.append(rotate(it.as(it.alice), it.school));
    CHECK(it.membership.rights(it.id(it.carol), it.counselling) == 0);
    CHECK(it.membership.is_rotation_due(it.counselling));
    it.append(rotate(it.as(it.alice), it.counselling));
    CHECK(it.carol.ring.newest(it.counselling) == 1);
    CHECK(it.alice.ring.newest(it.counselling) == 2);
}

TEST_CASE("G-05 the last admin cannot go", "[adversary]") {
    Organisation it;
    CHECK(outcome(set_admin(it.as(it.alice), it.id(it.alice), false)) == "denied");
    CHECK(outcome(revoke_device(it.as(it.alice), it.id(it.alice), {})) == "denied");
    const auto user = it.membership.device(it.id(it.alice))->user;
    CHECK(outcome(revoke_user(it.as(it.alice), user, {})) == "denied");
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    CHECK(outcome(revoke_user(it.as(it.alice), user, {})) == "ok");
}
