// SPDX-License-Identifier: Apache-2.0
// The half of the spec that is about reading: which value is shown, which records are one.
#include <algorithm>
#include <array>
#include <set>

#include "tests/laws/spec.hpp"

namespace trellis::laws {
namespace {

constexpr int linked_records = 5;

int assigned(const Story& story, std::size_t e, core::FieldId field) {
    for (const auto& deed : story.act(e)) {
        if (deed.verb == Verb::assign && deed.field == field) return deed.what;
    }
    return 0;
}

/// Keeps the candidates with the greatest score.
template <class Score>
void keep_best(std::vector<std::size_t>& candidates, const Score& score) {
    auto best = score(candidates.front());
    for (const auto e : candidates) {
        if (best < score(e)) best = score(e);
    }
    std::erase_if(candidates, [&](std::size_t e) { return score(e) < best; });
}

/// What the resolver looks at before it looks at clocks.
std::int64_t merit(const core::Field& field, int value) {
    switch (field.resolver) {
        case core::Resolver::max: return value;
        case core::Resolver::min: return -value;
        case core::Resolver::protect: {
            const auto& order = field.protect_order;
            for (std::size_t i = 0; i < order.size(); ++i) {
                if (order[i] == value_of(value)) return std::int64_t(i);
            }
            return std::int64_t(order.size());
        }
        default: return 0;
    }
}

}  // namespace

core::Value Spec::shown(const EventSet& seen, const core::Field& field) const {
    auto candidates = by_dot(live(seen, {Verb::assign, field.id, 0}));
    const auto& stamps = story_.stamps;
    keep_best(candidates, [&](auto e) { return merit(field, assigned(story_, e, field.id)); });
    keep_best(candidates, [&](auto e) { return stamps[e].quality >= ClockQuality::synced; });
    keep_best(candidates, [&](auto e) { return stamps[e].time; });
    keep_best(candidates, [&](auto e) { return story_.dot(e).counter; });
    keep_best(candidates, [&](auto e) { return story_.dot(e).actor; });
    return value_of(assigned(story_, candidates.front(), field.id));
}

bool Spec::is_conflict(const EventSet& seen, core::FieldId field) const {
    std::set<int> values;
    for (const auto e : by_dot(live(seen, {Verb::assign, field, 0}))) {
        values.insert(assigned(story_, e, field));
    }
    return values.size() > 1;
}

core::Links Spec::links(const EventSet& seen) const {
    EventSet linking;
    const auto is_link = [](const Act* act) { return act->front().verb == Verb::link; };
    if (std::none_of(story_.acts.begin(), story_.acts.end(), is_link)) return {};
    for (int what = 0; what < linked_records; ++what) linking |= live(seen, {Verb::link, 0, what});
    core::Links links;
    for (const auto e : by_dot(linking)) {
        auto [a, b] = pair_of(story_.act(e).front().what);
        if (b < a) std::swap(a, b);
        links.facts.push_back({story_.dot(e), a, b});
    }
    return links;
}

std::vector<std::vector<RecordId>> Spec::classes(const EventSet& seen) const {
    std::array<std::array<bool, linked_records>, linked_records> same{};
    for (int i = 0; i < linked_records; ++i) {
        same[i][i] = true;
        if (live(seen, {Verb::link, 0, i}).none()) continue;
        const int j = (i + 1) % linked_records;
        same[i][j] = same[j][i] = true;
    }
    for (int through = 0; through < linked_records; ++through) {
        for (auto& row : same) {
            for (int j = 0; j < linked_records; ++j) {
                row[j] = row[j] || (row[through] && same[through][j]);
            }
        }
    }
    std::vector<std::vector<RecordId>> classes(linked_records);
    for (int i = 0; i < linked_records; ++i) {
        for (int j = 0; j < linked_records; ++j) {
            if (same[i][j]) classes[i].push_back(linked_record(j));
        }
    }
    return classes;
}

}  // namespace trellis::laws
