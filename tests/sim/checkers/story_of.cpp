// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/checkers/story_of.hpp"

#include <algorithm>

namespace trellis::sim {
namespace {

using laws::Names;
using laws::Verb;

void add_values(const core::Op& op, std::vector<core::Value>& values) {
    const auto* write = std::get_if<core::Write>(&op.action);
    if (write == nullptr) return;
    for (const auto& edit : write->fields) {
        if (const auto* assign = std::get_if<core::Assign>(&edit.action)) {
            values.push_back(assign->value);
        } else if (const auto* set = std::get_if<core::EditSet>(&edit.action)) {
            values.insert(values.end(), set->add.begin(), set->add.end());
            for (const auto& removal : set->remove) values.push_back(removal.element);
        }
    }
}

template <class T>
void sort_once(std::vector<T>& list) {
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
}

/// The oracle, told of everything.
laws::Spec noted(const laws::Story& story) {
    laws::Spec spec(story);
    for (std::size_t e = 0; e < story.size(); ++e) spec.note(e);
    return spec;
}

bool has(const std::vector<core::Replica::Past>& history, const Dot& dot) {
    return std::any_of(history.begin(), history.end(), [&](const auto& past) {
        return past.actor == dot.actor && past.change.first <= dot.counter &&
               dot.counter < past.change.first + past.change.ops.size();
    });
}

/// Whether the authors of this history had seen what it lacks, as of a colleague whose work was
/// set aside later: the oracle only judges what is whole.
bool lacks_a_past(const std::vector<core::Replica::Past>& history, const RecordId& record,
                  const Truth& truth) {
    for (const auto& deed : truth.deeds()) {
        if (deed.record != record || has(history, deed.dot)) continue;
        for (const auto& past : history) {
            const auto* by = truth.find({past.actor, past.change.first});
            if (by != nullptr && by->past.covers(deed.dot)) return true;
        }
    }
    return false;
}

bool is_about_links(const core::Op& op) {
    return std::holds_alternative<core::Link>(op.action) ||
           std::holds_alternative<core::Unlink>(op.action);
}

}  // namespace

std::optional<RecordStory> RecordStory::of(const std::vector<core::Replica::Past>& history,
                                           const RecordId& record, const Truth& truth) {
    RecordStory story;
    std::vector<Event> events;
    if (!story.collect(history, record, truth, events)) return std::nullopt;
    story.number(events);
    if (!story.tell(events) || !story.fits(events)) return std::nullopt;
    return story;
}

bool RecordStory::collect(const std::vector<core::Replica::Past>& history, const RecordId& record,
                          const Truth& truth, std::vector<Event>& events) {
    for (const auto& past : history) {
        for (std::size_t i = 0; i < past.change.ops.size(); ++i) {
            const auto& op = past.change.ops[i];
            if (op.record != record || is_about_links(op)) continue;
            const Dot dot{past.actor, past.change.first + i};
            const auto* deed = truth.find(dot);
            // Which of two that were given one name this is, and what it had seen, nobody knows.
            if (deed == nullptr || deed->has_namesake) return false;
            events.push_back({dot, past.change.stamp, &op, deed});
            actors_.push_back(past.actor);
            add_values(op, values_);
        }
    }
    if (lacks_a_past(history, record, truth)) return false;
    sort_once(actors_);
    sort_once(values_);
    // The oracle numbers values; from a_reference on, its numbers mean something else.
    const bool has_few_values = values_.size() <= static_cast<std::size_t>(laws::a_reference);
    return !events.empty() && events.size() < laws::events_max && has_few_values;
}

/// Happens-before, as the simulation saw it happen.
void RecordStory::number(const std::vector<Event>& events) {
    for (std::size_t e = 0; e < events.size(); ++e) {
        const auto& event = events[e];
        laws::Event told;
        const auto at = std::lower_bound(actors_.begin(), actors_.end(), event.dot.actor);
        told.replica = static_cast<std::size_t>(at - actors_.begin());
        told.number = static_cast<std::size_t>(event.dot.counter);
        for (std::size_t p = 0; p < e; ++p) {
            const bool is_own = events[p].dot.actor == event.dot.actor;
            if (is_own || event.deed->past.covers(events[p].dot)) told.past.set(p);
        }
        history_.push_back(told);
        stamps_.push_back(event.stamp);
    }
}

int RecordStory::place_of(const core::Value& value) const {
    const auto at = std::lower_bound(values_.begin(), values_.end(), value);
    return static_cast<int>(at - values_.begin());
}

std::optional<laws::Act> RecordStory::act_of(const core::Op& op) const {
    laws::Act act;
    if (const auto* write = std::get_if<core::Write>(&op.action)) {
        for (const auto& edit : write->fields) {
            if (const auto* assign = std::get_if<core::Assign>(&edit.action)) {
                act.push_back({Verb::assign, edit.field, place_of(assign->value), Names::all});
            } else if (const auto* set = std::get_if<core::EditSet>(&edit.action)) {
                for (const auto& value : set->add) {
                    act.push_back({Verb::add, edit.field, place_of(value), Names::all});
                }
                for (const auto& removal : set->remove) {
                    act.push_back(
                        {Verb::remove, edit.field, place_of(removal.element), Names::all});
                }
            } else if (const auto* count = std::get_if<core::Increment>(&edit.action)) {
                act.push_back({Verb::increment, edit.field, static_cast<int>(count->by), Names::all});
            }
        }
    } else if (const auto* append = std::get_if<core::Append>(&op.action)) {
        act.push_back({Verb::append, append->field, 0, Names::all});
    } else if (const auto* raise = std::get_if<core::Raise>(&op.action)) {
        act.push_back({Verb::raise, raise->field, static_cast<int>(raise->level), Names::all});
    } else if (const auto* advance = std::get_if<core::Advance>(&op.action)) {
        act.push_back({Verb::advance, advance->field, static_cast<int>(advance->level), Names::all});
    } else if (const auto* close = std::get_if<core::CloseTokens>(&op.action)) {
        act.push_back({Verb::close, close->field, 0, Names::all});
    } else if (std::holds_alternative<core::Delete>(op.action)) {
        act.push_back({Verb::erase, 0, 0, Names::all});
    } else if (std::holds_alternative<core::Restore>(op.action)) {
        act.push_back({Verb::restore, 0, 0, Names::all});
    }
    if (act.empty()) return std::nullopt;
    return act;
}

bool RecordStory::tell(const std::vector<Event>& events) {
    for (const auto& event : events) {
        auto act = act_of(*event.op);
        if (!act) return false;
        acts_.push_back(std::move(*act));
    }
    return true;
}

laws::Story RecordStory::story() const {
    laws::Story story;
    story.history = &history_;
    for (const auto& act : acts_) story.acts.push_back(&act);
    story.stamps = stamps_;
    return story;
}

/// An advance names one token; the oracle's words are "the last one still open".
bool RecordStory::fits(const std::vector<Event>& events) const {
    const auto told = story();
    const auto spec = noted(told);
    for (std::size_t e = 0; e < events.size(); ++e) {
        const auto* advance = std::get_if<core::Advance>(&events[e].op->action);
        if (advance == nullptr) continue;
        const auto target = spec.target(e, acts_[e].front());
        if (!target || !(events[*target].dot == advance->token)) return false;
    }
    return true;
}

Dot RecordStory::real(const Dot& dot) const {
    for (std::size_t i = 0; i < actors_.size(); ++i) {
        if (laws::actor_of(i) == dot.actor) return {actors_[i], dot.counter};
    }
    return dot;
}

void RecordStory::make_real(core::FieldState& field) const {
    const auto value_of = [this](const core::Value& told) {
        return values_[static_cast<std::size_t>(*told.get<std::int64_t>())];
    };
    if (auto* heads = std::get_if<core::Register>(&field.data)) {
        for (auto& head : heads->heads) {
            head.dot = real(head.dot);
            head.value = value_of(head.value);
        }
    } else if (auto* set = std::get_if<core::ElementSet>(&field.data)) {
        for (auto& element : set->elements) {
            element.value = value_of(element.value);
            for (auto& add : element.adds) add = real(add);
        }
    } else if (auto* tokens = std::get_if<core::Tokens>(&field.data)) {
        for (auto& token : tokens->open) token.dot = real(token.dot);
    }
}

core::RecordState RecordStory::expected() const {
    const auto told = story();
    const auto spec = noted(told);
    laws::EventSet all;
    for (std::size_t e = 0; e < history_.size(); ++e) all.set(e);
    auto state = spec.record(all);
    const auto make_all = [this](const VersionVector& vector) {
        VersionVector made;
        for (const auto& entry : vector.entries()) {
            const Dot dot = real({entry.actor, entry.counter});
            made.raise(dot.actor, dot.counter);
        }
        return made;
    };
    if (state.created) state.created = real(*state.created);
    for (auto& field : state.fields) make_real(field);
    state.writes = make_all(state.writes);
    for (auto& tombstone : state.tombstones) {
        tombstone.dot = real(tombstone.dot);
        tombstone.seen = make_all(tombstone.seen);
    }
    return state;
}

core::Presence RecordStory::presence() const {
    const auto told = story();
    const auto spec = noted(told);
    laws::EventSet all;
    for (std::size_t e = 0; e < history_.size(); ++e) all.set(e);
    return spec.presence(all);
}

core::Value RecordStory::shown(const core::Field& field) const {
    const auto told = story();
    const auto spec = noted(told);
    laws::EventSet all;
    for (std::size_t e = 0; e < history_.size(); ++e) all.set(e);
    return values_[static_cast<std::size_t>(*spec.shown(all, field).get<std::int64_t>())];
}

}  // namespace trellis::sim
