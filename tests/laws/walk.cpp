// SPDX-License-Identifier: Apache-2.0
#include "tests/laws/walk.hpp"

#include <algorithm>

#include "tests/laws/ops.hpp"

namespace trellis::laws {
namespace {


bool has_increment(const Act& act) {
    return std::any_of(act.begin(), act.end(),
                       [](const Deed& deed) { return deed.verb == Verb::increment; });
}

/// Walks the causally closed sets of one history, for one story after the other.
class Walker {
public:
    Walker(const World& world, const History& history, Count& count)
        : world_(world), sets_(closed_sets(history)), states_(sets_.size()), count_(count) {}

    std::optional<std::string> walk(const Story& story) {
        const Spec spec(story);
        ops_.clear();
        for (std::size_t e = 0; e < story.size(); ++e) ops_.push_back(op_of(spec, e));
        ++count_.cases;
        for (std::size_t place = 1; place < sets_.size(); ++place) {
            if (auto wrong = arrive(spec, place)) {
                return std::string(world_.name) + ": " + *wrong + " after " +
                       sets_[place].events.to_string().substr(events_max - story.size()) +
                       " (the first event is the last digit) of" + to_string(story);
            }
        }
        return std::nullopt;
    }

private:
    std::optional<std::string> arrive(const Spec& spec, std::size_t place) {
        auto& state = states_[place];
        const auto& set = sets_[place];
        for (const auto& edge : set.edges) {
            ++count_.edges;
            const bool is_first = &edge == &set.edges.front();
            other_ = states_[edge.without];
            take_in(spec, edge.last, other_);
            if (is_first) state = other_;
            if (other_ != state) return "the order of arrival shows";
            if (has_increment(spec.story().act(edge.last))) continue;
            take_in(spec, edge.last, other_);
            if (other_ != state) return "taking in an op again changes something";
        }
        if (auto wrong = difference(spec, set.events, state)) return wrong;
        return world_.look ? world_.look(spec, set.events, state) : std::nullopt;
    }

    void take_in(const Spec& spec, std::size_t e, Held& held) const {
        held.apply(spec.story().dot(e), spec.story().stamps[e], ops_[e]);
    }

    const World& world_;
    std::vector<ClosedSet> sets_;
    std::vector<Held> states_;
    Held other_;
    std::vector<core::Op> ops_;
    Count& count_;
};

/// Counts up in the given base; false after the last.
bool next(std::vector<std::size_t>& digits, std::size_t base) {
    for (auto& digit : digits) {
        if (++digit < base) return true;
        digit = 0;
    }
    return false;
}

std::optional<std::string> walk_one(const World& world, const History& history, Count& count) {
    Walker walker(world, history, count);
    const auto events = history.size();
    Story story{&history, std::vector<const Act*>(events), std::vector<Stamp>(events)};
    std::vector<std::size_t> acts(events, 0);
    do {
        for (std::size_t e = 0; e < events; ++e) story.acts[e] = &world.acts[acts[e]];
        std::vector<std::size_t> clocks(events, 0);
        do {
            for (std::size_t e = 0; e < events; ++e) story.stamps[e] = world.clocks[clocks[e]];
            if (auto wrong = walker.walk(story)) return wrong;
        } while (next(clocks, world.clocks.size()));
    } while (next(acts, world.acts.size()));
    return std::nullopt;
}

}  // namespace

void Held::apply(const Dot& dot, const Stamp& stamp, const core::Op& op) {
    if (const auto* link = std::get_if<core::Link>(&op.action)) {
        links.apply(dot, op.record, *link);
    } else if (const auto* unlink = std::get_if<core::Unlink>(&op.action)) {
        links.apply(op.record, *unlink);
    }
    // A link is an op on its record like any other, and must leave it alone.
    record.apply(dot, stamp, op);
}

std::optional<std::string> difference(const Spec& spec, const EventSet& seen, const Held& held) {
    if (held.record != spec.record(seen)) return "the record is not what the history says";
    if (held.record.presence() != spec.presence(seen)) return "presence is wrong";
    if (held.links != spec.links(seen)) return "the links are not what the history says";
    for (const auto& state : held.record.fields) {
        const auto* tokens = std::get_if<core::Tokens>(&state.data);
        if (tokens != nullptr && tokens->level() != spec.level(seen, state.field)) {
            return "the level is wrong";
        }
    }
    if (held.links.facts.empty()) return std::nullopt;
    const auto classes = spec.classes(seen);
    for (int i = 0; i < static_cast<int>(classes.size()); ++i) {
        if (held.links.same_as(linked_record(i)) != classes[i]) return "a class is wrong";
    }
    std::vector<std::vector<RecordId>> larger;
    for (int i = 0; i < static_cast<int>(classes.size()); ++i) {
        if (classes[i].size() > 1 && classes[i].front() == linked_record(i)) {
            larger.push_back(classes[i]);
        }
    }
    if (held.links.classes() != larger) return "the list of classes is wrong";
    return std::nullopt;
}

std::optional<std::string> walk(const World& world, const std::vector<History>& histories,
                                Count& count) {
    count.histories += histories.size();
    for (const auto& history : histories) {
        if (auto wrong = walk_one(world, history, count)) return wrong;
    }
    return std::nullopt;
}

}  // namespace trellis::laws
