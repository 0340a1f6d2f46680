// SPDX-License-Identifier: Apache-2.0
// Attacks on epoch keys and on enrolment, each named as in README.md.
#include "crypto/secret/seal.hpp"
#include "tests/crypto/membership_attempt.hpp"
#include "tests/support/people.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

constexpr Time hour = 3'600'000;

Key random_key(Organisation& it) {
    Key key;
    it.env.random(key.span());
    return key;
}

// An honest rotation of the school by alice, to be spoiled.
RotateOp rotation(Organisation& it) {
    const auto entry = must(parse_entry(must(rotate(it.as(it.alice), it.school))));
    return std::get<RotateOp>(entry.ops.front());
}

SealedKey& wrap_of(RotateOp& op, const DeviceId& device) {
    for (auto& wrap : op.wraps) {
        if (wrap.device == device) return wrap.sealed;
    }
    FAIL("no wrap for that device");
    return op.wraps.front().sealed;
}

NewInvite invite_dave(Organisation& it) {
    InviteOrder order;
    order.grants = {{it.school, right_read | right_write}};
    order.expiry = it.env.wall_time() + hour;
    order.url = "https://relay.example";
    auto made = must(invite_create(it.as(it.alice), order));
    it.append(made.entry);
    return made;
}

Result<Bytes> join_with(Organisation& it, const Invite& invite, const DeviceKey& device,
                        Time after = 0) {
    return join(it.membership, invite, device, {"Dave"}, it.env.wall_time() + after, it.env);
}

}  // namespace

TEST_CASE("K-01 a wrap of another key is not used, complained of, and replaced", "[adversary]") {
    Organisation it;
    auto op = rotation(it);
    wrap_of(op, it.id(it.bob)) =
        must(seal_key_to(it.bob.key.box().key(), random_key(it), it.env));
    it.append(make_entry(it.as(it.alice), {op}));
    CHECK(it.bob.ring.key(it.school, 3) == nullptr);
    CHECK(it.bob.ring.problems() == std::vector<Keyring::Problem>{{it.school, 3}});
    it.append(complain(it.as(it.bob), it.school));
    CHECK(it.membership.is_rotation_due(it.school));
    it.append(rotate(it.as(it.alice), it.school));
    CHECK(it.bob.ring.newest(it.school) == 4);
}

TEST_CASE("K-02 a key from anywhere but the log is taken only if the log promises it",
          "[adversary]") {
    Organisation it;
    Keyring ring;
    CHECK(outcome(ring.add(it.membership, {it.school, 2}, random_key(it))) == "wrong_key");
    CHECK(outcome(ring.add(it.membership, {it.school, 9}, it.key(it.alice, it.school).clone())) ==
          "wrong_key");
    CHECK(outcome(ring.add(it.membership, {it.directory, 2},
                           it.key(it.alice, it.school).clone())) == "wrong_key");
    CHECK(ring.newest(it.school) == 0);
    CHECK(outcome(ring.add(it.membership, {it.school, 2},
                           it.key(it.alice, it.school).clone())) == "ok");
}

TEST_CASE("K-03 one half of the readers cannot be given one key and the other half another",
          "[adversary]") {
    Organisation it;
    auto op = rotation(it);
    const auto other = random_key(it);
    op.commitment = epoch_commitment(it.org(), it.school, op.epoch, other);
    wrap_of(op, it.id(it.bob)) = must(seal_key_to(it.bob.key.box().key(), other, it.env));
    it.append(make_entry(it.as(it.alice), {op}));
    CHECK(it.bob.ring.newest(it.school) == 3);
    CHECK(it.alice.ring.newest(it.school) == 2);  // she has another key, and does not use it
    it.append(complain(it.as(it.alice), it.school));
    it.append(rotate(it.as(it.bob), it.school));
    CHECK(it.alice.ring.newest(it.school) == 4);
}

TEST_CASE("K-04 an altered older key hides what is older and nothing else", "[adversary]") {
    Organisation it;
    auto op = rotation(it);
    op.previous->bytes[40] ^= 1;
    it.append(make_entry(it.as(it.alice), {op}));
    it.append(grant(it.as(it.alice), it.id(it.carol), it.school, right_read));
    CHECK(it.carol.ring.newest(it.school) == 3);
    CHECK(it.carol.ring.key(it.school, 2) == nullptr);
    CHECK_FALSE(it.carol.ring.problems().empty());
}

TEST_CASE("K-05 who comes after an end of history cannot open what is older", "[adversary]") {
    Organisation it;
    it.append(rotate(it.as(it.alice), it.school, false));
    it.append(grant(it.as(it.alice), it.id(it.carol), it.school, right_read));
    CHECK(it.carol.ring.newest(it.school) == 3);
    CHECK(it.carol.ring.key(it.school, 2) == nullptr);
    CHECK(it.carol.ring.problems().empty());
    CHECK(it.bob.ring.key(it.school, 2) != nullptr);
}

TEST_CASE("K-06 a reader makes no new key where none is due", "[adversary]") {
    Organisation it;
    const auto op = rotation(it);
    CHECK(attempt(it, {op}, {&it.bob}) == "denied");
    it.append(complain(it.as(it.bob), it.school));
    CHECK(attempt(it, {op}, {&it.bob}) == "ok");
    CHECK(attempt(it, {op}, {&it.carol}) == "denied");
}

TEST_CASE("R-07 a removed device opens nothing that was sealed after it left", "[adversary]") {
    Organisation it;
    it.append(revoke_device(it.as(it.alice), it.id(it.bob), {}));
    EnvelopePlace place;
    place.org = it.org();
    place.space = it.school;
    place.actor.bytes.fill(3);
    place.first = 1;
    const auto epoch = it.alice.ring.newest(it.school);
    const auto fresh = batch_key(it.key(it.alice, it.school), it.school, epoch, place.actor);
    const auto body = to_bytes(as_bytes("Ada has moved"));
    const auto envelope =
        must(seal({place, epoch, 1, body}, fresh, it.alice.key, it.env));
    std::size_t tried = 0;
    for (const auto& [name, record] : it.membership.state().epochs) {
        const auto* held = it.bob.ring.key(name.first, name.second);
        if (held == nullptr) continue;
        for (const auto claimed : {name.second, epoch}) {
            const auto key = batch_key(*held, it.school, claimed, place.actor);
            CHECK_FALSE(open(place, key, envelope).has_value());
            ++tried;
        }
    }
    CHECK(tried >= 6);
    CHECK(must(open(place, fresh, envelope)) == body);
}

TEST_CASE("E-01 an invite serves once", "[adversary]") {
    Organisation it;
    const auto made = invite_dave(it);
    const auto second = must(join_with(it, made.invite, DeviceKey::generate(it.env)));
    it.append(join_with(it, made.invite, dave()));
    CHECK(outcome(it.membership.extend(it.log.back())) == "conflict");
    CHECK(outcome(it.membership.extend(second)) == "conflict");
    const auto third = join_with(it, made.invite, DeviceKey::generate(it.env));
    REQUIRE(outcome(third) == "denied");
    // E-05: the honest joiner who comes second hears it.
    CHECK(third.error().message.find("used already") != std::string::npos);
}

TEST_CASE("E-02 an invite serves until it expires", "[adversary]") {
    Organisation it;
    const auto made = invite_dave(it);
    CHECK(outcome(join_with(it, made.invite, dave(), hour)) == "ok");
    CHECK(outcome(join_with(it, made.invite, dave(), hour + 1)) == "denied");
}

TEST_CASE("E-03 the server cannot put its own keys into a join", "[adversary]") {
    Organisation it;
    const auto made = invite_dave(it);
    const auto keys = invite_keys(made.invite);
    const auto honest = must(parse_entry(must(join_with(it, made.invite, dave()))));
    const auto intruder = DeviceKey::generate(it.env);
    auto op = std::get<AddDeviceOp>(honest.ops.front());
    op.sign = intruder.sign().key();
    op.box = intruder.box().key();
    const EntrySigner device{signer(intruder.id(it.org())), intruder.sign()};
    // It has no secret of the invite, so it signs in its place with what it has.
    const EntrySigner invite{signer(keys.id), intruder.sign()};
    Forgery forgery;
    forgery.ops = {op};
    forgery.author = signer(keys.id);
    forgery.signers = {invite, device};
    forgery.time = it.env.wall_time();
    const auto state = must(make_entry(it.membership, forgery.ops, forgery.author,
                                       {{signer(keys.id), keys.sign}, device}, forgery.time));
    forgery.post_state = must(parse_entry(state)).post_state;
    CHECK(outcome(it.membership.extend(forge(it.membership, forgery))) == "denied");
    forgery.author = device.id;
    forgery.signers = {device};
    CHECK(outcome(it.membership.extend(forge(it.membership, forgery))) == "denied");
}

TEST_CASE("E-04 an invite that was altered is noticed, and so is a log that is not its own",
          "[adversary]") {
    Organisation it;
    const auto made = invite_dave(it);
    const auto text = must(to_text(made.invite));
    for (std::size_t at = 5; at < text.size(); ++at) {
        auto altered = text;
        altered[at] = altered[at] == '7' ? '8' : '7';
        CAPTURE(at);
        REQUIRE_FALSE(parse_invite(altered).has_value());
    }
    Organisation other(2);
    CHECK(outcome(join_with(other, made.invite, dave())) == "denied");
}

TEST_CASE("E-06 a join takes no more than its invite gives", "[adversary]") {
    Organisation it;
    const auto made = invite_dave(it);
    const auto keys = invite_keys(made.invite);
    const auto device = dave();
    const auto honest = must(parse_entry(must(join_with(it, made.invite, device))));
    const auto with = [&](auto change, std::vector<MembershipOp> more = {}) {
        auto op = std::get<AddDeviceOp>(honest.ops.front());
        change(op);
        more.insert(more.begin(), op);
        return outcome(make_entry(it.membership, std::move(more), signer(keys.id),
                                  {{signer(keys.id), keys.sign},
                                   {signer(device.id(it.org())), device.sign()}},
                                  it.env.wall_time()));
    };
    CHECK(with([](auto&) {}) == "ok");
    CHECK(with([](auto& op) { op.role = role_admin; }) == "denied");
    CHECK(with([](auto& op) { op.role = role_central; }) == "denied");
    CHECK(with([&](auto& op) { op.user = it.membership.device(it.id(it.alice))->user; }) ==
          "denied");
    CHECK(with([&](auto& op) { op.wraps.push_back({it.counselling, 1, {}}); }) == "invalid");
    CHECK(with([](auto& op) { op.wraps.pop_back(); }) == "invalid");
    const auto me = device.id(it.org());
    CHECK(with([](auto&) {}, {GrantOp{me, it.counselling, right_read, {}}}) == "denied");
    CHECK(with([](auto&) {}, {GrantOp{me, it.school, 7, {}}}) == "denied");
    CHECK(with([](auto&) {}, {AdminSetOp{me, true}}) == "denied");
}

TEST_CASE("E-08 where an invite is used and taken back at once, the log's order decides",
          "[adversary]") {
    Organisation it;
    const auto made = invite_dave(it);
    const auto id = invite_keys(made.invite).id;
    const auto used = must(join_with(it, made.invite, dave()));
    const auto taken_back = must(invite_revoke(it.as(it.alice), id));
    auto first_used = it.membership;
    auto first_taken = it.membership;
    must(first_used.extend(used));
    must(first_taken.extend(taken_back));
    CHECK(outcome(first_used.extend(taken_back)) == "conflict");
    CHECK(outcome(first_taken.extend(used)) == "conflict");
    CHECK(outcome(join(first_taken, made.invite, dave(), {"Dave"}, it.env.wall_time(), it.env)) ==
          "denied");
    const Author author{first_used, it.alice.ring, it.alice.key, it.env.wall_time(), it.env};
    CHECK(outcome(invite_revoke(author, id)) == "invalid");
}

TEST_CASE("E-09 no invite opens a compartment or makes an admin", "[adversary]") {
    Organisation it;
    InviteOrder order;
    order.expiry = it.env.wall_time() + hour;
    order.grants = {{it.counselling, right_read}};
    CHECK(outcome(invite_create(it.as(it.alice), order)) == "denied");
    order.grants.clear();
    order.role = role_admin;
    CHECK(outcome(invite_create(it.as(it.alice), order)) == "denied");
    order.role = role_member;
    CHECK(outcome(invite_create(it.as(it.alice), order)) == "ok");
}
