// SPDX-License-Identifier: Apache-2.0
// X: one form, one purpose.
#include <bit>
#include <map>

#include "crypto/primitive/aead.hpp"
#include "crypto/primitive/box.hpp"
#include "crypto/primitive/hash.hpp"
#include "crypto/primitive/sodium.hpp"
#include "crypto/secret/base32.hpp"
#include "crypto/secret/invite.hpp"
#include "crypto/secret/recovery.hpp"
#include "tests/crypto/expect.hpp"
#include "tests/support/fake_env.hpp"
#include "tests/support/people.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

constexpr std::size_t label_count = label_texts.size();

Label label(std::size_t at) { return static_cast<Label>(at); }

/// The pieces that a sheet prints, as bytes one after another.
Bytes pieces_of(const std::string& sheet) {
    constexpr std::size_t digits = 24;
    constexpr std::size_t head = 4 + 32 + 8;
    constexpr std::size_t checksum = 4;
    std::string rest;
    for (const char c : sheet.substr(sheet.find('\n'))) {
        if (c > ' ') rest.push_back(c);
    }
    Bytes bytes;
    for (std::size_t at = 0; at < rest.size(); at += digits + 2) {
        const auto line = rest.substr(at, digits + 2);
        append(bytes, *from_base32(line.substr(0, line.size() - 2)));
    }
    return {bytes.begin() + head, bytes.end() - checksum};
}

/// How far counts of byte values are from even: about 255 for random bytes, give or take 23.
double chi_square(const Bytes& bytes) {
    double counts[256] = {};
    for (const auto byte : bytes) counts[byte] += 1;
    const double expected = static_cast<double>(bytes.size()) / 256;
    double sum = 0;
    for (const double count : counts) sum += (count - expected) * (count - expected) / expected;
    return sum;
}

std::vector<std::string> chosen(const std::vector<std::string>& sheets, unsigned set) {
    std::vector<std::string> some;
    for (std::size_t i = 0; i < sheets.size(); ++i) {
        if ((set >> i & 1U) != 0) some.push_back(sheets[i]);
    }
    return some;
}

}  // namespace

TEST_CASE("X-01 a signature for one purpose holds for no other", "[adversary]") {
    const auto secret = alice().sign().clone();
    const auto digest = hash(Label::ct, {as_bytes("the same digest")});
    OrgId org;
    org.bytes.fill(1);
    for (std::size_t a = 0; a < label_count; ++a) {
        const auto signature = sign(secret, label(a), org, digest);
        for (std::size_t b = 0; b < label_count; ++b) {
            CAPTURE(label_texts[a], label_texts[b]);
            REQUIRE(verify(secret.key(), label(b), org, digest, signature) == (a == b));
        }
    }
}

TEST_CASE("X-01 a hash or a key for one purpose is that of no other", "[adversary]") {
    FakeEnv env;
    Key parent;
    env.random(parent.span());
    std::map<std::string, std::size_t> seen;
    for (std::size_t a = 0; a < label_count; ++a) {
        REQUIRE(seen.emplace(hash(label(a), {as_bytes("x")}).hex(), a).second);
        REQUIRE(seen.emplace(to_hex(derive(parent, label(a), as_bytes("x")).view()), a).second);
        REQUIRE(seen.emplace(to_hex(keyed_hash<24>(parent, label(a), {as_bytes("x")})), a).second);
    }
}

TEST_CASE("X-02 no label begins like another once its length stands first", "[adversary]") {
    for (std::size_t a = 0; a < label_count; ++a) {
        const auto one = static_cast<char>(label_texts[a].size()) + std::string(label_texts[a]);
        for (std::size_t b = 0; b < label_count; ++b) {
            const auto other =
                static_cast<char>(label_texts[b].size()) + std::string(label_texts[b]);
            CAPTURE(one, other);
            REQUIRE(other.starts_with(one) == (a == b));
        }
    }
}

TEST_CASE("X-05 a tag, a commitment or a checksum cut short is none", "[adversary]") {
    FakeEnv env;
    Key key;
    env.random(key.span());
    const auto sealed = aead_seal(key, {}, {}, as_bytes("text"));
    for (std::size_t cut = 1; cut <= sealed.size(); ++cut) {
        const auto some = ByteView(sealed).first(sealed.size() - cut);
        CHECK(outcome(aead_open(key, {}, {}, some)) == "wrong_key");
    }
    CHECK(outcome(aead_open(key, {}, {}, {})) == "wrong_key");
    const auto boxed = must(seal_to(bob().box().key(), as_bytes("text"), env));
    for (std::size_t cut = 1; cut <= boxed.size(); ++cut) {
        CHECK_FALSE(open_box(bob().box(), ByteView(boxed).first(boxed.size() - cut)).has_value());
    }
    for (std::size_t size = 0; size < 32; ++size) {
        CHECK_FALSE(equal_in_constant_time(key.view(), key.view().first(size)));
        CHECK_FALSE(equal_in_constant_time(key.view().first(size), key.view()));
    }
    Invite invite;
    invite.url = "wss://relay.example";
    const auto text = must(to_text(invite));
    for (std::size_t cut = 1; cut <= text.size(); ++cut) {
        CHECK(outcome(parse_invite(text.substr(0, text.size() - cut))) == "invalid");
    }
}

TEST_CASE("X-08 enough sheets of any kind give the seed, and a bad one is named", "[adversary]") {
    FakeEnv env(8);
    Key seed;
    env.random(seed.span());
    for (const auto& plan : {RecoveryPlan{2, 3}, RecoveryPlan{3, 5}}) {
        const auto sheets = split_seed({}, seed, plan, env);
        for (unsigned set = 0; set < 1U << plan.sheets; ++set) {
            const auto some = chosen(sheets, set);
            CAPTURE(int(plan.needed), int(plan.sheets), set);
            const auto got = combine_sheets(some);
            REQUIRE(got.has_value() == (some.size() >= plan.needed));
            if (got) REQUIRE(equal(got->seed.view(), seed.view()));
        }
        auto wrong = sheets;
        auto& digit = wrong[1][40];
        digit = digit == '7' ? '8' : '7';
        const auto refused = combine_sheets(wrong);
        REQUIRE_FALSE(refused.has_value());
        REQUIRE(refused.error().message.find("sheet 2") != std::string::npos);
    }
}

TEST_CASE("X-08 one sheet too few is even noise, whatever the seed", "[adversary]") {
    constexpr int splits = 400;
    constexpr double far_from_even = 255 + 6 * 23;
    for (const auto& plan : {RecoveryPlan{2, 3}, RecoveryPlan{3, 5}}) {
        const Key zeros;  // a seed of zeros would shine through anything less than noise
        for (unsigned set = 0; set < 1U << plan.sheets; ++set) {
            if (std::popcount(set) != plan.needed - 1) continue;
            FakeEnv env(set + 100);
            Bytes sums;
            for (int i = 0; i < splits; ++i) {
                std::map<Bytes, bool> pieces;
                for (const auto& sheet : chosen(split_seed({}, zeros, plan, env), set)) {
                    const auto bytes = pieces_of(sheet);
                    REQUIRE(bytes.size() % 32 == 0);
                    for (std::size_t at = 0; at < bytes.size(); at += 32) {
                        pieces[Bytes(bytes.begin() + at, bytes.begin() + at + 32)] = true;
                    }
                }
                Bytes sum(32);
                for (const auto& [piece, held] : pieces) {
                    for (std::size_t k = 0; k < 32; ++k) sum[k] ^= piece[k];
                }
                append(sums, sum);
            }
            CAPTURE(set, chi_square(sums));
            CHECK(chi_square(sums) < far_from_even);
        }
    }
}
