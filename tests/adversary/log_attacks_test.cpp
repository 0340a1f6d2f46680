// SPDX-License-Identifier: Apache-2.0
// Attacks on the organisation's log, each named as in README.md.
#include "core/base/limits.hpp"
#include "crypto/secret/co_sign.hpp"
#include "tests/crypto/membership_attempt.hpp"
#include "tests/support/people.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

AddDeviceOp adding(const DeviceKey& device) {
    AddDeviceOp op;
    op.sign = device.sign().key();
    op.box = device.box().key();
    return op;
}

Bytes any_entry(Organisation& it) {
    return must(grant(it.as(it.alice), it.id(it.carol), it.school, right_read));
}

// The entry with another head, signed anew by alice.
Bytes signed_anew(const Organisation& it, Entry entry) {
    auto bytes = write_unsigned_entry(entry);
    const auto signature =
        sign(it.alice.key.sign(), Label::log_sig, entry.org, entry_hash(bytes));
    append_signatures(bytes, {{it.signer(it.alice), signature}});
    return bytes;
}

RotateOp rotation(Organisation& it, const SpaceId& space) {
    const auto entry = must(parse_entry(must(rotate(it.as(it.alice), space))));
    return std::get<RotateOp>(entry.ops.front());
}

}  // namespace

TEST_CASE("L-01 a device that no admin signed for is not added", "[adversary]") {
    Organisation it;
    const Person intruder(dave());
    CHECK(attempt(it, {adding(dave())}, {&intruder}) == "denied");
    CHECK(attempt(it, {adding(dave())}, {&it.bob}) == "denied");
    // With an admin's name over it, and a signature of another.
    Forgery forgery;
    forgery.ops = {adding(dave())};
    forgery.author = it.signer(it.alice);
    const auto honest = must(make_entry(it.as(it.alice), forgery.ops));
    forgery.time = it.env.wall_time();
    forgery.post_state = must(parse_entry(honest)).post_state;
    forgery.signers = {{it.signer(it.alice), intruder.key.sign()}};
    CHECK(outcome(it.membership.extend(forge(it.membership, forgery))) == "denied");
    CHECK(it.membership.device(dave().id(it.org())) == nullptr);
}

TEST_CASE("L-03 a new device notices an old log by the point that its invite names",
          "[adversary]") {
    Organisation it;
    InviteOrder order;
    order.expiry = it.env.wall_time() + 1000;
    order.url = "https://relay.example";
    const auto made = must(invite_create(it.as(it.alice), order));
    it.append(made.entry);
    auto old = must(Membership::found(it.log[0]));
    for (std::size_t i = 1; i + 1 < it.log.size(); ++i) must(old.extend(it.log[i]));
    const auto joined = join(old, made.invite, dave(), {"Dave"}, it.env.wall_time(), it.env);
    CHECK(outcome(joined) == "rolled_back");
}

TEST_CASE("L-04 two branches of one log exclude each other", "[adversary]") {
    Organisation it;
    auto other = it.membership;
    const auto left = must(make_entry(it.as(it.alice), {adding(dave())}));
    const auto right = must(set_admin(it.as(it.alice), it.id(it.carol), true));
    it.append(left);
    must(other.extend(right));
    CHECK(outcome(it.membership.extend(right)) == "conflict");
    CHECK(outcome(other.extend(left)) == "conflict");
    CHECK(it.membership.head() != other.head());
    // What follows on one branch never fits the other.
    const auto next = must(rotate(it.as(it.alice), it.school));
    CHECK(outcome(other.extend(next)) == "conflict");
}

TEST_CASE("L-05 of two admins who append at once one wins, and the other's intent survives",
          "[adversary]") {
    Organisation it;
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    const auto mine = must(revoke_device(it.as(it.alice), it.id(it.bob), {}));
    const auto theirs = must(set_server_key(it.as(it.carol), dave().sign().key()));
    it.append(theirs);
    REQUIRE(outcome(it.membership.extend(mine)) == "conflict");
    it.append(remake(it.as(it.alice), must(parse_entry(mine)).ops));
    CHECK(it.membership.server_key() == dave().sign().key());
    CHECK_FALSE(it.membership.device(it.id(it.bob))->is_active);
}

TEST_CASE("L-06 what takes two is refused with one, with one twice, and out of order",
          "[adversary]") {
    Organisation it;
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    it.append(set_admin_quorum(it.as(it.alice), 2));
    const AdminSetOp op{it.id(it.bob), true};
    CHECK(attempt(it, {op}, {&it.alice}) == "denied");
    const Author author{
        it.membership, it.alice.ring, it.alice.key, it.env.wall_time(), it.env, true};
    const auto whole = must(co_sign(it.membership, must(make_entry(author, {op})), it.carol.key));
    const auto parsed = must(parse_entry(whole));
    REQUIRE(parsed.signatures.size() == 2);
    const auto with = [&](std::size_t first, std::size_t second) {
        ByteWriter writer;
        writer.raw(write_unsigned_entry(parsed));
        writer.u8(2);
        for (const auto at : {first, second}) {
            writer.raw(parsed.signatures[at].signer.view());
            writer.raw(parsed.signatures[at].signature.view());
        }
        auto copy = it.membership;
        return outcome(copy.extend(writer.view()));
    };
    CHECK(with(0, 0) == "corrupt");
    CHECK(with(1, 0) == "corrupt");
    CHECK(with(0, 1) == "ok");
}

TEST_CASE("L-07 a new key that leaves a reader out, or lets another in, is refused",
          "[adversary]") {
    Organisation it;
    const auto good = rotation(it, it.school);
    REQUIRE(good.wraps.size() == 2);
    CHECK(attempt(it, {good}, {&it.alice}) == "ok");
    auto missing = good;
    missing.wraps.pop_back();
    CHECK(attempt(it, {missing}, {&it.alice}) == "denied");
    for (const auto& extra : {it.id(it.carol), dave().id(it.org())}) {
        auto more = good;
        more.wraps.push_back({extra, {}});
        std::sort(more.wraps.begin(), more.wraps.end(), [](const auto& a, const auto& b) {
            return a.device < b.device;
        });
        CHECK(attempt(it, {more}, {&it.alice}) == "denied");
    }
    auto ghost = good;
    ghost.wraps.back().device.bytes[0] ^= 0x80;
    CHECK(attempt(it, {ghost}, {&it.alice}) == "denied");
}

TEST_CASE("L-08 a post state that is wrong by one bit is refused", "[adversary]") {
    Organisation it;
    const auto parsed = must(parse_entry(any_entry(it)));
    for (std::size_t bit = 0; bit < Digest::size * 8; ++bit) {
        auto altered = parsed;
        altered.post_state.bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        CAPTURE(bit);
        REQUIRE(outcome(it.membership.extend(signed_anew(it, altered))) == "invalid");
    }
    CHECK(outcome(it.membership.extend(signed_anew(it, parsed))) == "ok");
}

TEST_CASE("L-09 an admin alone lets nobody into a compartment", "[adversary]") {
    Organisation it;
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    const auto carol = it.id(it.carol);
    const std::vector<std::vector<MembershipOp>> ways{
        {GrantOp{carol, it.counselling, right_read, {}}},
        {GrantOp{carol, it.counselling, 7, {}}, rotation(it, it.counselling)},
        {RevokeGrantOp{it.id(it.alice), it.counselling, {}}},
        {BreakGlassOp{carol, it.counselling, it.env.wall_time() + 1, {}, {}}},
        {AdoptOp{it.counselling, {Digest{}}}},
        {rotation(it, it.counselling)},
    };
    for (std::size_t i = 0; i < ways.size(); ++i) {
        CAPTURE(i);
        CHECK(attempt(it, ways[i], {&it.carol}) == "denied");
    }
    CHECK(attempt(it, ways[0], {&it.carol, &it.alice}) == "ok");
}

TEST_CASE("L-10 an entry with another index, predecessor or organisation is refused",
          "[adversary]") {
    Organisation it;
    const auto parsed = must(parse_entry(any_entry(it)));
    const auto with = [&](auto change) {
        auto altered = parsed;
        change(altered);
        auto copy = it.membership;
        return outcome(copy.extend(signed_anew(it, altered)));
    };
    CHECK(with([](auto&) {}) == "ok");
    CHECK(with([](auto& entry) { ++entry.index; }) == "conflict");
    CHECK(with([](auto& entry) { --entry.index; }) == "conflict");
    CHECK(with([](auto& entry) { entry.previous.bytes[7] ^= 1; }) == "conflict");
    CHECK(with([](auto& entry) { entry.org.bytes[7] ^= 1; }) == "denied");
}

TEST_CASE("L-11 entries, ops and wraps beyond their limits are refused before they allocate",
          "[adversary]") {
    CHECK(outcome(parse_entry(Bytes(limits::entry_max + 1))) == "too_large");
    Organisation it;
    auto parsed = must(parse_entry(any_entry(it)));
    parsed.ops.assign(limits::entry_ops_max + 1, ServerKeyOp{});
    CHECK(outcome(it.membership.extend(signed_anew(it, parsed))) == "too_large");
    RotateOp op;
    op.wraps.resize(limits::wraps_max + 1);
    parsed.ops = {op};
    CHECK(outcome(it.membership.extend(signed_anew(it, parsed))) == "corrupt");
    // A count without what it counts.
    ByteWriter body;
    body.raw(Bytes(SpaceId::size));
    body.u32(limits::adopt_max);
    CHECK(outcome(read_op(AdoptOp::kind, body.view())) == "corrupt");
}

TEST_CASE("L-12 admins, one or all of them, name no new root", "[adversary]") {
    Organisation it;
    it.append(set_admin(it.as(it.alice), it.id(it.carol), true));
    const RecoveryRekeyOp rekey{dave().sign().key(), dave().box().key(), 2, 3};
    RecoverAdminsOp admin;
    admin.sign = dave().sign().key();
    admin.box = dave().box().key();
    const Person intruder(dave());
    CHECK(attempt(it, {rekey}, {&it.alice}) == "denied");
    CHECK(attempt(it, {rekey}, {&it.alice, &it.carol}) == "denied");
    CHECK(attempt(it, {admin}, {&it.alice, &it.carol}) == "denied");
    CHECK(attempt(it, {admin}, {&it.alice, &intruder}) == "denied");
    CHECK(attempt(it, {admin, rekey}, {&intruder}) == "denied");
}

TEST_CASE("L-16 another suite, version or flag is refused, whoever offers it", "[adversary]") {
    Organisation it;
    const auto entry = any_entry(it);
    const auto altered = [&](std::size_t at) {
        auto bytes = entry;
        bytes[at] ^= 2;
        return outcome(it.membership.extend(bytes));
    };
    CHECK(altered(4) == "unsupported");  // version
    CHECK(altered(6) == "unsupported");  // flags
    CHECK(altered(0) == "corrupt");      // magic
    auto genesis = it.log.front();
    constexpr std::size_t suite_at = 108 + 4 + 6;
    REQUIRE(genesis[suite_at] == 1);
    genesis[suite_at] = 2;
    CHECK(outcome(Membership::found(genesis)) == "corrupt");
}

TEST_CASE("a log frozen by an op of a newer version leaves the state usable", "[adversary]") {
    Organisation it;
    auto entry = must(parse_entry(any_entry(it)));
    auto bytes = write_unsigned_entry(entry);
    bytes[113] = 0x0F;  // the op's number, high byte
    append_signatures(bytes,
                      {{it.signer(it.alice),
                        sign(it.alice.key.sign(), Label::log_sig, it.org(), entry_hash(bytes))}});
    const auto digest = it.membership.state().digest;
    for (int i = 0; i < 3; ++i) {
        const auto frozen = it.membership.extend(bytes);
        REQUIRE(outcome(frozen) == "unsupported");
        CHECK(frozen.error().message.find("update") != std::string::npos);
    }
    CHECK(it.membership.state().digest == digest);
    CHECK(it.membership.can(it.id(it.bob), it.school, right_write));
    CHECK(it.membership.limit(it.school, ActorId{}, it.id(it.bob)) == std::nullopt);
    Keyring ring;
    ring.update(it.membership, it.bob.key);
    CHECK(ring.newest(it.school) == it.membership.space(it.school)->epoch);
}

TEST_CASE("every refusal says what failed and what to do", "[adversary]") {
    Organisation it;
    const auto foreign = Organisation(2).log[1];
    const auto skipped = it.log[3];
    auto forged = any_entry(it);
    forged.back() ^= 1;
    auto disagreeing = must(parse_entry(any_entry(it)));
    disagreeing.post_state.bytes[0] ^= 1;
    const std::vector<Result<void>> refusals{
        it.membership.extend(foreign),
        it.membership.extend(skipped),
        it.membership.extend(forged),
        it.membership.extend(signed_anew(it, disagreeing)),
    };
    for (const auto& refusal : refusals) {
        REQUIRE_FALSE(refusal.has_value());
        const auto& message = refusal.error().message;
        CAPTURE(message);
        CHECK(message.find("is refused: ") != std::string::npos);
        CHECK(message.find("; ") != std::string::npos);
    }
    const Person intruder(dave());
    const std::vector<Result<Bytes>> denials{
        set_admin(it.as(it.bob), it.id(it.bob), true),
        set_admin(it.as(it.alice), it.id(it.alice), false),
        set_admin(it.as(intruder), it.id(it.bob), true),
        grant(it.as(it.bob), it.id(it.carol), it.school, 1),
        rotate(it.as(it.bob), it.school),
        adopt(it.as(it.bob), it.school, {Digest{}}),
        complain(it.as(it.carol), it.school),
        revoke_device(it.as(it.bob), it.id(it.alice), {}),
    };
    for (const auto& denial : denials) {
        REQUIRE_FALSE(denial.has_value());
        const auto& message = denial.error().message;
        CAPTURE(message);
        CHECK((message.find("; ") != std::string::npos || message.find(", ") != std::string::npos));
    }
}
