// SPDX-License-Identifier: Apache-2.0
#include "core/merge/register.hpp"

#include <catch2/catch.hpp>

#include "tests/core/merge/people.hpp"

namespace trellis::core {
namespace {

TEST_CASE("a write replaces the value that its author saw", "[core]") {
    Register phone;
    phone.apply(alice(1), at(1), {{}, text("111")});
    phone.apply(bob(1), at(2), {{alice(1)}, text("222")});
    REQUIRE(phone.heads.size() == 1);
    CHECK(phone.heads[0] == Head{bob(1), at(2), text("222")});
}

TEST_CASE("a write leaves the values that its author had not seen", "[core]") {
    Register phone;
    phone.apply(alice(1), at(1), {{}, text("111")});
    phone.apply(carol(1), at(3), {{alice(1)}, text("333")});
    phone.apply(bob(1), at(2), {{alice(1)}, text("222")});
    REQUIRE(phone.heads.size() == 2);
    CHECK(phone.heads[0].value == text("222"));
    CHECK(phone.heads[1].value == text("333"));
}

TEST_CASE("one person's second write keeps what it does not name", "[core]") {
    Register phone;
    phone.apply(alice(1), at(1), {{}, text("111")});
    phone.apply(alice(2), at(2), {{}, text("222")});
    CHECK(phone.heads.size() == 2);
}

TEST_CASE("equal values from two people are two heads and no conflict", "[core]") {
    Register phone;
    phone.apply(bob(1), at(1), {{}, text("111")});
    phone.apply(alice(1), at(2), {{}, text("111")});
    CHECK(phone.heads.size() == 2);
    CHECK_FALSE(is_conflict(phone.heads));
    phone.apply(carol(1), at(3), {{alice(1), bob(1)}, text("333")});
    CHECK(phone.heads.size() == 1);
}

TEST_CASE("three hundred concurrent values all stay, in the order of their dots", "[core]") {
    Register crowded;
    for (int i = 300; i > 0; --i) {
        Dot dot = alice(1);
        dot.actor.bytes[1] = static_cast<std::uint8_t>(i / 256);
        dot.actor.bytes[2] = static_cast<std::uint8_t>(i % 256);
        crowded.apply(dot, at(i), {{}, number(i)});
    }
    REQUIRE(crowded.heads.size() == 300);
    for (std::size_t i = 1; i < crowded.heads.size(); ++i) {
        CHECK(crowded.heads[i - 1].dot < crowded.heads[i].dot);
    }
}

}  // namespace
}  // namespace trellis::core
