// SPDX-License-Identifier: Apache-2.0
#include "tests/laws/history.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <set>
#include <string>

#include "tests/laws/ops.hpp"

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

/// The events of a closed set, as the history that they are.
History part_of(const History& whole, const EventSet& events) {
    std::vector<std::size_t> places(whole.size());
    History part;
    for (std::size_t e = 0; e < whole.size(); ++e) {
        if (!events[e]) continue;
        places[e] = part.size();
        Event event{whole[e].replica, whole[e].number, {}};
        for (std::size_t p = 0; p < e; ++p) {
            if (whole[e].past[p]) event.past.set(places[p]);
        }
        part.push_back(event);
    }
    return part;
}

std::string written(const History& history) {
    std::string text;
    for (const auto& event : history) {
        text += std::to_string(event.replica) + event.past.to_string().substr(events_max - 8) + " ";
    }
    return text;
}

TEST_CASE("a closed set of events is one of the smaller histories", "[laws]") {
    std::set<std::string> known;
    for (std::size_t events = 0; events <= 5; ++events) {
        for (const auto& history : all_histories(events, 3)) {
            known.insert(written(history));
            for (const auto& set : closed_sets(history)) {
                REQUIRE(known.contains(written(part_of(history, set.events))));
            }
        }
    }
}

TEST_CASE("what the author of an event sends depends on its past alone", "[laws]") {
    // The same deeds in a history and in the part of it that the event has seen.
    const std::vector<Act> acts{{{Verb::assign, 1, 0}},
                                {{Verb::remove, 2, 0, Names::oldest}, {Verb::add, 2, 0}},
                                {{Verb::link, 0, 1}},
                                {{Verb::unlink, 0, 1}},
                                {{Verb::advance, 3, 2, Names::oldest}},
                                {{Verb::erase}}};
    for (const auto& history : all_histories(5, 3)) {
        Story story{&history, {}, std::vector<Stamp>(5)};
        for (const auto& event : history) {
            story.acts.push_back(&acts[(event.replica * 2 + event.number) % acts.size()]);
        }
        Spec spec(story);
        for (std::size_t e = 0; e < 5; ++e) spec.note(e);
        auto seen = history[4].past;
        seen.set(4);
        const auto part = part_of(history, seen);
        Story shorter{&part, {}, std::vector<Stamp>(part.size())};
        for (std::size_t e = 0; e < 5; ++e) {
            if (seen[e]) shorter.acts.push_back(story.acts[e]);
        }
        Spec shorter_spec(shorter);
        for (std::size_t e = 0; e < part.size(); ++e) shorter_spec.note(e);
        REQUIRE(op_of(spec, 4) == op_of(shorter_spec, part.size() - 1));
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
