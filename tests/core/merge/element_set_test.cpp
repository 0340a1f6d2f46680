// SPDX-License-Identifier: Apache-2.0
#include "core/merge/element_set.hpp"

#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "tests/core/merge/people.hpp"

namespace trellis::core {
namespace {

TEST_CASE("a removal takes away the adds that it saw", "[core]") {
    ElementSet tags;
    tags.apply(alice(1), {{text("food"), text("housing")}, {}});
    tags.apply(bob(1), {{}, {{text("food"), {alice(1)}}}});
    CHECK(tags.find(text("food")) == nullptr);
    CHECK(tags.find(text("housing")) != nullptr);
}

TEST_CASE("an element added again meanwhile survives a removal", "[core]") {
    ElementSet tags;
    tags.apply(alice(1), {{text("food")}, {}});
    tags.apply(carol(1), {{text("food")}, {}});
    tags.apply(bob(1), {{}, {{text("food"), {alice(1)}}}});
    REQUIRE(tags.find(text("food")) != nullptr);
    CHECK(tags.find(text("food"))->adds == std::vector<Dot>{carol(1)});
}

TEST_CASE("a removed element can be added again", "[core]") {
    ElementSet tags;
    tags.apply(alice(1), {{text("food")}, {}});
    tags.apply(alice(2), {{}, {{text("food"), {alice(1)}}}});
    CHECK(tags.elements.empty());
    tags.apply(alice(3), {{text("food")}, {}});
    CHECK(tags.find(text("food")) != nullptr);
}

TEST_CASE("a removal of one element leaves the others of the same op", "[core]") {
    ElementSet tags;
    tags.apply(alice(1), {{text("food"), text("housing")}, {}});
    tags.apply(bob(1), {{}, {{text("housing"), {alice(1)}}}});
    CHECK(tags.find(text("food")) != nullptr);
}

TEST_CASE("an op with as many values as an op may hold is taken in whole", "[core]") {
    EditSet large;
    EditSet larger;
    for (std::size_t i = 0; i < limits::op_values_max; ++i) {
        large.add.push_back(number(static_cast<std::int64_t>(2 * i)));
        larger.add.push_back(number(static_cast<std::int64_t>(2 * i + 1)));
    }
    ElementSet set;
    set.apply(alice(1), large);
    set.apply(bob(1), larger);
    REQUIRE(set.elements.size() == 2 * limits::op_values_max);
    for (std::size_t i = 0; i < set.elements.size(); ++i) {
        REQUIRE(set.elements[i].value == number(static_cast<std::int64_t>(i)));
    }
}

TEST_CASE("values of different types are different elements", "[core]") {
    ElementSet set;
    set.apply(alice(1), {{Value(), Value(false), number(0), Value(0.0), text("")}, {}});
    CHECK(set.elements.size() == 5);
}

}  // namespace
}  // namespace trellis::core
