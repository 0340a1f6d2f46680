// SPDX-License-Identifier: Apache-2.0
// Every fuzz target in the ordinary run: its seeds, what fuzzing has found, and about 3.5 seconds
// of mutations, the same every time: a minute for all. tests/fuzz/run is a minute for each.
#include <catch2/catch.hpp>

#include <map>

#include "tests/fuzz/mutate.hpp"
#include "tests/fuzz/targets.hpp"

using namespace trellis;
using namespace trellis::test;

namespace {

/// What an input takes, very roughly; those that are not named take less than two.
const std::map<std::string, int> microseconds{
    {"bundle", 3'000},        {"csv", 50},         {"database", 7'000}, {"device_session", 5'700},
    {"envelope", 30},         {"handshake", 220},  {"inbox", 40},       {"json", 14},
    {"merge", 85},            {"oneroster", 85},   {"pin_and_base32", 22}, {"recovery_sheet", 8},
    {"relay_session", 3'000}, {"rescue_text", 70}, {"verbs", 2'500}};

/// How many make about 3.5 seconds: a number, so that everybody runs the same.
int mutations(const FuzzTarget& target) {
    const auto known = microseconds.find(target.name);
    const int usual = target.is_slow ? 10'000 : 2;
    return 3'500'000 / (known == microseconds.end() ? usual : known->second);
}

void run_all(const std::vector<FuzzTarget>& targets) {
    for (const auto& target : targets) {
        auto inputs = target.seeds();
        CAPTURE(target.name);
        REQUIRE_FALSE(inputs.empty());
        target.run({});
        for (const auto& seed : inputs) target.run(seed);
        for (auto& found : corpus(target.name)) inputs.push_back(std::move(found));
        Mutator mutator(inputs);
        for (int i = 0; i < mutations(target); ++i) {
            target.run(target.is_script && i % 2 == 0 ? mutator.next_script() : mutator.next());
        }
    }
}

std::vector<FuzzTarget> both(std::vector<FuzzTarget> one, const std::vector<FuzzTarget>& other) {
    one.insert(one.end(), other.begin(), other.end());
    return one;
}

/// So many of a slow target's seeds, spread over all.
std::vector<Bytes> some_seeds(const FuzzTarget& target, std::size_t most) {
    auto seeds = target.seeds();
    if (!target.is_slow || seeds.size() <= most) return seeds;
    std::vector<Bytes> some;
    for (std::size_t i = 0; i < most; ++i) some.push_back(seeds[i * seeds.size() / most]);
    return some;
}

}  // namespace

TEST_CASE("every reader of sealed and signed bytes stands mutations of its seeds", "[fuzz]") {
    run_all(crypto_targets());
}

TEST_CASE("every reader of records and files stands mutations of its seeds", "[fuzz]") {
    run_all(both(record_targets(), outside_targets()));
}

TEST_CASE("both sides of a session stand mutations of what they are told", "[fuzz]") {
    run_all(both(relay_targets(), device_targets()));
}

TEST_CASE("a replica stands mutations of what it is asked and brought", "[fuzz]") {
    run_all(replica_targets());
}

TEST_CASE("a database and merging stand mutations", "[fuzz]") {
    run_all(both(database_targets(), merge_targets()));
}

TEST_CASE("every target is run with mutations", "[fuzz]") {
    std::size_t in_cases = 0;
    for (const auto& list : {crypto_targets(), record_targets(), outside_targets(), relay_targets(),
                             device_targets(), replica_targets(), database_targets(),
                             merge_targets()}) {
        in_cases += list.size();
    }
    CHECK(in_cases == fuzz_targets().size());
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
