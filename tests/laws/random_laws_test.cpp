// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <cstdlib>
#include <iostream>

#include "tests/laws/ops.hpp"
#include "tests/laws/walk.hpp"

namespace trellis::laws {
namespace {

std::uint64_t seeds() {
    const char* wanted = std::getenv("TRELLIS_LAWS_SEEDS");
    return wanted == nullptr ? 600 : static_cast<std::uint64_t>(std::atoll(wanted));
}

Names any_names(std::mt19937_64& random) {
    const auto pick = random() % 8;
    return pick == 0 ? Names::none : pick == 1 ? Names::oldest : Names::all;
}

Act any_write(std::mt19937_64& random) {
    Act act;
    for (core::FieldId field = 1; field <= 3; ++field) {
        if (random() % 2 == 0) continue;
        act.push_back({Verb::assign, field, static_cast<int>(random() % 4), any_names(random)});
    }
    for (core::FieldId field = 4; field <= 5; ++field) {
        for (int what = 0; what < 8; ++what) {
            if (random() % 8 == 0) act.push_back({Verb::add, field, what});
            if (random() % 8 == 0) act.push_back({Verb::remove, field, what, any_names(random)});
        }
    }
    if (act.empty() || random() % 2 == 0) {
        act.push_back({Verb::increment, 6, static_cast<int>(random() % 9) - 4});
    }
    return act;
}

Act any_act(std::mt19937_64& random) {
    const auto pick = random() % 24;
    const auto what = static_cast<int>(random() % 5);
    // Fields 7 and 1: the second holds a register as well.
    const core::FieldId status = random() % 4 == 0 ? 1 : 7;
    if (pick < 2) return {{Verb::raise, status, what}};
    if (pick < 4) return {{Verb::advance, status, what, any_names(random)}};
    if (pick < 5) return {{Verb::close, status, 0, any_names(random)}};
    if (pick < 7) return {{Verb::link, 0, what}};
    if (pick < 9) return {{Verb::unlink, 0, what, any_names(random)}};
    if (pick < 10) return {{Verb::erase}};
    if (pick < 11) return {{Verb::restore, 0, 0, any_names(random)}};
    if (pick < 12) return {{Verb::append, 8}};
    if (pick < 13) return {{Verb::unknown}};
    return any_write(random);
}

struct Play {
    History history;
    std::vector<Act> acts;
    Story story;
};

void begin(Play& play, std::mt19937_64& random) {
    play.history = random_history(random, 1 + random() % 200, 2 + random() % 7);
    for (std::size_t e = 0; e < play.history.size(); ++e) play.acts.push_back(any_act(random));
    play.story.history = &play.history;
    for (const auto& act : play.acts) {
        play.story.acts.push_back(&act);
        play.story.stamps.push_back({static_cast<Time>(random() % 50),
                                     static_cast<ClockQuality>(random() % 4)});
    }
}

/// One device receives the whole in one order, and is looked at now and then on the way.
std::optional<std::string> deliver(const Spec& spec, const std::vector<core::Op>& ops,
                                   std::mt19937_64& random, Held& held) {
    EventSet seen;
    for (const auto e : random_order(random, *spec.story().history)) {
        held.apply(spec.story().dot(e), spec.story().stamps[e], ops[e]);
        seen.set(e);
        if (random() % 40 != 0) continue;
        if (auto wrong = difference(spec, seen, held)) return wrong;
    }
    return difference(spec, seen, held);
}

TEST_CASE("long histories of many replicas end the same in any order, as specified", "[laws]") {
    std::uint64_t arrivals = 0;
    for (std::uint64_t seed = 1; seed <= seeds(); ++seed) {
        std::mt19937_64 random(seed);
        Play play;
        begin(play, random);
        Spec spec(play.story);
        std::vector<core::Op> ops;
        for (std::size_t e = 0; e < play.history.size(); ++e) {
            spec.note(e);
            ops.push_back(op_of(spec, e));
        }
        CAPTURE(seed, play.history.size());
        Held first;
        for (int order = 0; order < 3; ++order) {
            Held held;
            const auto wrong = deliver(spec, ops, random, held);
            INFO(wrong.value_or(""));
            REQUIRE_FALSE(wrong.has_value());
            if (order == 0) first = held;
            REQUIRE(held == first);
            arrivals += ops.size();
        }
    }
    std::cout << "random: " << seeds() << " histories of up to 200 ops on up to 8 replicas, "
              << arrivals << " arrivals\n";
}

}  // namespace
}  // namespace trellis::laws
