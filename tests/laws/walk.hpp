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
    std::uint64_t cases = 0;    ///< histories with what is done in them
    std::uint64_t applies = 0;  ///< ops taken in by the merge
};

/// Looks at the end of one case beyond what walk() checks; says what is wrong, or nothing.
using Look = std::function<std::optional<std::string>(const Spec&, const EventSet&, const Held&)>;

/// What one event may be: what is done, and what its author's clock says.
struct Choice {
    Act act;
    Stamp stamp{0, ClockQuality::plausible};
};

/// One law's world.
struct World {
    std::string name;
    std::vector<Choice> choices;
    Look look = nullptr;
};

/// Every act at every reading of the clock.
std::vector<Choice> choices(const std::vector<Act>& acts, const std::vector<Stamp>& clocks);
/// One deed each, the clock stopped.
std::vector<Choice> choices(const std::vector<Deed>& deeds);

/// Says what is wrong with `held` as the state after `seen`; nothing where all is right.
std::optional<std::string> difference(const Spec& spec, const EventSet& seen, const Held& held);

/// Every history of so many events on three replicas, with every choice for each event:
/// whichever event arrives last, the state is the same, it is what the spec says, and to take
/// in that event again changes nothing. Stops at the first failure and describes it.
///
/// The state after a causally closed set of events depends on them alone, and such a set is a
/// history itself: walked for 1, 2, … n events, this covers every order of delivery of each.
std::optional<std::string> walk(const World& world, std::size_t events, Count& count);

}  // namespace trellis::laws
