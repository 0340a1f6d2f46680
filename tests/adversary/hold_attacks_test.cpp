// SPDX-License-Identifier: Apache-2.0
// B-15: a member seals work that depends on what nobody has.
#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "tests/support/replicas.hpp"

using namespace trellis;
using trellis::test::Replicas;

namespace {

std::int64_t held(Replicas& replicas, std::size_t at, const char* what) {
    return *replicas[at].store().database.integer(std::string("SELECT ") + what + " FROM _held");
}

/// The second device changes, `count` times, a record that the victim has never heard of.
RecordId build_on_nothing(Replicas& replicas, std::size_t count) {
    const auto record = replicas.put(2, R"({"name":"unseen"})");
    replicas.carry(2, 1);
    for (std::size_t i = 0; i < count; ++i) {
        REQUIRE(replicas.set(1, record, R"({"name":")" + std::to_string(i) + R"("})").has_value());
        REQUIRE(replicas[1].seal().has_value());
    }
    return record;
}

}  // namespace

TEST_CASE("B-15 work that depends on nothing there is waits, up to a limit", "[adversary]") {
    Replicas replicas(3);
    const auto record = build_on_nothing(replicas, limits::hold_envelopes_max);
    const auto shown = replicas.digest(0);
    replicas.carry(1, 0);
    CHECK(held(replicas, 0, "count(*)") == std::int64_t{limits::hold_envelopes_max});
    CHECK(held(replicas, 0, "sum(length(body))") <= std::int64_t{limits::hold_bytes_max});
    CHECK(replicas.digest(0) == shown);
    SECTION("again and again it takes no more room") {
        replicas.carry(1, 0);
        CHECK(held(replicas, 0, "count(*)") == std::int64_t{limits::hold_envelopes_max});
    }
    SECTION("one more is refused, with nothing lost or half done") {
        REQUIRE(replicas.set(1, record, R"({"name":"more"})").has_value());
        const auto runs = replicas[1].outbox(replicas.space(), 0, SIZE_MAX);
        REQUIRE(runs.has_value());
        const auto taken = replicas[0].receive_repair(replicas.space(), *runs);
        REQUIRE_FALSE(taken.has_value());
        CHECK(taken.error().code == Code::too_large);
        CHECK(held(replicas, 0, "count(*)") == std::int64_t{limits::hold_envelopes_max});
        // The others' work is taken in all the same.
        replicas.put(2, R"({"name":"other"})");
        CHECK(replicas.carry(2, 0).envelopes > 0);
        CHECK(held(replicas, 0, "count(*)") == 0);
        replicas.carry(1, 0);
        replicas.carry(2, 1);
        CHECK(replicas.digest(0) == replicas.digest(1));
    }
    SECTION("what it depends on comes") {
        CHECK(replicas.carry(2, 0).envelopes > 0);
        CHECK(held(replicas, 0, "count(*)") == 0);
        CHECK(replicas.digest(0) == replicas.digest(1));
        CHECK(replicas.problems(0).empty());
    }
}
