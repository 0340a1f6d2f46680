// SPDX-License-Identifier: Apache-2.0
#include "sync/device/backoff.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

#include "tests/support/fake_env.hpp"

using namespace trellis;

TEST_CASE("each failure doubles the range of the next delay, up to a minute", "[sync]") {
    std::vector<std::int64_t> largest(8, 0);
    std::vector<std::int64_t> least(8, sync::Backoff::most_ms);
    for (std::uint64_t seed = 1; seed <= 2'000; ++seed) {
        test::FakeEnv env(seed);
        sync::Backoff backoff(env);
        for (std::size_t i = 0; i < largest.size(); ++i) {
            const auto delay = backoff.next_delay_ms();
            largest[i] = std::max(largest[i], delay);
            least[i] = std::min(least[i], delay);
        }
    }
    for (std::size_t i = 0; i < largest.size(); ++i) {
        const auto ceiling = std::min<std::int64_t>(2'000 << i, 60'000);
        CAPTURE(i);
        REQUIRE(least[i] >= 1'000);
        REQUIRE(largest[i] <= ceiling);
        // The whole range is used.
        REQUIRE(largest[i] > ceiling - ceiling / 20);
        REQUIRE(least[i] < 1'000 + ceiling / 20);
    }
}

TEST_CASE("a welcome puts the delay back to the start", "[sync]") {
    test::FakeEnv env;
    sync::Backoff backoff(env);
    for (int i = 0; i < 20; ++i) backoff.next_delay_ms();
    backoff.reset();
    REQUIRE(backoff.next_delay_ms() <= 2'000);
}
