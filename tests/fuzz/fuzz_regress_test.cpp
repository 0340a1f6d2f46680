// SPDX-License-Identifier: Apache-2.0
// Every fuzz target in the ordinary run: its seeds, and a few thousand mutations that are the
// same every time.
#include <catch2/catch.hpp>

#include "tests/fuzz/mutate.hpp"
#include "tests/fuzz/targets.hpp"

using namespace trellis;
using namespace trellis::test;

namespace {

/// A few for those that open databases and sign: milliseconds each.
int mutations(const FuzzTarget& target) { return target.is_slow ? 40 : 3000; }

/// So many of a slow target's seeds, spread over all.
std::vector<Bytes> some_seeds(const FuzzTarget& target, std::size_t most) {
    auto seeds = target.seeds();
    if (!target.is_slow || seeds.size() <= most) return seeds;
    std::vector<Bytes> some;
    for (std::size_t i = 0; i < most; ++i) some.push_back(seeds[i * seeds.size() / most]);
    return some;
}

}  // namespace

TEST_CASE("every reader of strangers' bytes stands its seeds and their mutations", "[fuzz]") {
    for (const auto& target : fuzz_targets()) {
        const auto seeds = target.seeds();
        CAPTURE(target.name);
        REQUIRE_FALSE(seeds.empty());
        target.run({});
        for (const auto& seed : seeds) target.run(seed);
        Mutator mutator(seeds);
        for (int i = 0; i < mutations(target); ++i) target.run(mutator.next());
    }
}

TEST_CASE("what fuzzing has found is stood", "[fuzz]") {
    std::size_t inputs = 0;
    for (const auto& target : fuzz_targets()) {
        CAPTURE(target.name);
        for (const auto& input : corpus(target.name)) {
            target.run(input);
            ++inputs;
        }
    }
    REQUIRE(inputs > 0);
}

TEST_CASE("every seed that is cut short at any place is stood", "[fuzz]") {
    for (const auto& target : fuzz_targets()) {
        CAPTURE(target.name);
        for (const auto& seed : some_seeds(target, 4)) {
            const std::size_t step = seed.size() / (target.is_slow ? 10 : 200) + 1;
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
