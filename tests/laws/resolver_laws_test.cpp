// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "core/merge/resolver.hpp"
#include "tests/laws/ledger.hpp"

namespace trellis::laws {
namespace {

using core::Resolver;

std::vector<core::Field> registers() {
    std::vector<core::Field> fields;
    for (const auto resolver : {Resolver::latest, Resolver::manual, Resolver::max, Resolver::min,
                                Resolver::protect}) {
        core::Field field;
        field.id = 1;
        field.resolver = resolver;
        // 0 is in no order: more protective than both.
        field.protect_order = {core::Value(std::int64_t{2}), core::Value(std::int64_t{1})};
        fields.push_back(field);
    }
    return fields;
}

Look shown_as_specified(const std::vector<core::Field>& fields) {
    return [&fields](const Spec& spec, const EventSet& seen,
                     const Held& held) -> std::optional<std::string> {
        const auto* state = held.record.find<core::Register>(1);
        if (state == nullptr) return "no register";
        for (const auto& field : fields) {
            const auto& shown = state->heads[core::shown_head(state->heads, field)];
            if (shown.value != spec.shown(seen, field)) {
                return "resolver " + std::to_string(static_cast<int>(field.resolver)) +
                       " shows another value";
            }
        }
        if (core::is_conflict(state->heads) != spec.is_conflict(seen, 1)) {
            return "conflict is wrong";
        }
        return std::nullopt;
    };
}

/// Three values, so that a tie between two leaves a third to lose.
const std::vector<Act> three_values{{{Verb::assign, 1, 0}},
                                    {{Verb::assign, 1, 1}},
                                    {{Verb::assign, 1, 2}}};
const std::vector<Stamp> three_clocks{{100, ClockQuality::synced},
                                      {200, ClockQuality::precise},
                                      {300, ClockQuality::plausible}};

TEST_CASE("every resolver shows what the history says, whatever the clocks", "[laws]") {
    const auto fields = registers();
    must_hold({"resolvers, values by clocks",
               choices({three_values[0], three_values[2]}, three_clocks),
               shown_as_specified(fields)}, 4);
    // A value that is early and late, one that is vouched for, one whose clock is ahead.
    must_hold({"resolvers", {{three_values[0], three_clocks[0]},
                             {three_values[1], three_clocks[1]},
                             {three_values[2], three_clocks[2]},
                             {three_values[0], three_clocks[2]}},
               shown_as_specified(fields)}, 5);
}

TEST_CASE("every resolver breaks ties as the history says, where clocks say nothing", "[laws]") {
    const auto fields = registers();
    must_hold({"resolvers, one clock", choices(three_values, {{0, ClockQuality::plausible}}),
               shown_as_specified(fields)}, 5);
}

TEST_CASE("blind writes leave many values, and one is shown", "[laws]") {
    const auto fields = registers();
    must_hold({"resolvers, blind writes",
               choices({{{Verb::assign, 1, 0, Names::none}}, {{Verb::assign, 1, 1, Names::none}}},
                       three_clocks),
               shown_as_specified(fields)}, 4);
}

}  // namespace
}  // namespace trellis::laws
