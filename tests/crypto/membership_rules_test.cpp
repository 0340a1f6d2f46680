// SPDX-License-Identifier: Apache-2.0
// One attack for each rule; tests/crypto/membership_invite_test.cpp has those of invites.
#include "crypto/public/membership_rules.hpp"

#include "core/base/limits.hpp"
#include "tests/crypto/membership_attempt.hpp"
#include "tests/support/people.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

AddDeviceOp add(const DeviceKey& device) {
    AddDeviceOp op;
    op.sign = device.sign().key();
    op.box = device.box().key();
    return op;
}

RotateOp rotation(const Organisation& it, const SpaceId& space, const Signers& readers) {
    RotateOp op;
    op.space = space;
    op.epoch = it.membership.space(space)->epoch + 1;
    op.root_wrap = SealedKey{};
    for (const auto* reader : readers)
        op.wraps.push_back({it.id(*reader), {}});
    std::sort(op.wraps.begin(), op.wraps.end(), [](const auto& a, const auto& b) {
        return a.device < b.device;
    });
    return op;
}

SpaceId new_space() {
    SpaceId id;
    id.bytes.fill(0x77);
    return id;
}

}  // namespace

TEST_CASE("only an admin adds, makes, grants, invites or changes the server", "[crypto]") {
    Organisation it;
    const Person outsider(dave());
    const auto carol = it.id(it.carol);
    RotateOp first;
    first.space = new_space();
    first.epoch = 1;
    first.root_wrap = SealedKey{};
    first.wraps = {{it.id(it.alice), {}}};
    const std::vector<std::vector<MembershipOp>> entries{
        {add(dave())},
        {CreateSpaceOp{new_space()}, GrantOp{it.id(it.alice), new_space(), 7, {}}, first},
        {GrantOp{carol, it.school, right_read, {}}},
        {RevokeGrantOp{it.id(it.bob), it.directory, {}}},
        {RevokeDeviceOp{carol, 0, {}}},
        {AdminSetOp{carol, true}},
        {ServerKeyOp{relay_key().key()}},
    };
    for (std::size_t i = 0; i < entries.size(); ++i) {
        CAPTURE(i);
        CHECK(attempt(it, entries[i], {&it.alice}) == "ok");
        CHECK(attempt(it, entries[i], {&it.bob}) == "denied");
        CHECK(attempt(it, entries[i], {&outsider}) == "denied");
    }
}

TEST_CASE("a stranger's signature spoils an entry that an admin signed", "[crypto]") {
    Organisation it;
    const Person outsider(dave());
    REQUIRE(attempt(it, {ServerKeyOp{relay_key().key()}}, {&it.alice, &it.bob}) == "ok");
    REQUIRE(attempt(it, {ServerKeyOp{relay_key().key()}}, {&it.alice, &outsider}) == "denied");
}

TEST_CASE("a signature by another key than the signer's is refused", "[crypto]") {
    Organisation it;
    Forgery forgery;
    forgery.ops = {ServerKeyOp{relay_key().key()}};
    forgery.author = it.signer(it.alice);
    forgery.signers = {{it.signer(it.alice), it.bob.key.sign()}};
    const auto honest = must(make_entry(it.membership,
                                        forgery.ops,
                                        forgery.author,
                                        {{it.signer(it.alice), it.alice.key.sign()}},
                                        0));
    forgery.post_state = must(parse_entry(honest)).post_state;
    REQUIRE(outcome(it.membership.extend(forge(it.membership, forgery))) == "denied");
}

TEST_CASE("the author must have signed", "[crypto]") {
    Organisation it;
    Forgery forgery;
    forgery.ops = {ServerKeyOp{relay_key().key()}};
    forgery.author = it.signer(it.bob);
    forgery.signers = {{it.signer(it.alice), it.alice.key.sign()}};
    REQUIRE(outcome(it.membership.extend(forge(it.membership, forgery))) == "denied");
}

TEST_CASE("nobody founds twice, and the root signs nothing but the first entry", "[crypto]") {
    Organisation it;
    GenesisOp genesis;
    genesis.device_sign = it.alice.key.sign().key();
    genesis.device_box = it.alice.key.box().key();
    REQUIRE(attempt(it, {genesis}, {&it.alice}) == "invalid");
    const auto seed = must(combine_sheets(it.sheets));
    const auto root = root_keys(seed.seed);
    Forgery forgery;
    forgery.ops = {ServerKeyOp{relay_key().key()}};
    forgery.signers = {{SignerId{}, root.sign}};
    REQUIRE(outcome(it.membership.extend(forge(it.membership, forgery))) == "denied");
}

TEST_CASE("nobody promotes themselves within one entry", "[crypto]") {
    Organisation it;
    REQUIRE(attempt(it, {AdminSetOp{it.id(it.bob), true}}, {&it.bob}) == "denied");
    REQUIRE(attempt(it,
                    {AdminSetOp{it.id(it.bob), true}, ServerKeyOp{relay_key().key()}},
                    {&it.bob}) == "denied");
}

TEST_CASE("a person's devices may remove each other, and nobody else's", "[crypto]") {
    Organisation it;
    auto second = add(dave());
    second.user = it.membership.device(it.id(it.bob))->user;
    it.append(make_entry(it.as(it.alice), {second}));
    const Person bobs_second(dave());
    CHECK(attempt(it, {RevokeDeviceOp{it.id(it.bob), 0, {}}}, {&bobs_second}) == "ok");
    CHECK(attempt(it, {RevokeDeviceOp{it.id(it.bob), 0, {}}}, {&it.bob}) == "denied");
    CHECK(attempt(it, {RevokeDeviceOp{it.id(it.carol), 0, {}}}, {&it.bob}) == "denied");
}

TEST_CASE("an organisation keeps an admin", "[crypto]") {
    Organisation it;
    const auto alice = it.id(it.alice);
    CHECK(attempt(it, {AdminSetOp{alice, false}}, {&it.alice}) == "denied");
    CHECK(attempt(it, {RevokeDeviceOp{alice, 0, {}}}, {&it.alice}) == "denied");
    CHECK(attempt(it, {AdminSetOp{it.id(it.bob), true}, AdminSetOp{alice, false}}, {&it.alice}) ==
          "ok");
    CHECK(attempt(it, {AdminSetOp{alice, true}}, {&it.alice}) == "invalid");
}

TEST_CASE("a new key goes to exactly those who read the space", "[crypto]") {
    Organisation it;
    const auto rotate_for = [&](const Signers& readers) {
        return attempt(it, {rotation(it, it.school, readers)}, {&it.alice});
    };
    CHECK(rotate_for({&it.alice, &it.bob}) == "ok");
    CHECK(rotate_for({&it.alice}) == "denied");
    CHECK(rotate_for({&it.alice, &it.bob, &it.carol}) == "denied");
    CHECK(rotate_for({&it.alice, &it.carol}) == "denied");
    CHECK(rotate_for({&it.alice, &it.bob, &it.bob}) == "denied");
    CHECK(rotate_for({}) == "denied");
    auto unsorted = rotation(it, it.school, {&it.alice, &it.bob});
    std::swap(unsorted.wraps[0], unsorted.wraps[1]);
    CHECK(attempt(it, {unsorted}, {&it.alice}) == "denied");
}

TEST_CASE("epochs count without gaps", "[crypto]") {
    Organisation it;
    for (const auto step : {-1, 0, 1, 2}) {
        auto op = rotation(it, it.school, {&it.alice, &it.bob});
        op.epoch = static_cast<std::uint32_t>(static_cast<int>(op.epoch) + step);
        CAPTURE(step);
        CHECK(attempt(it, {op}, {&it.alice}) == (step == 0 ? "ok" : "conflict"));
    }
    auto nowhere = rotation(it, it.school, {&it.alice, &it.bob});
    nowhere.space = new_space();
    CHECK(attempt(it, {nowhere}, {&it.alice}) == "invalid");
}

TEST_CASE("a reader makes a new key only where one is due", "[crypto]") {
    Organisation it;
    const auto op = rotation(it, it.school, {&it.alice, &it.bob});
    CHECK(attempt(it, {op}, {&it.bob}) == "denied");
    CHECK(attempt(it, {op}, {&it.carol}) == "denied");
    it.append(make_entry(it.as(it.alice), {GrantOp{it.id(it.carol), it.school, right_read, {}}}));
    REQUIRE(it.membership.is_rotation_due(it.school));
    const auto due = rotation(it, it.school, {&it.alice, &it.bob, &it.carol});
    CHECK(attempt(it, {due}, {&it.bob}) == "ok");
    CHECK(attempt(it, {due}, {&it.carol}) == "ok");
    const Person outsider(dave());
    CHECK(attempt(it, {due}, {&outsider}) == "denied");
    it.append(rotate(it.as(it.bob), it.school));
    REQUIRE_FALSE(it.membership.is_rotation_due(it.school));
    REQUIRE(it.carol.ring.newest(it.school) == it.membership.space(it.school)->epoch);
}

TEST_CASE("an admin alone opens no compartment", "[crypto]") {
    Organisation it;
    it.append(set_admin(it.as(it.alice), it.id(it.bob), true));
    const GrantOp op{it.id(it.carol), it.counselling, right_read, {}};
    CHECK(attempt(it, {op}, {&it.bob}) == "denied");
    CHECK(attempt(it, {op}, {&it.bob, &it.alice}) == "ok");
    CHECK(attempt(it, {op}, {&it.alice}) == "ok");
    CHECK(attempt(it, {RevokeGrantOp{it.id(it.alice), it.counselling, {}}}, {&it.bob}) == "denied");
    CHECK(attempt(it, {rotation(it, it.counselling, {&it.alice})}, {&it.bob}) == "denied");
}

TEST_CASE("a plain browser is let into no compartment", "[crypto]") {
    Organisation it;
    auto browser = add(dave());
    browser.device_kind = DeviceKind::browser;
    it.append(make_entry(it.as(it.alice), {browser}));
    const auto id = dave().id(it.org());
    CHECK(attempt(it, {GrantOp{id, it.counselling, right_read, {}}}, {&it.alice}) == "denied");
    CHECK(attempt(it, {GrantOp{id, it.school, right_read, {}}}, {&it.alice}) == "ok");
}

TEST_CASE("a grant names real rights, members, spaces and keys", "[crypto]") {
    Organisation it;
    const auto carol = it.id(it.carol);
    const auto grant_of = [&](GrantOp op) { return attempt(it, {std::move(op)}, {&it.alice}); };
    CHECK(grant_of({carol, it.school, right_write, {}}) == "invalid");
    CHECK(grant_of({carol, it.school, 0, {}}) == "invalid");
    CHECK(grant_of({carol, it.school, 8 | right_read, {}}) == "invalid");
    CHECK(grant_of({carol, new_space(), right_read, {}}) == "invalid");
    CHECK(grant_of({dave().id(it.org()), it.school, right_read, {}}) == "invalid");
    CHECK(grant_of({it.id(it.bob), it.school, right_read, {}}) == "invalid");  // takes one away
    const auto epoch = it.membership.space(it.school)->epoch;
    REQUIRE(epoch == 2);
    CHECK(grant_of({carol, it.school, right_read, {{1, {}}, {2, {}}}}) == "ok");
    CHECK(grant_of({carol, it.school, right_read, {{2, {}}, {1, {}}}}) == "invalid");
    CHECK(grant_of({carol, it.school, right_read, {{2, {}}, {2, {}}}}) == "invalid");
    CHECK(grant_of({carol, it.school, right_read, {{3, {}}}}) == "invalid");
    CHECK(grant_of({carol, it.school, right_read, {{0, {}}}}) == "invalid");
    CHECK(grant_of({it.id(it.bob), it.school, 7, {{2, {}}}}) == "invalid");  // has that key
}

TEST_CASE("a space starts with a key, under a fresh name", "[crypto]") {
    Organisation it;
    const GrantOp mine{it.id(it.alice), new_space(), 7, {}};
    RotateOp first;
    first.space = new_space();
    first.epoch = 1;
    first.root_wrap = SealedKey{};
    first.wraps = {{it.id(it.alice), {}}};
    CHECK(attempt(it, {CreateSpaceOp{new_space()}, mine, first}, {&it.alice}) == "ok");
    CHECK(attempt(it, {CreateSpaceOp{new_space()}, mine}, {&it.alice}) == "invalid");
    CHECK(attempt(it, {CreateSpaceOp{new_space()}, first}, {&it.alice}) == "denied");
    CHECK(attempt(it, {CreateSpaceOp{it.school}}, {&it.alice}) == "invalid");
    CHECK(attempt(it, {CreateSpaceOp{SpaceId{}}}, {&it.alice}) == "invalid");
    first.previous = PreviousWrap{};
    CHECK(attempt(it, {CreateSpaceOp{new_space()}, mine, first}, {&it.alice}) == "invalid");
}

TEST_CASE("a space keeps a steward unless the device itself is removed", "[crypto]") {
    Organisation it;
    const RevokeGrantOp op{it.id(it.alice), it.school, {}};
    CHECK(attempt(it, {op}, {&it.alice}) == "denied");
    it.append(grant(it.as(it.alice), it.id(it.bob), it.school, right_steward | right_read));
    CHECK(attempt(it, {op}, {&it.alice}) == "ok");
    CHECK(attempt(it, {RevokeGrantOp{it.id(it.carol), it.school, {}}}, {&it.alice}) == "invalid");
}

TEST_CASE("where work ends is said in order, for spaces that are there", "[crypto]") {
    Organisation it;
    const Cutoff one{it.school, ActorId{}, 1, {}};
    auto later = one;
    later.actor.bytes[0] = 1;
    auto nowhere = one;
    nowhere.space = new_space();
    auto endless = one;
    endless.counter = limits::counter_max + 1;
    const auto revoke = [&](std::vector<Cutoff> cutoffs) {
        return attempt(it, {RevokeDeviceOp{it.id(it.bob), 0, std::move(cutoffs)}}, {&it.alice});
    };
    CHECK(revoke({one, later}) == "ok");
    CHECK(revoke({later, one}) == "invalid");
    CHECK(revoke({one, one}) == "invalid");
    CHECK(revoke({nowhere}) == "invalid");
    CHECK(revoke({endless}) == "invalid");
    auto elsewhere = one;
    elsewhere.space = it.directory;
    CHECK(attempt(it, {RevokeGrantOp{it.id(it.bob), it.school, {elsewhere}}}, {&it.alice}) ==
          "invalid");
}

TEST_CASE("a device comes once, and never again after it was removed", "[crypto]") {
    Organisation it;
    CHECK(attempt(it, {add(bob())}, {&it.alice}) == "invalid");
    CHECK(attempt(it, {add(dave()), add(dave())}, {&it.alice}) == "invalid");
    it.append(revoke_device(it.as(it.alice), it.id(it.bob), {}));
    CHECK(attempt(it, {add(bob())}, {&it.alice}) == "invalid");
    auto odd = add(dave());
    odd.role = 8;
    CHECK(attempt(it, {odd}, {&it.alice}) == "unsupported");
    auto carrying = add(dave());
    carrying.wraps = {{it.school, 1, {}}};
    CHECK(attempt(it, {carrying}, {&it.alice}) == "invalid");
}

TEST_CASE("a device leaves no rights behind, not even in a space made by the same entry",
          "[crypto]") {
    Organisation it;
    RotateOp first;
    first.space = new_space();
    first.epoch = 1;
    first.root_wrap = SealedKey{};
    first.wraps = rotation(it, it.school, {&it.alice, &it.bob}).wraps;
    it.append(make_entry(it.as(it.alice),
                         {CreateSpaceOp{new_space()},
                          GrantOp{it.id(it.alice), new_space(), 7, {}},
                          GrantOp{it.id(it.bob), new_space(), 3, {}},
                          first,
                          RevokeDeviceOp{it.id(it.bob), 0, {}}}));
    REQUIRE(it.membership.spaces_of(it.id(it.bob)).empty());
    REQUIRE(it.membership.is_rotation_due(new_space()));
}

TEST_CASE("a name is given by an admin, a steward, or the device itself", "[crypto]") {
    Organisation it;
    const auto name = [&](NameKind kind, const TargetId& target, const SpaceId& key_space) {
        return NameOp{kind, target, key_space, 1, Bytes(40 + 64)};
    };
    const auto bobs = name(NameKind::device, name_target(it.id(it.bob)), it.directory);
    CHECK(attempt(it, {bobs}, {&it.bob}) == "ok");
    CHECK(attempt(it, {bobs}, {&it.alice}) == "ok");
    CHECK(attempt(it, {bobs}, {&it.carol}) == "denied");
    const auto schools = name(NameKind::space, name_target(it.school), it.school);
    CHECK(attempt(it, {schools}, {&it.bob}) == "denied");
    CHECK(attempt(it, {name(NameKind::org, name_target(it.org()), it.directory)}, {&it.bob}) ==
          "denied");
    it.append(grant(it.as(it.alice), it.id(it.bob), it.school, right_read | right_steward));
    CHECK(attempt(it, {schools}, {&it.bob}) == "ok");
}

TEST_CASE("a name is of something that is there, under the key meant for it", "[crypto]") {
    Organisation it;
    const auto base = NameOp{NameKind::space, name_target(it.school), it.school, 2, Bytes(104)};
    const auto with = [&](auto change) {
        auto op = base;
        change(op);
        return attempt(it, {std::move(op)}, {&it.alice});
    };
    CHECK(with([](auto&) {}) == "ok");
    CHECK(with([&](auto& op) { op.key_space = it.directory; }) == "invalid");
    CHECK(with([](auto& op) { op.epoch = 0; }) == "invalid");
    CHECK(with([](auto& op) { op.epoch = 3; }) == "invalid");
    CHECK(with([](auto& op) { op.target.bytes[31] = 1; }) == "invalid");
    CHECK(with([](auto& op) { op.target.bytes[0] ^= 1; }) == "invalid");
    CHECK(with([](auto& op) { op.name_kind = NameKind::device; }) == "invalid");
    CHECK(with([](auto& op) { op.name_kind = NameKind::org; }) == "invalid");
    CHECK(with([](auto& op) { op.sealed.resize(103); }) == "invalid");
    CHECK(with([](auto& op) { op.sealed.resize(40); }) == "invalid");
    CHECK(with([](auto& op) { op.sealed.resize(168); }) == "ok");
}
