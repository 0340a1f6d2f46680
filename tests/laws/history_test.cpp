// SPDX-License-Identifier: Apache-2.0
#include "tests/laws/history.hpp"

#include <catch2/catch.hpp>

#include <cstdint>

namespace trellis::laws {
namespace {

struct Count {
    std::size_t histories = 0;
    std::size_t apart = 0;
    std::size_t sets = 0;
    std::size_t edges = 0;
    std::uint64_t orders = 0;
};

Count counted(std::size_t events) {
    Count count{all_histories(events, 3).size(), 0, 0, 0, 0};
    for (const auto& history : histories_up_to_renaming(events, 3)) {
        const auto sets = closed_sets(history);
        ++count.apart;
        count.sets += sets.size();
        for (const auto& set : sets) count.edges += set.edges.size();
        count.orders += delivery_orders(sets);
    }
    return count;
}

TEST_CASE("on two replicas there are as many histories as the Catalan numbers say", "[laws]") {
    const std::vector<std::size_t> catalan{1, 2, 5, 14, 42, 132, 429};
    for (std::size_t events = 0; events < catalan.size(); ++events) {
        CHECK(all_histories(events, 2).size() == catalan[events]);
    }
}

TEST_CASE("every history of up to six ops on three replicas is enumerated once", "[laws]") {
    const std::vector<Count> expected{{12, 3, 10, 8, 4},
                                      {58, 12, 60, 61, 25},
                                      {321, 58, 390, 438, 176},
                                      {1968, 339, 3006, 3713, 1756},
                                      {13078, 2209, 25055, 33354, 20944}};
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto count = counted(i + 2);
        CAPTURE(i + 2);
        CHECK(count.histories == expected[i].histories);
        CHECK(count.apart == expected[i].apart);
        CHECK(count.sets == expected[i].sets);
        CHECK(count.edges == expected[i].edges);
        CHECK(count.orders == expected[i].orders);
    }
}

TEST_CASE("what an event has seen is closed, and comes before it", "[laws]") {
    std::mt19937_64 random(1);
    const auto history = random_history(random, 200, 8);
    for (std::size_t e = 0; e < history.size(); ++e) {
        for (std::size_t p = 0; p < history.size(); ++p) {
            if (!history[e].past[p]) continue;
            CHECK(p < e);
            CHECK((history[p].past & ~history[e].past).none());
        }
    }
}

}  // namespace
}  // namespace trellis::laws
