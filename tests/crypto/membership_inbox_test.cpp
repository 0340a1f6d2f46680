// SPDX-License-Identifier: Apache-2.0
// Inboxes in the membership log: who opens them, whose keys they have, who can open what.
#include "core/base/limits.hpp"
#include "crypto/secret/inbox.hpp"
#include "crypto/secret/recover.hpp"
#include "tests/crypto/membership_attempt.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

InboxId opened(Organisation& it, const SpaceId& space) {
    const auto made = must(inbox_open(it.as(it.alice), space));
    it.append(made.entry);
    return made.inbox;
}

/// What a page does: seals to the newest key that the log names.
Bytes drop(Organisation& it, const InboxId& inbox, std::string_view text) {
    const auto& record = *it.membership.inbox(inbox);
    const SubmissionHeader to{SubmissionKind::intake, inbox, record.key_epoch};
    Submission submission;
    submission.body = to_bytes(as_bytes(text));
    return must(seal_submission(it.org(), to, it.membership.inbox_key(inbox, to.key_epoch)->key,
                                submission, it.env));
}

/// What a person's keys make of it; empty where they do not open it.
std::string read(const Organisation& it, const Person& person, ByteView bytes) {
    const auto header = must(parse_submission(bytes)).header;
    const auto& inbox = *it.membership.inbox(header.inbox);
    const auto* named = it.membership.inbox_key(header.inbox, header.key_epoch);
    const auto* key = person.ring.key(inbox.space, named->epoch);
    if (key == nullptr) return {};
    const auto secret = inbox_secret(*key, header.inbox, header.key_epoch);
    if (secret.key() != named->key) return "not the key that was announced";
    const auto submission = open_submission(it.org(), header, secret, bytes);
    return submission ? std::string(as_text(submission->body)) : std::string();
}

InboxKeyOp next_key(const Organisation& it, const InboxId& inbox) {
    const auto& record = *it.membership.inbox(inbox);
    InboxKeyOp op{inbox, record.space, record.key_epoch + 1,
                  it.membership.space(record.space)->epoch, {}};
    op.key.bytes.fill(9);
    return op;
}

InboxKeyOp first_key(const Organisation& it, const SpaceId& space) {
    InboxKeyOp op{{}, space, 1, it.membership.space(space)->epoch, {}};
    op.inbox.bytes.fill(5);
    op.key.bytes.fill(9);
    return op;
}

}  // namespace

TEST_CASE("every reader of a space opens what is dropped into its inbox, nobody else does",
          "[crypto]") {
    Organisation it;
    const auto inbox = opened(it, it.school);
    const auto bytes = drop(it, inbox, "We need shoes.");
    CHECK(read(it, it.alice, bytes) == "We need shoes.");
    CHECK(read(it, it.bob, bytes) == "We need shoes.");
    CHECK(read(it, it.carol, bytes).empty());
    // Who is let in later, with the history.
    it.append(grant(it.as(it.alice), it.id(it.carol), it.school, right_read));
    CHECK(read(it, it.carol, bytes) == "We need shoes.");
}

TEST_CASE("a former reader cannot open what is dropped in after the rotation", "[crypto]") {
    Organisation it;
    const auto inbox = opened(it, it.school);
    const auto before = drop(it, inbox, "before");
    it.append(revoke_device(it.as(it.alice), it.id(it.bob), {}));
    REQUIRE(it.membership.inbox(inbox)->key_epoch == 2);
    const auto after = drop(it, inbox, "after");
    CHECK(read(it, it.bob, before) == "before");
    CHECK(read(it, it.bob, after).empty());
    // Whoever stays opens both, also the late one under the old key.
    CHECK(read(it, it.alice, before) == "before");
    CHECK(read(it, it.alice, after) == "after");
}

TEST_CASE("a rotation by command gives the space and each open inbox a new key", "[crypto]") {
    Organisation it;
    const auto one = opened(it, it.school);
    const auto other = opened(it, it.school);
    const auto closed = opened(it, it.school);
    it.append(inbox_close(it.as(it.alice), closed));
    const auto epoch = it.membership.space(it.school)->epoch;
    it.append(inbox_rotate(it.as(it.alice), one));
    CHECK(it.membership.space(it.school)->epoch == epoch + 1);
    CHECK(it.membership.inbox(one)->key_epoch == 2);
    CHECK(it.membership.inbox(other)->key_epoch == 2);
    CHECK(it.membership.inbox(closed)->key_epoch == 1);
    CHECK_FALSE(it.membership.is_key_due(one));
    CHECK_FALSE(it.membership.is_key_due(closed));
    CHECK(outcome(inbox_rotate(it.as(it.alice), closed)) == "invalid");
    CHECK(outcome(inbox_renew(it.as(it.alice), it.school)) == "conflict");
}

TEST_CASE("an inbox that a new key of its space left behind is due, and any reader renews it",
          "[crypto]") {
    Organisation it;
    const auto inbox = opened(it, it.school);
    // As an entry with no room for it would.
    auto ops = must(parse_entry(must(rotate(it.as(it.alice), it.school)))).ops;
    std::erase_if(ops, [](const auto& op) { return std::holds_alternative<InboxKeyOp>(op); });
    it.append(make_entry(it.as(it.alice), ops));
    REQUIRE(it.membership.is_key_due(inbox));
    it.append(inbox_renew(it.as(it.bob), it.school));
    CHECK_FALSE(it.membership.is_key_due(inbox));
    CHECK(read(it, it.alice, drop(it, inbox, "hello")) == "hello");
}

TEST_CASE("who opens and closes an inbox is an admin, with a steward in a compartment",
          "[crypto]") {
    Organisation it;
    CHECK(attempt(it, {first_key(it, it.school)}, {&it.alice}) == "ok");
    CHECK(attempt(it, {first_key(it, it.school)}, {&it.bob}) == "denied");
    CHECK(attempt(it, {first_key(it, it.school)}, {&it.carol}) == "denied");
    it.append(set_admin(it.as(it.alice), it.id(it.bob), true));
    // Bob is an admin now, and reads the school, not the compartment.
    CHECK(attempt(it, {first_key(it, it.school)}, {&it.bob}) == "ok");
    CHECK(attempt(it, {first_key(it, it.counselling)}, {&it.bob}) == "denied");
    it.append(grant(it.as(it.alice), it.id(it.bob), it.counselling, right_read));
    CHECK(attempt(it, {first_key(it, it.counselling)}, {&it.bob}) == "denied");
    CHECK(attempt(it, {first_key(it, it.counselling)}, {&it.alice}) == "ok");
    const auto inbox = opened(it, it.counselling);
    CHECK(attempt(it, {InboxCloseOp{inbox}}, {&it.bob}) == "denied");
    CHECK(attempt(it, {InboxCloseOp{inbox}}, {&it.alice}) == "ok");
}

TEST_CASE("an inbox's keys follow each other and its space's", "[crypto]") {
    Organisation it;
    const auto inbox = opened(it, it.school);
    // Nothing new in the space: the same people would have the same key.
    CHECK(attempt(it, {next_key(it, inbox)}, {&it.bob}) == "invalid");
    auto ops = must(parse_entry(must(rotate(it.as(it.alice), it.school)))).ops;
    std::erase_if(ops, [](const auto& op) { return std::holds_alternative<InboxKeyOp>(op); });
    it.append(make_entry(it.as(it.alice), ops));
    const auto good = next_key(it, inbox);
    CHECK(attempt(it, {good}, {&it.bob}) == "ok");
    CHECK(attempt(it, {good}, {&it.carol}) == "denied");
    auto wrong = good;
    wrong.key_epoch += 1;
    CHECK(attempt(it, {wrong}, {&it.bob}) == "conflict");
    wrong = good;
    wrong.epoch -= 1;
    CHECK(attempt(it, {wrong}, {&it.bob}) == "invalid");
    wrong = good;
    wrong.epoch += 1;
    CHECK(attempt(it, {wrong}, {&it.bob}) == "conflict");
    wrong = good;
    wrong.space = it.directory;
    wrong.epoch = it.membership.space(it.directory)->epoch;
    CHECK(attempt(it, {wrong}, {&it.alice}) == "invalid");
    wrong = good;
    wrong.key = {};
    CHECK(attempt(it, {wrong}, {&it.bob}) == "invalid");
    CHECK(attempt(it, {InboxCloseOp{inbox}, good}, {&it.alice}) == "invalid");
    CHECK(attempt(it, {InboxCloseOp{inbox}, InboxCloseOp{inbox}}, {&it.alice}) == "conflict");
    CHECK(attempt(it, {InboxCloseOp{InboxId{}}}, {&it.alice}) == "invalid");
}

TEST_CASE("a first key is for an inbox with a name, in a space that is there", "[crypto]") {
    Organisation it;
    auto wrong = first_key(it, it.school);
    wrong.inbox = {};
    CHECK(attempt(it, {wrong}, {&it.alice}) == "invalid");
    wrong = first_key(it, it.school);
    wrong.key_epoch = 2;
    CHECK(attempt(it, {wrong}, {&it.alice}) == "invalid");
    wrong = first_key(it, it.school);
    wrong.space.bytes.fill(1);
    CHECK(attempt(it, {wrong}, {&it.alice}) == "invalid");
    CHECK(outcome(inbox_open(it.as(it.bob), it.counselling)) == "wrong_key");
    CHECK(outcome(inbox_close(it.as(it.alice), InboxId{})) == "not_found");
}

TEST_CASE("a space has so many open inboxes, and not one more", "[crypto]") {
    Organisation it;
    InboxId last;
    for (std::size_t i = 0; i < limits::space_inboxes_max; ++i) last = opened(it, it.school);
    CHECK(outcome(inbox_open(it.as(it.alice), it.school)) == "too_large");
    CHECK(inbox_open(it.as(it.alice), it.counselling).has_value());
    it.append(inbox_close(it.as(it.alice), last));
    CHECK(inbox_open(it.as(it.alice), it.school).has_value());
}

TEST_CASE("an organisation opens so many inboxes, and not one more", "[crypto]") {
    Organisation it;
    for (std::size_t i = 0; i < limits::inboxes_max; ++i) {
        const auto inbox = opened(it, it.school);
        it.append(inbox_close(it.as(it.alice), inbox));
    }
    CHECK(outcome(inbox_open(it.as(it.alice), it.school)) == "too_large");
}

TEST_CASE("an inbox whose opening lost the race opens with the key of now", "[crypto]") {
    Organisation it;
    const auto made = must(inbox_open(it.as(it.alice), it.school));
    it.append(rotate(it.as(it.alice), it.school));
    const auto again = remake(it.as(it.alice), must(parse_entry(made.entry)).ops);
    it.append(again);
    CHECK(it.membership.inbox(made.inbox)->key_epoch == 1);
    CHECK_FALSE(it.membership.is_key_due(made.inbox));
    CHECK(read(it, it.bob, drop(it, made.inbox, "hello")) == "hello");
    CHECK(outcome(remake(it.as(it.alice), must(parse_entry(made.entry)).ops)) == "conflict");
}

TEST_CASE("a new root opens what is dropped in after the recovery", "[crypto]") {
    Organisation it;
    const auto inbox = opened(it, it.school);
    const auto before = drop(it, inbox, "before");
    const auto seed = must(combine_sheets({it.sheets[0], it.sheets[1]}));
    Person desk(DeviceKey::generate(it.env));
    RecoverOrder order;
    order.device_name = "New desk";
    const auto made = must(recover(it.membership, root_keys(seed.seed), order, desk.key,
                                   it.env.wall_time(), it.env));
    for (const auto& entry : made.entries) it.append(entry);
    desk.ring.update(it.membership, desk.key);
    CHECK(read(it, desk, before) == "before");
    CHECK(it.membership.is_key_due(inbox));
    it.append(inbox_renew(it.as(desk), it.school));
    CHECK(read(it, desk, drop(it, inbox, "after")) == "after");
}

TEST_CASE("work is bound to the submission and the organisation", "[crypto]") {
    Digest digest;
    digest.bytes.fill(3);
    OrgId org;
    const auto proof = find_work(org, digest, 8, 0, 100'000);
    REQUIRE(proof.has_value());
    CHECK(work_bits(org, digest, *proof) >= 8);
    CHECK_FALSE(find_work(org, digest, 60, 0, 10).has_value());
    std::size_t lucky = 0;
    for (std::uint8_t i = 0; i < 16; ++i) {
        auto other = digest;
        other.bytes[i] ^= 1U;
        lucky += work_bits(org, other, *proof) >= 8 ? 1 : 0;
        OrgId other_org;
        other_org.bytes[i] ^= 1U;
        lucky += work_bits(other_org, digest, *proof) >= 8 ? 1 : 0;
    }
    CHECK(lucky <= 2);
}
