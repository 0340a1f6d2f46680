// SPDX-License-Identifier: Apache-2.0
// What counts of a writer whose rights ended, and how late work is adopted.
#include "core/base/limits.hpp"
#include "tests/crypto/membership_attempt.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

ActorId actor(std::uint8_t number) {
    ActorId id;
    id.bytes.fill(number);
    return id;
}
Digest chain(std::uint8_t number) {
    Digest digest;
    digest.bytes.fill(number);
    return digest;
}

}  // namespace

TEST_CASE("all counts of a device that may write, and nothing of one that never could",
          "[crypto]") {
    const Organisation it;
    const auto& m = it.membership;
    CHECK(m.limit(it.school, actor(1), it.id(it.bob)) == std::nullopt);
    CHECK(m.limit(it.directory, actor(1), it.id(it.bob)) == Counter{0});
    CHECK(m.limit(it.school, actor(1), it.id(it.carol)) == Counter{0});
    CHECK(m.is_or_was_writer(it.id(it.bob), it.school));
    CHECK_FALSE(m.is_or_was_writer(it.id(it.bob), it.directory));
    CHECK_FALSE(m.is_or_was_writer(it.id(it.carol), it.school));
}

TEST_CASE("a cutoff holds for ever, and a chain without one ends with the rights", "[crypto]") {
    Organisation it;
    const auto bob = it.id(it.bob);
    const auto& m = it.membership;
    it.append(
        revoke_grant(it.as(it.alice), bob, it.school, {{it.school, actor(1), 4, chain(9)}}));
    CHECK(m.limit(it.school, actor(1), bob) == Counter{4});
    CHECK(m.limit(it.school, actor(2), bob) == Counter{0});
    CHECK(m.cutoff(it.school, actor(1), bob)->chain == chain(9));
    CHECK(m.is_or_was_writer(bob, it.school));
    it.append(grant(it.as(it.alice), bob, it.school, right_read | right_write));
    CHECK(m.limit(it.school, actor(1), bob) == Counter{4});
    CHECK(m.limit(it.school, actor(2), bob) == std::nullopt);
    const std::vector<Cutoff> again{{it.school, actor(1), 40, chain(8)},
                                    {it.school, actor(2), 2, chain(7)}};
    it.append(revoke_device(it.as(it.alice), bob, again));
    CHECK(m.limit(it.school, actor(1), bob) == Counter{4});
    CHECK(m.limit(it.school, actor(2), bob) == Counter{2});
    CHECK(m.is_or_was_writer(bob, it.school));
}

TEST_CASE("a cutoff ends the work of the device that leaves, and of nobody else", "[crypto]") {
    Organisation it;
    // Bob's second device names alice's actor when it takes away his first.
    AddDeviceOp second;
    second.user = it.membership.device(it.id(it.bob))->user;
    second.sign = it.carol.key.sign().key();
    second.box = it.carol.key.box().key();
    second.box.bytes[0] ^= 1;
    const auto id = device_id(it.org(), second.sign, second.box);
    it.append(make_entry(it.as(it.alice), {second}));
    const RevokeDeviceOp op{it.id(it.bob), 0, {{it.school, actor(1), 0, {}}}};
    it.append(make_entry(
        it.membership, {op}, signer(id), {{signer(id), it.carol.key.sign()}}, it.env.wall_time()));
    CHECK(it.membership.limit(it.school, actor(1), it.id(it.alice)) == std::nullopt);
    CHECK(it.membership.limit(it.school, actor(1), it.id(it.bob)) == Counter{0});
}

TEST_CASE("an admin adopts exactly the late work that is named", "[crypto]") {
    Organisation it;
    const auto& m = it.membership;
    const auto before = m.state().digest;
    it.append(adopt(it.as(it.alice), it.school, {chain(3), chain(1), chain(3)}));
    CHECK(m.is_adopted(it.school, chain(1)));
    CHECK(m.is_adopted(it.school, chain(3)));
    CHECK_FALSE(m.is_adopted(it.school, chain(2)));
    CHECK_FALSE(m.is_adopted(it.directory, chain(1)));
    CHECK(m.state().digest != before);
    CHECK(outcome(adopt(it.as(it.alice), it.school, {chain(1)})) == "conflict");
    it.append(adopt(it.as(it.alice), it.school, {chain(1), chain(2)}));
    CHECK(m.is_adopted(it.school, chain(2)));
}

TEST_CASE("adopting takes an admin, in a compartment a steward too, and proper names",
          "[crypto]") {
    Organisation it;
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    const AdoptOp school{it.school, {chain(1), chain(2)}};
    CHECK(attempt(it, {school}, {&it.carol}) == "ok");
    CHECK(attempt(it, {school}, {&it.bob}) == "denied");
    const AdoptOp counselling{it.counselling, {chain(1)}};
    CHECK(attempt(it, {counselling}, {&it.carol}) == "denied");
    CHECK(attempt(it, {counselling}, {&it.carol, &it.alice}) == "ok");
    CHECK(attempt(it, {AdoptOp{it.school, {}}}, {&it.alice}) == "invalid");
    CHECK(attempt(it, {AdoptOp{it.school, {chain(2), chain(1)}}}, {&it.alice}) == "invalid");
    CHECK(attempt(it, {AdoptOp{it.school, {chain(1), chain(1)}}}, {&it.alice}) == "invalid");
    CHECK(attempt(it, {AdoptOp{SpaceId{}, {chain(1)}}}, {&it.alice}) == "invalid");
    const auto read = [](std::size_t count) {
        AdoptOp op;
        op.chains.resize(count);
        ByteWriter writer;
        write_op(writer, op);
        return outcome(read_op(AdoptOp::kind, writer.view().subspan(6)));
    };
    CHECK(read(limits::adopt_max) == "ok");
    CHECK(read(limits::adopt_max + 1) == "corrupt");
}
