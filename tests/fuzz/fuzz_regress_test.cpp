// SPDX-License-Identifier: Apache-2.0
// Every fuzz target in the ordinary run: its seeds, and a few thousand mutations that are the
// same every time.
#include <catch2/catch.hpp>

#include "tests/fuzz/mutate.hpp"
#include "tests/fuzz/targets.hpp"

using namespace trellis;
using namespace trellis::test;

namespace {

constexpr int mutations = 3000;

}  // namespace

TEST_CASE("every reader of strangers' bytes stands its seeds and their mutations", "[fuzz]") {
    for (const auto& target : fuzz_targets()) {
        const auto seeds = target.seeds();
        CAPTURE(target.name);
        REQUIRE_FALSE(seeds.empty());
        target.run({});
        for (const auto& seed : seeds) target.run(seed);
        Mutator mutator(seeds);
        for (int i = 0; i < mutations; ++i) target.run(mutator.next());
    }
}

TEST_CASE("every seed that is cut short at any place is stood", "[fuzz]") {
    for (const auto& target : fuzz_targets()) {
        CAPTURE(target.name);
        for (const auto& seed : target.seeds()) {
            const std::size_t step = seed.size() / 200 + 1;
            for (std::size_t size = 0; size < seed.size(); size += step) {
                target.run(ByteView(seed).first(size));
            }
        }
    }
}

TEST_CASE("a mutator gives the same bytes every time, and not only its seeds", "[fuzz]") {
    const std::vector<Bytes> seeds = {Bytes(40, 1), Bytes(50, 2)};
    Mutator one(seeds);
    Mutator other(seeds);
    int different = 0;
    for (int i = 0; i < 100; ++i) {
        const auto bytes = one.next();
        REQUIRE(bytes == other.next());
        different += bytes != seeds[0] && bytes != seeds[1] ? 1 : 0;
    }
    REQUIRE(different > 90);
}
