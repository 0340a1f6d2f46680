// SPDX-License-Identifier: Apache-2.0
// Rights that are taken in part, and several devices that leave together: one entry each.
#include "tests/crypto/membership_attempt.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

constexpr std::uint8_t read_write = right_read | right_write;
constexpr std::uint8_t every = read_write | right_steward;

ActorId actor(std::uint8_t number) {
    ActorId id;
    id.bytes.fill(number);
    return id;
}

std::vector<MembershipOp> ops_of(const Result<Bytes>& entry) {
    return must(parse_entry(must(entry))).ops;
}

std::uint8_t rights_of_bob(const Organisation& it) {
    return it.membership.rights(it.id(it.bob), it.school);
}

}  // namespace

TEST_CASE("rights are taken in part by one entry, and the chain ends all the same", "[crypto]") {
    Organisation it;
    REQUIRE(rights_of_bob(it) == read_write);
    const auto length = it.membership.length();
    it.append(revoke_grant(it.as(it.alice), it.id(it.bob), it.school,
                           {{it.school, actor(1), 4, {}}}, right_read));
    CHECK(it.membership.length() == length + 1);
    CHECK(rights_of_bob(it) == right_read);
    CHECK(it.membership.limit(it.school, actor(1), it.id(it.bob)) == Counter{4});
    // Who goes on reading gets the new key in the same entry.
    CHECK_FALSE(it.membership.is_rotation_due(it.school));
    CHECK(it.bob.ring.newest(it.school) == it.membership.space(it.school)->epoch);
}

TEST_CASE("a part taken without network is made anew, and gives nothing back that is gone",
          "[crypto]") {
    Organisation it;
    it.append(grant(it.as(it.alice), it.id(it.bob), it.school, every));
    const auto lost = ops_of(revoke_grant(it.as(it.alice), it.id(it.bob), it.school,
                                          {{it.school, actor(1), 4, {}}}, read_write));
    SECTION("nobody else did anything to it") {
        it.append(rotate(it.as(it.alice), it.school));
        it.append(remake(it.as(it.alice), lost));
        CHECK(rights_of_bob(it) == read_write);
        CHECK(it.membership.limit(it.school, actor(1), it.id(it.bob)) == Counter{4});
        CHECK(it.bob.ring.newest(it.school) == it.membership.space(it.school)->epoch);
    }
    SECTION("somebody took another part") {
        it.append(revoke_grant(it.as(it.alice), it.id(it.bob), it.school, {},
                               right_read | right_steward));
        it.append(remake(it.as(it.alice), lost));
        CHECK(rights_of_bob(it) == right_read);
    }
    SECTION("somebody took the same part") {
        it.append(revoke_grant(it.as(it.alice), it.id(it.bob), it.school, {}, read_write));
        CHECK(outcome(remake(it.as(it.alice), lost)) == "conflict");
        CHECK(rights_of_bob(it) == read_write);
    }
    SECTION("somebody took it out") {
        it.append(revoke_grant(it.as(it.alice), it.id(it.bob), it.school, {}));
        CHECK(outcome(remake(it.as(it.alice), lost)) == "conflict");
        CHECK(rights_of_bob(it) == 0);
    }
}

TEST_CASE("several devices leave in one entry, or none of them does", "[crypto]") {
    Organisation it;
    const auto bob = it.id(it.bob);
    const auto carol = it.id(it.carol);
    const auto length = it.membership.length();
    DeviceId stranger;
    stranger.bytes.fill(3);
    CHECK(outcome(revoke_devices(it.as(it.alice), {{bob, {}}, {stranger, {}}})) == "invalid");
    CHECK(outcome(revoke_devices(it.as(it.alice), {})) == "invalid");
    it.append(revoke_devices(it.as(it.alice),
                             {{bob, {{it.school, actor(1), 4, {}}}}, {carol, {}}}, removed_lost));
    CHECK(it.membership.length() == length + 1);
    CHECK_FALSE(it.membership.device(bob)->is_active);
    CHECK_FALSE(it.membership.device(carol)->is_active);
    CHECK(it.membership.limit(it.school, actor(1), bob) == Counter{4});
    CHECK(it.membership.limit(it.school, actor(1), carol) == Counter{0});
    CHECK_FALSE(it.membership.is_rotation_due(it.school));
}
