// SPDX-License-Identifier: Apache-2.0
#include "tests/laws/spec.hpp"

#include <algorithm>
#include <set>
#include <tuple>

namespace trellis::laws {

using core::FieldState;

bool Slot::operator<(const Slot& other) const {
    return std::tie(field, put, what) < std::tie(other.field, other.put, other.what);
}

std::optional<Slot> Spec::put_slot(const Deed& deed) {
    switch (deed.verb) {
        case Verb::assign:
        case Verb::increment:
        case Verb::raise: return Slot{deed.verb, deed.field, 0};
        case Verb::add: return Slot{Verb::add, deed.field, deed.what};
        case Verb::erase: return Slot{Verb::erase, 0, 0};
        case Verb::link: return Slot{Verb::link, 0, deed.what};
        default: return std::nullopt;
    }
}

std::optional<Slot> Spec::take_slot(const Deed& deed) {
    switch (deed.verb) {
        case Verb::assign: return Slot{Verb::assign, deed.field, 0};
        case Verb::remove: return Slot{Verb::add, deed.field, deed.what};
        case Verb::close: return Slot{Verb::raise, deed.field, 0};
        case Verb::restore: return Slot{Verb::erase, 0, 0};
        case Verb::unlink: return Slot{Verb::link, 0, deed.what};
        default: return std::nullopt;
    }
}

void Spec::note(std::size_t e) {
    const auto& past = story_.event(e).past;
    effects_[e].clear();
    for (const auto& deed : story_.act(e)) {
        Effect effect{put_slot(deed), take_slot(deed), {}};
        if (effect.take && deed.names == Names::all) effect.taken = past;
        if (effect.take && deed.names == Names::oldest) {
            if (const auto first = oldest(live(past, *effect.take))) effect.taken.set(*first);
        }
        effects_[e].push_back(effect);
    }
}

EventSet Spec::live(const EventSet& seen, const Slot& slot) const {
    EventSet live;
    EventSet gone;
    for (std::size_t e = 0; e < story_.size(); ++e) {
        if (!seen[e]) continue;
        for (const auto& effect : effects_[e]) {
            if (effect.put == slot) live.set(e);
            if (effect.take == slot) gone |= effect.taken;
        }
    }
    return live & ~gone;
}

std::optional<std::size_t> Spec::oldest(const EventSet& events) const {
    const auto sorted = by_dot(events);
    return sorted.empty() ? std::nullopt : std::optional(sorted.front());
}

std::vector<std::size_t> Spec::by_dot(const EventSet& events) const {
    std::vector<std::size_t> sorted;
    for (std::size_t e = 0; e < story_.size(); ++e) {
        if (events[e]) sorted.push_back(e);
    }
    // The order of dots: actors are numbered like their replicas.
    std::sort(sorted.begin(), sorted.end(), [this](std::size_t a, std::size_t b) {
        const auto& one = story_.event(a);
        const auto& other = story_.event(b);
        return std::tie(one.replica, one.number) < std::tie(other.replica, other.number);
    });
    return sorted;
}

bool Spec::is_write(std::size_t e) const {
    switch (story_.act(e).front().verb) {
        case Verb::erase:
        case Verb::restore:
        case Verb::link:
        case Verb::unlink: return false;
        default: return true;
    }
}

bool Spec::creates(std::size_t e) const {
    if (story_.act(e).front().verb > Verb::increment) return false;
    for (std::size_t p = 0; p < e; ++p) {
        if (story_.event(e).past[p] && is_write(p)) return false;
    }
    return true;
}

VersionVector Spec::writes(const EventSet& seen) const {
    VersionVector writes;
    for (std::size_t e = 0; e < story_.size(); ++e) {
        if (seen[e] && is_write(e)) writes.raise(story_.dot(e).actor, story_.dot(e).counter);
    }
    return writes;
}

std::optional<std::size_t> Spec::target(std::size_t e, const Deed& deed) const {
    const Slot slot{Verb::raise, deed.field, 0};
    const auto& past = story_.event(e).past;
    EventSet raised;
    for (std::size_t p = 0; p < e; ++p) {
        const auto& first = story_.act(p).front();
        if (past[p] && put_slot(first) == slot) raised.set(p);
    }
    if (deed.names == Names::oldest) return oldest(raised);
    const auto open = by_dot(live(past, slot));
    return open.empty() ? std::nullopt : std::optional(open.back());
}

core::RecordState Spec::record(const EventSet& seen) const {
    core::RecordState state;
    std::set<Slot> fields;
    EventSet creating;
    for (std::size_t e = 0; e < story_.size(); ++e) {
        if (!seen[e]) continue;
        if (creates(e)) creating.set(e);
        for (const auto& deed : story_.act(e)) {
            if (deed.verb == Verb::unknown) state.frozen_by.push_back(story_.dot(e));
            auto slot = put_slot(deed);
            if (!slot || slot->field == 0) continue;
            slot->what = 0;  // all elements of a set are one field
            fields.insert(*slot);
        }
    }
    std::sort(state.frozen_by.begin(), state.frozen_by.end());
    if (const auto first = oldest(creating)) {
        state.created = story_.dot(*first);
        state.created_at = story_.stamps[*first];
    }
    for (const auto& slot : fields) state.fields.push_back(field_state(seen, slot));
    state.writes = writes(seen);
    for (const auto e : by_dot(live(seen, {Verb::erase, 0, 0}))) {
        state.tombstones.push_back(
            {story_.dot(e), story_.stamps[e], writes(story_.event(e).past), "gone"});
    }
    return state;
}

FieldState Spec::field_state(const EventSet& seen, const Slot& slot) const {
    if (slot.put == Verb::add) return {slot.field, elements(seen, slot.field)};
    if (slot.put == Verb::raise) return {slot.field, tokens(seen, slot)};
    const auto live_ones = by_dot(live(seen, slot));
    if (slot.put == Verb::increment) {
        core::Tally tally;
        for (const auto e : live_ones) {
            for (const auto& deed : story_.act(e)) {
                if (put_slot(deed) == slot) tally.sum += deed.what;
            }
        }
        return {slot.field, tally};
    }
    core::Register heads;
    for (const auto e : live_ones) {
        for (const auto& deed : story_.act(e)) {
            if (put_slot(deed) != slot) continue;
            heads.heads.push_back({story_.dot(e), story_.stamps[e], value_of(deed.what)});
        }
    }
    return {slot.field, heads};
}

core::ElementSet Spec::elements(const EventSet& seen, core::FieldId field) const {
    std::set<int> added;
    for (std::size_t e = 0; e < story_.size(); ++e) {
        if (!seen[e]) continue;
        for (const auto& deed : story_.act(e)) {
            if (deed.verb == Verb::add && deed.field == field) added.insert(deed.what);
        }
    }
    core::ElementSet set;
    for (const auto what : added) {
        core::ElementSet::Element element{value_of(what), {}};
        for (const auto e : by_dot(live(seen, {Verb::add, field, what}))) {
            element.adds.push_back(story_.dot(e));
        }
        if (!element.adds.empty()) set.elements.push_back(element);
    }
    return set;
}

core::Tokens Spec::tokens(const EventSet& seen, const Slot& slot) const {
    core::Tokens tokens;
    for (const auto e : by_dot(live(seen, slot))) {
        tokens.open.push_back({story_.dot(e), story_.stamps[e], token_level(seen, e)});
    }
    return tokens;
}

std::uint32_t Spec::token_level(const EventSet& seen, std::size_t token) const {
    auto level = story_.act(token).front().what;
    for (std::size_t e = 0; e < story_.size(); ++e) {
        const auto& deed = story_.act(e).front();
        if (!seen[e] || deed.verb != Verb::advance) continue;
        if (deed.field != story_.act(token).front().field) continue;
        if (target(e, deed) == token) level = std::max(level, deed.what);
    }
    return static_cast<std::uint32_t>(level);
}

std::optional<std::uint32_t> Spec::level(const EventSet& seen, core::FieldId field) const {
    std::optional<std::uint32_t> highest;
    const auto open = live(seen, {Verb::raise, field, 0});
    for (std::size_t e = 0; e < story_.size(); ++e) {
        if (open[e]) highest = std::max(highest.value_or(0), token_level(seen, e));
    }
    return highest;
}

core::Presence Spec::presence(const EventSet& seen) const {
    const auto deletes = live(seen, {Verb::erase, 0, 0});
    if (deletes.none()) return core::Presence::live;
    EventSet covered;
    for (std::size_t e = 0; e < story_.size(); ++e) {
        if (deletes[e]) covered |= story_.event(e).past;
    }
    for (std::size_t e = 0; e < story_.size(); ++e) {
        if (seen[e] && is_write(e) && !covered[e]) return core::Presence::deleted_with_edits;
    }
    return core::Presence::deleted;
}

}  // namespace trellis::laws
