// SPDX-License-Identifier: Apache-2.0
#include "core/merge/record_state.hpp"

#include <catch2/catch.hpp>

#include <limits>

#include "core/base/limits.hpp"
#include "tests/core/merge/people.hpp"

namespace trellis::core {
namespace {

Op creating() { return op_of(Write{true, {{1, Assign{{}, text("x")}}}}); }

TEST_CASE("the creation with the smallest dot counts, whichever arrives first", "[core]") {
    const Said by_alice{alice(7), at(700), creating()};
    const Said by_bob{bob(2), at(200), creating()};
    for (const auto& state : {told({by_alice, by_bob}), told({by_bob, by_alice})}) {
        CHECK(state.created == alice(7));
        CHECK(state.created_at == at(700));
    }
}

TEST_CASE("a record that is only edited has no known creation", "[core]") {
    CHECK_FALSE(told({{alice(2), at(1), put(1, {}, text("x"))}}).created.has_value());
}

TEST_CASE("increments from everywhere add up", "[core]") {
    const auto plus = [](std::int64_t by) { return op_of(Write{false, {{3, Increment{by}}}}); };
    const auto state =
        told({{alice(1), at(1), plus(5)}, {bob(1), at(1), plus(-2)}, {bob(2), at(1), plus(10)}});
    CHECK(state.find<Tally>(3)->sum == 13);
}

TEST_CASE("a counter that overflows is the same in any order", "[core]") {
    constexpr auto huge = std::numeric_limits<std::int64_t>::max();
    Tally up{huge};
    up.apply({1});
    up.apply({-1});
    CHECK(up.sum == huge);
    Tally down{-huge};
    down.apply({-limits::increment_max});
    down.apply({limits::increment_max});
    CHECK(down.sum == -huge);
}

TEST_CASE("a write edits several fields at once, and leaves the rest", "[core]") {
    const Write write{
        false, {{1, Assign{{}, text("x")}}, {2, EditSet{{text("y")}, {}}}, {3, Increment{4}}}};
    const auto state = told({{alice(1), at(1), put(9, {}, text("left alone"))},
                             {alice(2), at(2), op_of(write)}});
    CHECK(state.fields.size() == 4);
    CHECK(state.find<Register>(1)->heads[0].value == text("x"));
    CHECK(state.find<ElementSet>(2)->find(text("y")) != nullptr);
    CHECK(state.find<Tally>(3)->sum == 4);
    CHECK(state.find<Register>(9)->heads[0].value == text("left alone"));
}

TEST_CASE("kinds that disagree about one field stand side by side in any order", "[core]") {
    const Said as_register{alice(1), at(1), put(1, {}, text("x"))};
    const Said as_set{bob(1), at(1), edit(1, {text("y")}, {})};
    const auto state = told({as_register, as_set});
    CHECK(state == told({as_set, as_register}));
    CHECK(state.find<Register>(1)->heads.size() == 1);
    CHECK(state.find<ElementSet>(1)->elements.size() == 1);
    CHECK(state.find<Tally>(1) == nullptr);
}

TEST_CASE("to take out of a field that holds nothing makes nothing", "[core]") {
    const auto state = told({{alice(1), at(1), edit(1, {}, {{text("x"), {}}})},
                             {alice(2), at(1), op_of(CloseTokens{2, {}, ""})},
                             {alice(3), at(1), op_of(Advance{2, bob(1), 3})}});
    CHECK(state.fields.empty());
}

TEST_CASE("an op of a kind from the future freezes the record and counts as a write", "[core]") {
    const auto state = told({{bob(1), at(1), op_of(UnknownOp{200, {1}})},
                             {alice(1), at(1), op_of(UnknownOp{201, {2}})}});
    CHECK(state.frozen_by == std::vector<Dot>{alice(1), bob(1)});
    CHECK(state.writes.counter(bob(1).actor) == 1);
}

TEST_CASE("an entry of a log leaves its mark among the writes and no field", "[core]") {
    const auto state = told({{alice(3), at(1), op_of(Append{5, {{1, text("called")}}})}});
    CHECK(state.writes.counter(alice(3).actor) == 3);
    CHECK(state.fields.empty());
}

TEST_CASE("the op just taken in may be taken in again", "[core]") {
    const std::vector<Op> ops{creating(),
                              put(1, {alice(1)}, text("y")),
                              edit(2, {text("a")}, {}),
                              op_of(Raise{3, 1}),
                              op_of(Advance{3, alice(4), 2}),
                              op_of(CloseTokens{3, {alice(4)}, ""}),
                              op_of(Delete{seen({alice(6)}), ""}),
                              op_of(Restore{{alice(7)}}),
                              op_of(UnknownOp{200, {}})};
    RecordState state;
    Counter counter = 0;
    for (const auto& op : ops) {
        state.apply(alice(++counter), at(1), op);
        const auto before = state;
        state.apply(alice(counter), at(1), op);
        CAPTURE(counter);
        CHECK(state == before);
    }
}

}  // namespace
}  // namespace trellis::core
