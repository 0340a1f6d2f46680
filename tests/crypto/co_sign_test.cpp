// SPDX-License-Identifier: Apache-2.0
// What several must sign: quorum, compartments, emergencies; and how they come to sign it.
#include "crypto/secret/co_sign.hpp"

#include "core/base/limits.hpp"
#include "tests/crypto/membership_attempt.hpp"
#include "tests/support/people.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

Author draft(Organisation& it, const Person& person) {
    return {it.membership, person.ring, person.key, it.env.wall_time(), it.env, true};
}

// Two admins, alice and carol, who must both sign.
struct Two : Organisation {
    Two() {
        append(set_admin(as(alice), id(carol), true));
        append(set_admin_quorum(as(alice), 2));
    }
};

std::string message(const Result<Bytes>& result) {
    return result ? "" : result.error().message;
}

}  // namespace

TEST_CASE("what several must decide one cannot, and two can", "[crypto]") {
    Two it;
    RotateOp first;
    first.space.bytes.fill(0x77);
    first.epoch = 1;
    first.root_wrap = SealedKey{};
    first.wraps = {{it.id(it.alice), {}}};
    auto admin = AddDeviceOp{};
    admin.sign = dave().sign().key();
    admin.box = dave().box().key();
    admin.role = role_admin;
    const std::vector<std::vector<MembershipOp>> entries{
        {AdminSetOp{it.id(it.bob), true}},
        {ServerKeyOp{dave().sign().key()}},
        {PolicySetOp{policy_admin_quorum, 1}},
        {admin},
        {CreateSpaceOp{first.space, SpaceClass::compartment},
         GrantOp{it.id(it.alice), first.space, 7, {}},
         first},
    };
    for (std::size_t i = 0; i < entries.size(); ++i) {
        CAPTURE(i);
        CHECK(attempt(it, entries[i], {&it.alice}) == "denied");
        CHECK(attempt(it, entries[i], {&it.alice, &it.bob}) == "denied");
        CHECK(attempt(it, entries[i], {&it.alice, &it.carol}) == "ok");
    }
    CHECK(attempt(it, {GrantOp{it.id(it.carol), it.school, 1, {}}}, {&it.alice}) == "ok");
}

TEST_CASE("two devices of one person are one admin", "[crypto]") {
    Organisation it;
    AddDeviceOp second;
    second.user = it.membership.device(it.id(it.alice))->user;
    second.sign = dave().sign().key();
    second.box = dave().box().key();
    it.append(make_entry(it.as(it.alice), {second}));
    const Person alices_second(dave());
    it.append(set_admin(it.as(it.alice), it.id(alices_second), true));
    CHECK(attempt(it, {PolicySetOp{policy_admin_quorum, 2}}, {&it.alice}) == "invalid");
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    it.append(set_admin_quorum(it.as(it.alice), 2));
    const AdminSetOp op{it.id(it.bob), true};
    CHECK(attempt(it, {op}, {&it.alice, &alices_second}) == "denied");
    CHECK(attempt(it, {op}, {&it.carol, &alices_second}) == "ok");
}

TEST_CASE("a quorum is one that can be reached, and stays so", "[crypto]") {
    Organisation it;
    const auto set = [&](std::uint64_t value) {
        return attempt(it, {PolicySetOp{policy_admin_quorum, value}}, {&it.alice});
    };
    CHECK(set(0) == "invalid");
    CHECK(set(1) == "invalid");  // it is so
    CHECK(set(2) == "invalid");  // there is one admin
    CHECK(attempt(it, {PolicySetOp{2, 1}}, {&it.alice}) == "unsupported");
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    CHECK(set(2) == "ok");
    CHECK(set(limits::admin_quorum_max + 1) == "invalid");
    CHECK(attempt(it, {PolicySetOp{policy_admin_quorum, 2}}, {&it.bob}) == "denied");
    it.append(set_admin_quorum(it.as(it.alice), 2));
    REQUIRE(it.membership.admin_quorum() == 2);
    const AdminSetOp off{it.id(it.carol), false};
    CHECK(attempt(it, {off}, {&it.alice, &it.carol}) == "denied");
    CHECK(attempt(it, {PolicySetOp{policy_admin_quorum, 1}, off}, {&it.alice, &it.carol}) == "ok");
    // A stolen tablet goes at once; what then remains decides nothing that takes two.
    it.append(revoke_device(it.as(it.alice), it.id(it.carol), {}, removed_lost));
    CHECK(it.membership.admin_quorum() == 2);
    CHECK(it.membership.device(it.id(it.carol))->removal_reason == removed_lost);
    CHECK(attempt(it, {AdminSetOp{it.id(it.bob), true}}, {&it.alice}) == "denied");
}

TEST_CASE("an entry that lacks signatures says whose, and takes them one by one", "[crypto]") {
    Two it;
    const auto alone = set_admin(it.as(it.alice), it.id(it.bob), true);
    REQUIRE(outcome(alone) == "denied");
    const auto entry = must(set_admin(draft(it, it.alice), it.id(it.bob), true));
    CHECK(must(missing_signatures(it.membership, entry)) ==
          "2 admins must sign to make or unmake an admin, 1 did; ask another");
    CHECK(outcome(it.membership.extend(entry)) == "denied");
    CHECK(outcome(co_sign(it.membership, entry, it.alice.key)) == "conflict");
    CHECK(outcome(co_sign(it.membership, entry, it.bob.key)) == "denied");
    CHECK(outcome(co_sign(it.membership, entry, dave())) == "denied");
    const auto whole = must(co_sign(it.membership, entry, it.carol.key));
    CHECK(must(missing_signatures(it.membership, whole)).empty());
    CHECK(outcome(co_sign(it.membership, whole, it.bob.key)) == "conflict");
    it.append(whole);
    CHECK(it.membership.device(it.id(it.bob))->is_admin());
    CHECK(outcome(co_sign(it.membership, entry, it.carol.key)) == "conflict");
}

TEST_CASE("nobody signs along under an entry that was altered", "[crypto]") {
    Two it;
    const auto entry = must(set_admin(draft(it, it.alice), it.id(it.bob), true));
    for (std::size_t at = 0; at < entry.size(); ++at) {
        auto altered = entry;
        altered[at] ^= 1;
        CAPTURE(at);
        REQUIRE_FALSE(co_sign(it.membership, altered, it.carol.key).has_value());
    }
}

TEST_CASE("an admin who is no steward drafts for the steward of a compartment", "[crypto]") {
    Organisation it;
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    const auto entry =
        must(grant(draft(it, it.carol), it.id(it.bob), it.counselling, right_read));
    CHECK(must(missing_signatures(it.membership, entry)) ==
          "a steward of the compartment must sign too; ask one");
    it.append(co_sign(it.membership, entry, it.alice.key));
    CHECK(it.membership.can(it.id(it.bob), it.counselling, right_read));
    CHECK(it.membership.is_rotation_due(it.counselling));  // carol had no key to give
}

TEST_CASE("a draft that breaks another rule is refused at once", "[crypto]") {
    Two it;
    CHECK(outcome(set_admin(draft(it, it.alice), it.id(it.carol), true)) == "invalid");
    CHECK(outcome(set_admin(draft(it, it.alice), dave().id(it.org()), true)) == "invalid");
    CHECK(outcome(make_entry(draft(it, it.bob), {ServerKeyOp{dave().sign().key()}})) == "ok");
    CHECK(message(set_server_key(it.as(it.bob), dave().sign().key())).find("ask another") !=
          std::string::npos);
}
