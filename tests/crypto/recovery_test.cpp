// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/recovery.hpp"

#include "tests/crypto/expect.hpp"
#include "tests/support/fake_env.hpp"

#include <algorithm>
#include <bit>

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

Key a_seed() {
    FakeEnv env(5);
    Key seed;
    env.random(seed.span());
    return seed;
}

std::vector<std::string> print(RecoveryPlan plan) {
    FakeEnv env(6);
    OrgId org;
    org.bytes.fill(9);
    return split_seed(org, a_seed(), plan, env);
}

}  // namespace

TEST_CASE("enough sheets give the seed back, any of them, in any order", "[crypto]") {
    for (const auto& plan : {RecoveryPlan{1, 1},
                             RecoveryPlan{1, 3},
                             RecoveryPlan{2, 3},
                             RecoveryPlan{3, 3},
                             RecoveryPlan{3, 5},
                             RecoveryPlan{4, 7}}) {
        const auto sheets = print(plan);
        REQUIRE(sheets.size() == plan.sheets);
        for (unsigned set = 1; set < 1U << plan.sheets; ++set) {
            std::vector<std::string> chosen;
            for (unsigned i = 0; i < plan.sheets; ++i) {
                if ((set >> i & 1U) != 0) chosen.insert(chosen.begin(), sheets[i]);
            }
            CAPTURE(int(plan.needed), int(plan.sheets), set);
            const auto recovered = combine_sheets(chosen);
            if (std::popcount(set) < plan.needed) {
                REQUIRE(outcome(recovered) == "invalid");
            } else {
                REQUIRE(equal(must(combine_sheets(chosen)).seed.view(), a_seed().view()));
            }
        }
    }
}

TEST_CASE("a sheet twice is still one sheet", "[crypto]") {
    const auto sheets = print({2, 3});
    REQUIRE(outcome(combine_sheets({sheets[0], sheets[0]})) == "invalid");
    REQUIRE(outcome(combine_sheets({})) == "invalid");
}

TEST_CASE("a sheet says what it is and can be typed", "[crypto]") {
    const auto sheets = print({2, 3});
    REQUIRE(sheets[1].substr(0, 23) == "TRELLIS-RECOVERY-1 2/3\n");
    REQUIRE(std::all_of(sheets[1].begin(), sheets[1].end(), [](char c) {
        return c == '\n' || c == ' ' || c == '-' || c == '/' || (c >= '0' && c <= '9') ||
               (c >= 'A' && c <= 'Z');
    }));
    auto typed = sheets[1];
    std::replace(typed.begin(), typed.end(), '\n', ' ');
    for (auto& letter : typed) {
        if (&letter > &typed[22] && letter >= 'A' && letter <= 'Z') {
            letter = static_cast<char>(letter - 'A' + 'a');
        }
    }
    REQUIRE(equal(must(combine_sheets({sheets[0], typed})).seed.view(), a_seed().view()));
}

TEST_CASE("every mistyped digit of a sheet is noticed, and its line named", "[crypto]") {
    const auto sheets = print({2, 3});
    std::size_t line = 0;
    for (std::size_t at = 22; at < sheets[0].size(); ++at) {
        if (sheets[0][at] == '\n') ++line;
        if (sheets[0][at] <= ' ') continue;
        auto wrong = sheets[0];
        wrong[at] = wrong[at] == '7' ? '8' : '7';
        const auto result = combine_sheets({sheets[1], wrong});
        CAPTURE(at, wrong);
        REQUIRE_FALSE(result.has_value());
        const auto& message = result.error().message;
        REQUIRE(message.find("sheet 2 of those given: line " + std::to_string(line)) !=
                std::string::npos);
    }
}

TEST_CASE("two neighbouring digits swapped are noticed", "[crypto]") {
    const auto sheets = print({2, 3});
    for (std::size_t at = 24; at < sheets[0].size(); ++at) {
        auto wrong = sheets[0];
        if (wrong[at] <= ' ' || wrong[at - 1] <= ' ' || wrong[at] == wrong[at - 1]) continue;
        std::swap(wrong[at], wrong[at - 1]);
        CAPTURE(wrong);
        const auto result = combine_sheets({sheets[1], wrong});
        REQUIRE_FALSE(result.has_value());
        REQUIRE(result.error().message.find("has a mistake") != std::string::npos);
    }
}

TEST_CASE("a sheet cut short is noticed at every length", "[crypto]") {
    const auto sheets = print({2, 3});
    for (std::size_t size = 0; size + 1 < sheets[0].size(); ++size) {
        CAPTURE(size);
        REQUIRE_FALSE(combine_sheets({sheets[1], sheets[0].substr(0, size)}).has_value());
    }
}

TEST_CASE("sheets of different printings do not mix", "[crypto]") {
    const auto sheets = print({2, 3});
    FakeEnv env(7);
    const auto others = split_seed(OrgId{}, a_seed(), {2, 3}, env);
    REQUIRE(outcome(combine_sheets({sheets[0], others[1]})) == "invalid");
}

TEST_CASE("plans have bounds", "[crypto]") {
    CHECK(is_possible({1, 1}));
    CHECK(is_possible({4, 7}));
    CHECK_FALSE(is_possible({0, 3}));
    CHECK_FALSE(is_possible({4, 3}));
    CHECK_FALSE(is_possible({4, 8}));
    CHECK_FALSE(is_possible({0, 0}));
    CHECK_FALSE(is_possible({200, 255}));
}
