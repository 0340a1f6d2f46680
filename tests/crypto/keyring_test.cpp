// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/keyring.hpp"

#include "tests/crypto/membership_attempt.hpp"
#include "tests/support/people.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

TEST_CASE("a device opens every epoch of its spaces, older ones through newer", "[crypto]") {
    Organisation it;
    it.append(rotate(it.as(it.alice), it.school));
    it.append(grant(it.as(it.alice), it.id(it.carol), it.school, right_read));
    REQUIRE(it.membership.wrap(it.school, 3, it.id(it.carol)) != nullptr);
    REQUIRE(it.membership.wrap(it.school, 1, it.id(it.carol)) == nullptr);
    for (std::uint32_t epoch = 1; epoch <= 3; ++epoch) {
        CAPTURE(epoch);
        REQUIRE(it.carol.ring.key(it.school, epoch) != nullptr);
        REQUIRE(equal(it.carol.ring.key(it.school, epoch)->view(),
                      it.alice.ring.key(it.school, epoch)->view()));
    }
    REQUIRE(it.carol.ring.key(it.school, 4) == nullptr);
    REQUIRE(it.carol.ring.newest(it.school) == 3);
    REQUIRE(it.carol.ring.newest(it.counselling) == 0);
    REQUIRE(it.carol.ring.newest(SpaceId{}) == 0);
}

TEST_CASE("without history, who comes later cannot read what came before", "[crypto]") {
    Organisation it;
    it.append(rotate(it.as(it.alice), it.school, false));
    it.append(grant(it.as(it.alice), it.id(it.carol), it.school, right_read));
    REQUIRE(it.carol.ring.key(it.school, 3) != nullptr);
    REQUIRE(it.carol.ring.key(it.school, 2) == nullptr);
    REQUIRE(it.bob.ring.key(it.school, 2) != nullptr);
    REQUIRE(it.carol.ring.problems().empty());
}

TEST_CASE("a keyring is made again from the log alone", "[crypto]") {
    Organisation it;
    Keyring again;
    REQUIRE(again.update(it.membership, bob()) == 4);
    REQUIRE(again.update(it.membership, bob()) == 0);
    REQUIRE(again.newest(it.school) == it.bob.ring.newest(it.school));
}

TEST_CASE("a key that breaks the promise in the log is never used", "[crypto]") {
    Organisation it;
    Key promised;
    Key handed;
    it.env.random(promised.span());
    it.env.random(handed.span());
    RotateOp op;
    op.space = it.school;
    op.epoch = 3;
    op.commitment = epoch_commitment(it.org(), it.school, 3, promised);
    op.root_wrap = SealedKey{};
    // To one reader the promised key, to the other another one.
    for (const auto& member : it.membership.space(it.school)->members) {
        const bool is_bob = member.device == it.id(it.bob);
        const auto& box = it.membership.device(member.device)->box;
        op.wraps.push_back(
            {member.device, must(seal_key_to(box, is_bob ? handed : promised, it.env))});
    }
    it.append(make_entry(it.as(it.alice), {op}));
    REQUIRE(it.alice.ring.newest(it.school) == 3);
    REQUIRE(it.bob.ring.newest(it.school) == 2);
    REQUIRE(it.bob.ring.problems() == std::vector<Keyring::Problem>{{it.school, 3}});
    it.append(rotate(it.as(it.alice), it.school));
    REQUIRE(it.bob.ring.newest(it.school) == 4);
    REQUIRE(it.bob.ring.key(it.school, 3) != nullptr);
}

TEST_CASE("an altered older key stops at that epoch and leaves the newest usable", "[crypto]") {
    Organisation it;
    Key key;
    it.env.random(key.span());
    RotateOp op;
    op.root_wrap = SealedKey{};
    op.space = it.school;
    op.epoch = 3;
    op.commitment = epoch_commitment(it.org(), it.school, 3, key);
    op.previous = seal_previous(it.org(), {it.school, 3}, key, Key(), it.env);  // not the real one
    for (const auto& member : it.membership.space(it.school)->members) {
        op.wraps.push_back(
            {member.device,
             must(seal_key_to(it.membership.device(member.device)->box, key, it.env))});
    }
    it.append(make_entry(it.as(it.alice), {op}));
    it.append(grant(it.as(it.alice), it.id(it.carol), it.school, right_read));
    REQUIRE(it.carol.ring.newest(it.school) == 3);
    REQUIRE(it.carol.ring.key(it.school, 2) == nullptr);
    REQUIRE(it.carol.ring.problems() == std::vector<Keyring::Problem>{{it.school, 2}});
}

TEST_CASE("the link to an older key is bound to its organisation, space and epoch", "[crypto]") {
    FakeEnv env;
    Key key;
    Key older;
    env.random(key.span());
    env.random(older.span());
    const EpochName name{SpaceId{}, 2};
    const auto wrap = seal_previous(OrgId{}, name, key, older, env);
    REQUIRE(equal(must(open_previous(OrgId{}, name, key, wrap)).view(), older.view()));
    OrgId other_org;
    other_org.bytes[0] = 1;
    SpaceId other_space;
    other_space.bytes[0] = 1;
    CHECK(outcome(open_previous(other_org, name, key, wrap)) == "wrong_key");
    CHECK(outcome(open_previous(OrgId{}, {other_space, 2}, key, wrap)) == "wrong_key");
    CHECK(outcome(open_previous(OrgId{}, {SpaceId{}, 3}, key, wrap)) == "wrong_key");
    CHECK(outcome(open_previous(OrgId{}, name, older, wrap)) == "wrong_key");
}

TEST_CASE("recovery sheets open every space again", "[crypto]") {
    Organisation it;
    const auto seed = must(combine_sheets({it.sheets[2], it.sheets[0]}));
    REQUIRE(seed.org == it.org());
    const auto root = root_keys(seed.seed);
    REQUIRE(root.sign.key() == it.membership.state().root_sign);
    Keyring ring;
    for (const auto& [id, space] : it.membership.spaces()) {
        const auto& wrap = it.membership.epoch(id, space.epoch)->root_wrap;
        REQUIRE(wrap.has_value());
        must(ring.add(it.membership, {id, space.epoch}, must(open_sealed_key(root.box, *wrap))));
        REQUIRE(equal(ring.key(id, 1)->view(), it.alice.ring.key(id, 1)->view()));
    }
    REQUIRE(outcome(ring.add(it.membership, {it.school, 1}, Key())) == "wrong_key");
    REQUIRE(outcome(ring.add(it.membership, {it.school, 9}, Key())) == "wrong_key");
}

TEST_CASE("a device's key is stored and restored whole", "[crypto]") {
    const auto stored = bob().store();
    const auto again = must(DeviceKey::restore(stored.view()));
    REQUIRE(again.id(OrgId{}) == bob().id(OrgId{}));
    REQUIRE(equal(again.nonce_key().view(), bob().nonce_key().view()));
    REQUIRE(equal(again.clone().store().view(), stored.view()));
    REQUIRE(outcome(DeviceKey::restore(stored.view().first(96))) == "corrupt");
    auto newer = to_bytes(stored.view());
    newer[0] = 2;
    REQUIRE(outcome(DeviceKey::restore(newer)) == "unsupported");
}
