// SPDX-License-Identifier: Apache-2.0
#include "core/merge/resolver.hpp"

#include <catch2/catch.hpp>

#include "tests/core/merge/people.hpp"

namespace trellis::core {
namespace {

Value shown_of(const std::vector<Head>& heads, const Field& field) {
    return heads[shown_head(heads, field)].value;
}

TEST_CASE("the later of two good clocks is shown", "[core]") {
    const std::vector<Head> heads{{alice(1), at(200), text("late")},
                                  {bob(9), at(100), text("early")}};
    CHECK(shown_of(heads, field_with(Resolver::latest)) == text("late"));
    CHECK(shown_of(heads, field_with(Resolver::manual)) == text("late"));
}

TEST_CASE("a clock that the relay vouched for beats one from the future", "[core]") {
    const std::vector<Head> heads{
        {alice(1), at(9'000'000, ClockQuality::plausible), text("from a wrong clock")},
        {bob(1), at(100, ClockQuality::synced), text("from a good clock")}};
    CHECK(shown_of(heads, field_with(Resolver::latest)) == text("from a good clock"));
}

TEST_CASE("at equal times the larger counter is shown, then the larger actor", "[core]") {
    const auto latest = field_with(Resolver::latest);
    const Head by_bob{bob(1), at(1), text("bob's")};
    CHECK(shown_of({{alice(2), at(1), text("alice's")}, by_bob}, latest) == text("alice's"));
    CHECK(shown_of({{alice(1), at(1), text("alice's")}, by_bob}, latest) == text("bob's"));
}

TEST_CASE("max and min go by value, whatever the clocks", "[core]") {
    const std::vector<Head> heads{{alice(1), at(1), number(9)},
                                  {bob(1), at(2), number(10)},
                                  {carol(1), at(3), number(-1)}};
    CHECK(shown_of(heads, field_with(Resolver::max)) == number(10));
    CHECK(shown_of(heads, field_with(Resolver::min)) == number(-1));
}

TEST_CASE("to clear a field never hides a value written meanwhile", "[core]") {
    const std::vector<Head> heads{{alice(1), at(1), number(5)}, {bob(1), at(2), Value()}};
    CHECK(shown_of(heads, field_with(Resolver::max)) == number(5));
    CHECK(shown_of(heads, field_with(Resolver::min)) == number(5));
    CHECK(shown_of(heads, field_with(Resolver::protect, {number(5), number(6)})) == number(5));
    CHECK(is_conflict(heads));
}

TEST_CASE("a schema may say that an empty field protects most", "[core]") {
    const std::vector<Head> heads{{alice(1), at(2), number(5)}, {bob(1), at(1), Value()}};
    CHECK(shown_of(heads, field_with(Resolver::protect, {number(5), Value()})) == Value());
}

TEST_CASE("a code that this program does not know protects more than all it knows", "[core]") {
    const auto rule = field_with(Resolver::protect, {text("any"), text("never")});
    const std::vector<Head> heads{{alice(1), at(1), text("only_by_court")},
                                  {bob(1), at(2), text("never")}};
    CHECK(shown_of(heads, rule) == text("only_by_court"));
}

TEST_CASE("of equally protective values the later is shown", "[core]") {
    const auto rule = field_with(Resolver::protect, {text("any"), text("never")});
    const std::vector<Head> heads{{alice(1), at(1), text("unknown_a")},
                                  {bob(1), at(2), text("unknown_b")}};
    CHECK(shown_of(heads, rule) == text("unknown_b"));
}

TEST_CASE("one value is never a conflict, two different ones are", "[core]") {
    CHECK_FALSE(is_conflict({}));
    CHECK_FALSE(is_conflict({{alice(1), at(1), number(1)}}));
    CHECK_FALSE(is_conflict({{alice(1), at(1), number(1)}, {bob(1), at(9), number(1)}}));
    CHECK(is_conflict({{alice(1), at(1), number(1)}, {bob(1), at(1), number(2)}}));
}

}  // namespace
}  // namespace trellis::core
