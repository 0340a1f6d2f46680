// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/merge/links.hpp"
#include "core/merge/record_state.hpp"
#include "tests/laws/spec.hpp"

namespace trellis::laws {

/// One record and the links of its type, as one device holds them.
struct Held {
    core::RecordState record;
    core::Links links;
    bool operator==(const Held&) const = default;

    void apply(const Dot& dot, const Stamp& stamp, const core::Op& op);
};

struct Count {
    std::uint64_t histories = 0;
    std::uint64_t cases = 0;
    std::uint64_t edges = 0;
};

/// Looks at one closed set beyond what walk() checks; says what is wrong, or nothing.
using Look = std::function<std::optional<std::string>(const Spec&, const EventSet&, const Held&)>;

/// One law's world: what each event may do, and what the clock of each may say.
struct World {
    std::string_view name;
    std::vector<Act> acts;
    std::vector<Stamp> clocks{{0, ClockQuality::plausible}};
    Look look = nullptr;
};

/// Says what is wrong with `held` as the state after `seen`; nothing where all is right.
std::optional<std::string> difference(const Spec& spec, const EventSet& seen, const Held& held);

/// For every assignment of acts and clocks to every history, for every causally closed set:
/// whichever event arrives last, the state is the same, it is what the spec says, and to take
/// in that event again changes nothing. Stops at the first failure and describes it.
std::optional<std::string> walk(const World& world, const std::vector<History>& histories,
                                Count& count);

}  // namespace trellis::laws
