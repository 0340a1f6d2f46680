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

/// All cases of one history, choice by choice: what the first events led to is kept while the
/// choices of the later ones change.
class Walker {
public:
    Walker(const World& world, const History& history, Count& count)
        : world_(world), story_{&history, std::vector<const Act*>(history.size()),
                                std::vector<Stamp>(history.size())}
        , spec_(story_), ops_(history.size()), whole_(history.size() + 1), count_(count) {
        EventSet needed;
        for (const auto& event : history) needed |= event.past;
        for (std::size_t e = 0; e < history.size(); ++e) {
            all_.set(e);
            if (!needed[e]) latecomers_.push_back({e, std::vector<Held>(history.size() + 1)});
        }
    }

    std::optional<std::string> walk() { return choose(0); }

private:
    /// An event that nobody has seen: it may arrive last.
    struct Latecomer {
        std::size_t event = 0;
        std::vector<Held> without;  ///< after the first 1, 2, … events, this one missing
    };

    std::optional<std::string> choose(std::size_t e) {
        if (e == story_.size()) return look();
        for (const auto& choice : world_.choices) {
            story_.acts[e] = &choice.act;
            story_.stamps[e] = choice.stamp;
            spec_.note(e);
            ops_[e] = op_of(spec_, e);
            whole_[e + 1] = whole_[e];
            take_in(e, whole_[e + 1]);
            for (auto& late : latecomers_) {
                if (late.event > e) continue;
                auto& next = late.without[e + 1];
                next = late.event == e ? whole_[e] : late.without[e];
                if (late.event != e) take_in(e, next);
            }
            if (auto wrong = choose(e + 1)) return wrong;
        }
        return std::nullopt;
    }

    std::optional<std::string> look() {
        ++count_.cases;
        const auto& whole = whole_.back();
        auto wrong = difference(spec_, all_, whole);
        for (auto late = latecomers_.begin(); !wrong && late != latecomers_.end(); ++late) {
            auto& state = late->without.back();
            take_in(late->event, state);
            if (state != whole) wrong = "the order of arrival shows";
            if (wrong || has_increment(story_.act(late->event))) continue;
            take_in(late->event, state);
            if (state != whole) wrong = "taking in an op again changes something";
        }
        if (!wrong && world_.look) wrong = world_.look(spec_, all_, whole);
        if (wrong) *wrong = world_.name + ": " + *wrong + to_string(story_);
        return wrong;
    }

    void take_in(std::size_t e, Held& held) {
        ++count_.applies;
        held.apply(story_.dot(e), story_.stamps[e], ops_[e]);
    }

    const World& world_;
    Story story_;
    Spec spec_;
    EventSet all_;
    std::vector<core::Op> ops_;
    std::vector<Held> whole_;  ///< after the first 0, 1, 2, … events
    std::vector<Latecomer> latecomers_;
    Count& count_;
};

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

std::vector<Choice> choices(const std::vector<Act>& acts, const std::vector<Stamp>& clocks) {
    std::vector<Choice> all;
    for (const auto& act : acts) {
        for (const auto& clock : clocks) all.push_back({act, clock});
    }
    return all;
}

std::vector<Choice> choices(const std::vector<Deed>& deeds) {
    std::vector<Choice> all;
    for (const auto& deed : deeds) all.push_back({{deed}});
    return all;
}

std::optional<std::string> walk(const World& world, std::size_t events, Count& count) {
    for (const auto& history : all_histories(events, 3)) {
        ++count.histories;
        if (auto wrong = Walker(world, history, count).walk()) return wrong;
    }
    return std::nullopt;
}

}  // namespace trellis::laws
