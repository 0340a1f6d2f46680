// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/world.hpp"

#include <algorithm>
#include <utility>

namespace trellis::sim {

bool World::Later::operator()(const Event& a, const Event& b) const {
    if (a.at != b.at) return a.at > b.at;
    if (a.priority != b.priority) return a.priority > b.priority;
    return a.number > b.number;
}

void World::at(Time when, std::function<void()> event) {
    const std::uint64_t priority = shuffles_ties_ ? random.order.below(4) : 0;
    due_.push({std::max(when, now_), priority, events_++, std::move(event)});
}

void World::run_until(Time when) {
    while (!failure_ && !due_.empty() && due_.top().at <= when) {
        // The queue gives only a const view of what it is about to drop.
        auto event = std::move(const_cast<Event&>(due_.top()));
        due_.pop();
        now_ = event.at;
        event.run();
    }
    if (!failure_) now_ = std::max(now_, when);
}

void World::fail(std::string_view checker, std::string what) {
    if (failure_) return;
    tell("BROKEN", std::string(checker) + ": " + what);
    failure_ = Breach{std::string(checker), std::move(what)};
}

void World::count(Tally& tally, std::string_view name) {
    const auto at = tally.find(name);
    if (at == tally.end()) {
        tally.emplace(name, 1);
    } else {
        ++at->second;
    }
}

}  // namespace trellis::sim
