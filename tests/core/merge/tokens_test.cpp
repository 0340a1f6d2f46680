// SPDX-License-Identifier: Apache-2.0
#include "core/merge/tokens.hpp"

#include <catch2/catch.hpp>

#include "tests/core/merge/people.hpp"

namespace trellis::core {
namespace {

TEST_CASE("no alarm, no level", "[core]") { CHECK(Tokens{}.level() == std::nullopt); }

TEST_CASE("an alarm at the lowest level is an alarm", "[core]") {
    Tokens alarms;
    alarms.raise(alice(1), at(1), 0);
    CHECK(alarms.level() == 0);
}

TEST_CASE("the level is that of the highest open alarm", "[core]") {
    Tokens alarms;
    alarms.raise(alice(1), at(1), 2);
    alarms.raise(bob(1), at(2), 1);
    CHECK(alarms.level() == 2);
    alarms.close({alice(1)});
    CHECK(alarms.level() == 1);
}

TEST_CASE("an alarm is lifted and never lowered", "[core]") {
    Tokens alarms;
    alarms.raise(alice(1), at(1), 1);
    alarms.advance(alice(1), 3);
    alarms.advance(alice(1), 2);
    CHECK(alarms.level() == 3);
}

TEST_CASE("to advance a closed alarm does not open it", "[core]") {
    Tokens alarms;
    alarms.raise(alice(1), at(1), 1);
    alarms.close({alice(1)});
    alarms.advance(alice(1), 3);
    CHECK(alarms.open.empty());
}

TEST_CASE("an alarm raised twice by a repeated op keeps its level", "[core]") {
    Tokens alarms;
    alarms.raise(alice(1), at(1), 1);
    alarms.advance(alice(1), 3);
    alarms.raise(alice(1), at(1), 1);
    CHECK(alarms.open == std::vector<Tokens::Token>{{alice(1), at(1), 3}});
}

}  // namespace
}  // namespace trellis::core
