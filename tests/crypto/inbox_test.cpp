// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/inbox.hpp"

#include "core/base/limits.hpp"
#include "tests/crypto/expect.hpp"
#include "tests/support/fake_env.hpp"
#include "tests/support/people.hpp"

#include <fstream>
#include <iterator>
#include <set>

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

SubmissionHeader to_inbox() {
    SubmissionHeader header;
    header.inbox.bytes.fill(0x66);
    header.key_epoch = 3;
    return header;
}

OrgId our_org() {
    OrgId org;
    org.bytes.fill(0x33);
    return org;
}

Bytes drop(std::string_view text, Env& env) {
    Submission submission;
    submission.body = to_bytes(as_bytes(text));
    return must(seal_submission(our_org(), to_inbox(), bob().box().key(), submission, env));
}

Result<Submission> open_it(ByteView bytes) {
    return open_submission(our_org(), to_inbox(), bob().box(), bytes);
}

constexpr std::size_t around = 32 + 112 + 24 + 16;

}  // namespace

TEST_CASE("a submission opens for the inbox it was dropped into", "[crypto]") {
    FakeEnv env;
    Submission submission;
    submission.reply = carol().box().key();
    submission.body = to_bytes(as_bytes("We need help with the rent."));
    const auto bytes =
        must(seal_submission(our_org(), to_inbox(), bob().box().key(), submission, env));
    const auto opened = must(open_it(bytes));
    REQUIRE(opened.body == submission.body);
    REQUIRE(opened.reply == carol().box().key());
    REQUIRE_FALSE(opened.id.is_zero());
    REQUIRE(must(open_it(drop("", env))).body.empty());
    REQUIRE_FALSE(must(open_it(drop("", env))).reply.has_value());
}

TEST_CASE("a submission has one of three sizes, whatever is in it", "[crypto]") {
    FakeEnv env;
    std::set<std::size_t> sizes;
    const auto most = submission_body_max(false);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{4078},
                                   std::size_t{4079}, std::size_t{16366}, std::size_t{16367},
                                   most - 1, most}) {
        const std::string body(size, '\0');  // zeros at the end are no padding
        const auto bytes = drop(body, env);
        sizes.insert(bytes.size());
        CAPTURE(size);
        CHECK(must(open_it(bytes)).body.size() == size);
    }
    REQUIRE(sizes == std::set<std::size_t>{around + 4096, around + 16384, around + 65536});
    REQUIRE(drop(std::string(4078, 'x'), env).size() == around + 4096);
    REQUIRE(drop(std::string(4079, 'x'), env).size() == around + 16384);
    Submission large;
    large.body.resize(most + 1);
    REQUIRE(outcome(seal_submission(our_org(), to_inbox(), bob().box().key(), large, env)) ==
            "too_large");
    large.reply = carol().box().key();
    large.body.resize(submission_body_max(true));
    REQUIRE(seal_submission(our_org(), to_inbox(), bob().box().key(), large, env).has_value());
}

TEST_CASE("the same words twice look nothing alike", "[crypto]") {
    FakeEnv env;
    const auto one = drop("the same words", env);
    const auto other = drop("the same words", env);
    REQUIRE(equal(ByteView(one).first(32), ByteView(other).first(32)));
    std::size_t equal_bytes = 0;
    for (std::size_t i = 32; i < one.size(); ++i) equal_bytes += one[i] == other[i] ? 1 : 0;
    REQUIRE(equal_bytes < one.size() / 64);
    REQUIRE(must(open_it(one)).id != must(open_it(other)).id);
}

TEST_CASE("a replay carries the same id", "[crypto]") {
    FakeEnv env;
    const auto bytes = drop("once", env);
    REQUIRE(must(open_it(bytes)).id == must(open_it(bytes)).id);
}

TEST_CASE("another organisation, inbox, epoch, kind or key does not open it", "[crypto]") {
    FakeEnv env;
    const auto bytes = drop("hello", env);
    OrgId other_org = our_org();
    other_org.bytes[0] ^= 1U;
    CHECK(outcome(open_submission(other_org, to_inbox(), bob().box(), bytes)) == "wrong_key");
    CHECK(outcome(open_submission(our_org(), to_inbox(), carol().box(), bytes)) == "wrong_key");
    auto other = to_inbox();
    other.key_epoch = 2;
    CHECK(outcome(open_submission(our_org(), other, bob().box(), bytes)) == "wrong_key");
    other = to_inbox();
    other.inbox.bytes[5] ^= 1U;
    CHECK(outcome(open_submission(our_org(), other, bob().box(), bytes)) == "wrong_key");
    other = to_inbox();
    other.kind = SubmissionKind::audit;
    CHECK(outcome(open_submission(our_org(), other, bob().box(), bytes)) == "wrong_key");
    // Rewriting the header to fit helps nobody: the key is bound to it.
    auto moved = bytes;
    moved[8 + 5] ^= 1U;
    other = to_inbox();
    other.inbox.bytes[5] ^= 1U;
    CHECK(outcome(open_submission(our_org(), other, bob().box(), moved)) == "wrong_key");
}

TEST_CASE("every altered byte of a submission is noticed", "[crypto]") {
    FakeEnv env;
    const auto bytes = drop("hello", env);
    for (std::size_t at = 0; at < bytes.size(); at += at < 300 ? 1 : 37) {
        auto wrong = bytes;
        wrong[at] ^= 0x10U;
        CAPTURE(at);
        REQUIRE_FALSE(open_it(wrong).has_value());
    }
    for (std::size_t size = 0; size < bytes.size(); size += size < 300 ? 1 : 37) {
        REQUIRE_FALSE(parse_submission(ByteView(bytes).first(size)).has_value());
    }
    auto longer = bytes;
    longer.push_back(0);
    REQUIRE(outcome(parse_submission(longer)) == "corrupt");
}

TEST_CASE("an unknown suite, kind or flag is refused, and so is a fourth size", "[crypto]") {
    FakeEnv env;
    const auto bytes = drop("hello", env);
    for (const auto& [at, value] : {std::pair<std::size_t, int>{4, 2}, {5, 0}, {5, 4}, {6, 1},
                                   {7, 1}}) {
        auto wrong = bytes;
        wrong[at] = static_cast<std::uint8_t>(value);
        CAPTURE(at, value);
        CHECK(outcome(parse_submission(wrong)) == "unsupported");
    }
    auto large = bytes;
    large[30] = 0x7F;
    CHECK(outcome(parse_submission(large)) == "too_large");
    auto fourth = bytes;
    fourth.pop_back();
    fourth[28] = 0x0F;
    CHECK(outcome(parse_submission(fourth)) == "corrupt");
}

TEST_CASE("a submission to a key of small order is not made", "[crypto]") {
    FakeEnv env;
    REQUIRE(outcome(seal_submission(our_org(), to_inbox(), BoxKey{}, {}, env)) == "invalid");
}

TEST_CASE("a submission of the first version opens", "[crypto]") {
    std::ifstream stream("fixtures/inbox/v1/intake.hex");
    std::string text{std::istreambuf_iterator<char>(stream), {}};
    REQUIRE_FALSE(text.empty());
    text.pop_back();
    const auto opened = must(open_it(*from_hex(text)));
    REQUIRE(as_text(opened.body) == "Please call after six.");
    REQUIRE(opened.reply == carol().box().key());
}
