// SPDX-License-Identifier: Apache-2.0
// Enrolment, and one attack for each of its rules.
#include "core/base/limits.hpp"
#include "crypto/secret/names.hpp"
#include "tests/crypto/membership_attempt.hpp"
#include "tests/support/people.hpp"

#include <algorithm>

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

constexpr Time hour = 3'600'000;

NewInvite invite_to_school(Organisation& it, Time life = hour) {
    InviteOrder order;
    order.grants = {{it.school, right_read | right_write}};
    order.expiry = it.env.wall_time() + life;
    order.url = "https://relay.example";
    return must(invite_create(it.as(it.alice), order));
}

Result<Bytes> join_as(Organisation& it, const Invite& invite, const DeviceKey& device) {
    return join(it.membership, invite, device, {"Dave's tablet"}, it.env.wall_time(), it.env);
}

// A valid join, to be spoiled.
struct Join {
    Invite invite;
    InviteKeys keys;
    AddDeviceOp op;
    DeviceKey device = dave();

    explicit Join(Organisation& it) : invite(append_invite(it)), keys(invite_keys(invite)) {
        const auto entry = must(parse_entry(must(join_as(it, invite, device))));
        op = std::get<AddDeviceOp>(entry.ops.front());
    }
    static Invite append_invite(Organisation& it) {
        auto made = invite_to_school(it);
        it.append(made.entry);
        return std::move(made.invite);
    }
    // Signed as it should be, and judged by our own and by another program.
    std::string outcome_of(const Organisation& it,
                           std::vector<MembershipOp> ops,
                           Time after_ms = 0) const {
        return outcome_by(it, std::move(ops), {signer_of_invite(), signer_of_device(it)}, after_ms);
    }
    EntrySigner signer_of_invite() const { return {signer(keys.id), keys.sign}; }
    EntrySigner signer_of_device(const Organisation& it) const {
        return {signer(device.id(it.org())), device.sign()};
    }
    std::string outcome_by(const Organisation& it,
                           std::vector<MembershipOp> ops,
                           std::vector<EntrySigner> signers,
                           Time after_ms = 0) const {
        Forgery forgery;
        forgery.ops = std::move(ops);
        forgery.author = signers.front().id;
        forgery.signers = std::move(signers);
        forgery.time = Time{1'780'000'000'000} + after_ms;
        const auto honest =
            make_entry(it.membership, forgery.ops, forgery.author, forgery.signers, forgery.time);
        if (honest) forgery.post_state = must(parse_entry(*honest)).post_state;
        auto copy = it.membership;
        const auto taken = copy.extend(forge(it.membership, forgery));
        CHECK(outcome(taken) == outcome(honest));
        return outcome(taken);
    }
};

InviteCreateOp create_op(const Organisation& it, std::uint8_t seed = 9) {
    Invite invite;
    invite.secret.span()[0] = seed;
    const auto keys = invite_keys(invite);
    InviteCreateOp op;
    op.invite = keys.id;
    op.sign = keys.sign.key();
    op.box = keys.box.key();
    op.expiry = Time{1'780'000'000'000} + hour;
    op.grants = {{it.school, right_read, 2, {}}};
    return op;
}

}  // namespace

TEST_CASE("who holds an invite joins with nobody's help", "[crypto]") {
    Organisation it;
    const auto made = invite_to_school(it);
    it.append(made.entry);
    it.append(join_as(it, made.invite, dave()));
    const auto id = dave().id(it.org());
    REQUIRE(it.membership.rights(id, it.school) == (right_read | right_write));
    REQUIRE(it.membership.rights(id, it.directory) == right_read);
    REQUIRE(it.membership.invite(invite_keys(made.invite).id)->is_spent);
    Keyring ring;
    REQUIRE(ring.update(it.membership, dave()) >= 2);
    REQUIRE(ring.problems().empty());
    REQUIRE(ring.newest(it.school) == it.membership.space(it.school)->epoch);
    REQUIRE(must(name_of(it.membership, it.alice.ring, NameKind::device, name_target(id))) ==
            "Dave's tablet");
}

TEST_CASE("after a join its spaces are due for a new key", "[crypto]") {
    Organisation it;
    const auto made = invite_to_school(it);
    it.append(made.entry);
    REQUIRE_FALSE(it.membership.is_rotation_due(it.school));
    it.append(join_as(it, made.invite, dave()));
    REQUIRE(it.membership.is_rotation_due(it.school));
    REQUIRE(it.membership.is_rotation_due(it.directory));
    it.append(rotate(it.as(it.bob), it.school));
    REQUIRE_FALSE(it.membership.is_rotation_due(it.school));
}

TEST_CASE("an invite works once", "[crypto]") {
    Organisation it;
    const auto made = invite_to_school(it);
    it.append(made.entry);
    const auto late = DeviceKey::generate(it.env);
    const auto second = must(join_as(it, made.invite, late));
    it.append(join_as(it, made.invite, dave()));
    REQUIRE(outcome(it.membership.extend(second)) == "conflict");
    REQUIRE(outcome(it.membership.extend(it.log.back())) == "conflict");
    const auto again = join_as(it, made.invite, late);
    REQUIRE(outcome(again) == "denied");
    REQUIRE(again.error().message.find("was used already") != std::string::npos);
}

TEST_CASE("a device joins but once", "[crypto]") {
    Organisation it;
    const auto made = invite_to_school(it);
    it.append(made.entry);
    REQUIRE(outcome(join_as(it, made.invite, bob())) == "invalid");
}

TEST_CASE("an invite expires, by the claimed time", "[crypto]") {
    Organisation it;
    const Join join(it);
    CHECK(join.outcome_of(it, {join.op}, hour) == "ok");
    CHECK(join.outcome_of(it, {join.op}, hour + 1) == "denied");
}

TEST_CASE("an invite that was taken back opens nothing", "[crypto]") {
    Organisation it;
    const Join join(it);
    it.append(invite_revoke(it.as(it.alice), join.keys.id));
    CHECK(join.outcome_of(it, {join.op}) == "denied");
    const auto late = join_as(it, join.invite, join.device);
    CHECK(late.error().message.find("was taken back") != std::string::npos);
    CHECK(outcome(invite_revoke(it.as(it.alice), join.keys.id)) == "invalid");
}

TEST_CASE("the open invites of a removed device end with it", "[crypto]") {
    Organisation it;
    it.append(set_admin(it.as(it.alice), it.id(it.bob), true));
    InviteOrder order;
    order.expiry = it.env.wall_time() + hour;
    const auto made = must(invite_create(it.as(it.bob), order));
    it.append(made.entry);
    it.append(revoke_device(it.as(it.alice), it.id(it.bob), {}));
    REQUIRE(it.membership.invite(invite_keys(made.invite).id)->is_revoked);
}

TEST_CASE("a join is signed by the invite and by the new device", "[crypto]") {
    Organisation it;
    const Join join(it);
    CHECK(join.outcome_by(it, {join.op}, {join.signer_of_invite(), join.signer_of_device(it)}) ==
          "ok");
    CHECK(join.outcome_by(it, {join.op}, {join.signer_of_invite()}) == "denied");
    CHECK(join.outcome_by(it, {join.op}, {join.signer_of_device(it)}) == "denied");
    const EntrySigner swapped{join.signer_of_invite().id, join.device.sign()};
    Forgery forgery;
    forgery.ops = {join.op};
    forgery.author = swapped.id;
    forgery.time = it.env.wall_time();
    forgery.signers = {swapped, join.signer_of_device(it)};
    const auto honest =
        make_entry(it.membership, forgery.ops, forgery.author, forgery.signers, forgery.time);
    forgery.post_state = must(parse_entry(must(honest))).post_state;
    CHECK(outcome(it.membership.extend(forge(it.membership, forgery))) == "denied");
}

TEST_CASE("an invite signs nothing but its join and the joiner's name", "[crypto]") {
    Organisation it;
    const Join join(it);
    const auto id = join.device.id(it.org());
    const NameOp own{NameKind::device, name_target(id), it.directory, 1, Bytes(104)};
    auto other = own;
    other.target = name_target(it.id(it.bob));
    CHECK(join.outcome_of(it, {join.op, own}) == "ok");
    CHECK(join.outcome_of(it, {join.op, other}) == "denied");
    CHECK(join.outcome_of(it, {join.op, ServerKeyOp{relay_key().key()}}) == "denied");
    CHECK(join.outcome_of(it, {join.op, AdminSetOp{id, true}}) == "denied");
    CHECK(join.outcome_of(it, {join.op, GrantOp{id, it.counselling, right_read, {}}}) == "denied");
    CHECK(join.outcome_by(it, {other}, {join.signer_of_invite()}) == "denied");
    CHECK(join.outcome_of(it, {join.op, join.op}) != "ok");
}

TEST_CASE("a join takes the role and the keys of its invite, no more and no less", "[crypto]") {
    Organisation it;
    const Join join(it);
    REQUIRE(join.op.wraps.size() == 2);
    const auto with = [&](auto change) {
        auto op = join.op;
        change(op);
        return join.outcome_of(it, {std::move(op)});
    };
    CHECK(with([](auto&) {}) == "ok");
    CHECK(with([](auto& op) { op.role = role_admin; }) == "denied");
    CHECK(with([&](auto& op) { op.user = it.membership.device(it.id(it.alice))->user; }) ==
          "denied");
    CHECK(with([](auto& op) { op.wraps.pop_back(); }) == "invalid");
    CHECK(with([](auto& op) { op.wraps.push_back(op.wraps.back()); }) == "invalid");
    CHECK(with([](auto& op) { std::swap(op.wraps[0], op.wraps[1]); }) == "invalid");
    CHECK(with([](auto& op) { op.wraps[0].epoch = 1; }) == "invalid");
    CHECK(with([&](auto& op) { op.wraps[0].space = it.counselling; }) == "invalid");
    CHECK(with([](auto& op) { op.invite.bytes[0] ^= 1; }) == "invalid");
}

TEST_CASE("the keys of a join cannot be swapped by who only carries it", "[crypto]") {
    Organisation it;
    const Join join(it);
    auto op = join.op;
    op.box = carol().box().key();
    CHECK(join.outcome_of(it, {op}) == "denied");  // another device id than the one that signs
}

TEST_CASE("an invite opens no compartment and makes no admin", "[crypto]") {
    Organisation it;
    const auto with = [&](auto change) {
        auto op = create_op(it);
        change(op);
        return attempt(it, {std::move(op)}, {&it.alice});
    };
    CHECK(with([](auto&) {}) == "ok");
    CHECK(with([&](auto& op) { op.grants = {{it.counselling, right_read, 1, {}}}; }) == "denied");
    CHECK(with([](auto& op) { op.role = role_admin; }) == "denied");
    CHECK(with([](auto& op) { op.role = role_admin | role_liaison; }) == "denied");
    CHECK(with([](auto& op) { op.role = role_liaison; }) == "ok");
    CHECK(with([](auto& op) { op.role = 8; }) == "unsupported");
}

TEST_CASE("an invite is named by its keys, expires soon, and lists its spaces once", "[crypto]") {
    Organisation it;
    const Time now = 1'780'000'000'000;
    const auto with = [&](auto change) {
        auto op = create_op(it);
        change(op);
        return attempt(it, {std::move(op)}, {&it.alice});
    };
    CHECK(with([](auto& op) { op.invite.bytes[0] ^= 1; }) == "invalid");
    CHECK(with([](auto& op) { op.sign = relay_key().key(); }) == "invalid");
    CHECK(with([&](auto& op) { op.expiry = now + limits::invite_life_max_ms; }) == "ok");
    CHECK(with([&](auto& op) { op.expiry = now + limits::invite_life_max_ms + 1; }) == "invalid");
    CHECK(with([&](auto& op) { op.expiry = now; }) == "invalid");
    CHECK(with([](auto& op) { op.expiry = INT64_MAX; }) == "invalid");
    CHECK(with([](auto& op) { op.grants.push_back(op.grants[0]); }) == "invalid");
    CHECK(with([](auto& op) { op.grants[0].rights = right_write; }) == "invalid");
    CHECK(with([](auto& op) { op.grants[0].space.bytes[0] ^= 1; }) == "invalid");
    CHECK(with([](auto& op) { op.grants[0].epoch = 1; }) == "conflict");
    CHECK(with([](auto& op) { op.grants[0].epoch = 0; }) == "ok");
    CHECK(with([](auto& op) {
              op.grants[0].epoch = 0;
              op.grants[0].sealed.bytes[0] = 1;
          }) == "conflict");
    CHECK(attempt(it, {create_op(it), create_op(it)}, {&it.alice}) == "invalid");
    CHECK(attempt(it, {create_op(it), create_op(it, 10)}, {&it.alice}) == "ok");
    CHECK(attempt(it, {create_op(it)}, {&it.bob}) == "denied");
}

TEST_CASE("a server that shows a joiner an older or another log is caught", "[crypto]") {
    Organisation it;
    const auto made = invite_to_school(it);
    const auto older = it.membership;
    it.append(made.entry);
    const auto join_on = [&](const Membership& membership) {
        return outcome(join(membership, made.invite, dave(), {"Dave"}, it.env.wall_time(), it.env));
    };
    REQUIRE(join_on(it.membership) == "ok");
    REQUIRE(join_on(older) == "rolled_back");
    auto forked = older;
    must(forked.extend(must(
        set_server_key(Author{older, it.alice.ring, it.alice.key, 0, it.env}, relay_key().key()))));
    REQUIRE(join_on(forked) == "rolled_back");
    const Organisation other(2);
    REQUIRE(join_on(other.membership) == "denied");
}

TEST_CASE("who invites without a key leaves it to a reader to hand one out", "[crypto]") {
    Organisation it;
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    InviteOrder order;
    order.grants = {{it.school, right_read}};
    order.expiry = it.env.wall_time() + hour;
    const auto made = must(invite_create(it.as(it.carol), order));
    it.append(made.entry);
    it.append(join_as(it, made.invite, dave()));
    Keyring ring;
    REQUIRE(ring.update(it.membership, dave()) == 0);
    it.append(rotate(it.as(it.bob), it.school));
    REQUIRE(ring.update(it.membership, dave()) > 0);
    REQUIRE(ring.newest(it.school) == it.membership.space(it.school)->epoch);
}

TEST_CASE("an open invite follows its spaces to their newest keys", "[crypto]") {
    Organisation it;
    const auto first = Join::append_invite(it);
    const auto second = Join::append_invite(it);
    const auto device = dave();
    it.append(join_as(it, first, device));
    it.append(rotate(it.as(it.alice), it.school));
    it.append(rotate(it.as(it.alice), it.directory));
    const auto other = DeviceKey::generate(it.env);
    it.append(join_as(it, second, other));
    Keyring ring;
    ring.update(it.membership, other);
    CHECK(ring.problems().empty());
    CHECK(ring.newest(it.school) == it.membership.space(it.school)->epoch);
    CHECK(ring.newest(it.directory) == it.membership.space(it.directory)->epoch);
    // What was spent gets nothing any more.
    CHECK(it.membership.invite(invite_keys(first).id)->grants.front().epoch <
          it.membership.invite(invite_keys(second).id)->grants.front().epoch);
}

TEST_CASE("only a reader gives an open invite a key, and only the newest", "[crypto]") {
    Organisation it;
    const auto invite = Join::append_invite(it);
    const InviteKeyOp op{invite_keys(invite).id, it.school, it.membership.space(it.school)->epoch,
                         {}};
    CHECK(attempt(it, {op}, {&it.bob}) == "ok");
    CHECK(attempt(it, {op}, {&it.carol}) == "denied");
    auto wrong = op;
    wrong.epoch -= 1;
    CHECK(attempt(it, {wrong}, {&it.bob}) == "conflict");
    wrong = op;
    wrong.space = it.counselling;
    wrong.epoch = it.membership.space(it.counselling)->epoch;
    CHECK(attempt(it, {wrong}, {&it.alice}) == "invalid");
    wrong = op;
    wrong.invite.bytes[0] ^= 1;
    CHECK(attempt(it, {wrong}, {&it.bob}) == "invalid");
    it.append(invite_revoke(it.as(it.alice), op.invite));
    CHECK(attempt(it, {op}, {&it.bob}) == "invalid");
}

TEST_CASE("a key that a reader sealed wrongly keeps nobody out", "[crypto]") {
    Organisation it;
    const auto invite = Join::append_invite(it);
    const InviteKeyOp op{invite_keys(invite).id, it.school, it.membership.space(it.school)->epoch,
                         {}};
    it.append(make_entry(it.as(it.bob), {op}));
    const auto device = dave();
    it.append(join_as(it, invite, device));
    Keyring ring;
    ring.update(it.membership, device);
    CHECK(ring.problems().size() == 1);
    it.append(rotate(it.as(it.alice), it.school));
    ring.update(it.membership, device);
    CHECK(ring.newest(it.school) == it.membership.space(it.school)->epoch);
}
