// SPDX-License-Identifier: Apache-2.0
#include "core/merge/links.hpp"

#include <algorithm>
#include <numeric>

namespace trellis::core {
namespace {

/// The linked records in ascending order, each with the place of its component's first member.
class Components {
public:
    explicit Components(const std::vector<LinkFact>& facts) {
        members_.reserve(facts.size() * 2);
        for (const auto& fact : facts) {
            members_.push_back(fact.a);
            members_.push_back(fact.b);
        }
        std::sort(members_.begin(), members_.end());
        members_.erase(std::unique(members_.begin(), members_.end()), members_.end());
        parents_.resize(members_.size());
        std::iota(parents_.begin(), parents_.end(), std::size_t{0});
        for (const auto& fact : facts) join(place_of(fact.a), place_of(fact.b));
    }

    [[nodiscard]] const std::vector<RecordId>& members() const { return members_; }
    [[nodiscard]] std::size_t place_of(const RecordId& record) const {
        const auto at = std::lower_bound(members_.begin(), members_.end(), record);
        return static_cast<std::size_t>(at - members_.begin());
    }
    std::size_t first_of(std::size_t place) {
        while (parents_[place] != place) {
            parents_[place] = parents_[parents_[place]];
            place = parents_[place];
        }
        return place;
    }

private:
    // The smaller place becomes the parent, so that a root is its component's first member.
    void join(std::size_t a, std::size_t b) {
        const auto [low, high] = std::minmax({first_of(a), first_of(b)});
        parents_[high] = low;
    }

    std::vector<RecordId> members_;
    std::vector<std::size_t> parents_;
};

}  // namespace

void Links::apply(const Dot& dot, const RecordId& record, const Link& link) {
    const auto is_before = [](const LinkFact& fact, const Dot& d) { return fact.dot < d; };
    const auto at = std::lower_bound(facts.begin(), facts.end(), dot, is_before);
    if (at != facts.end() && at->dot == dot) return;
    const auto [a, b] = std::minmax({record, link.other});
    facts.insert(at, {dot, a, b});
}

void Links::apply(const RecordId& record, const Unlink& unlink) {
    const auto ends = std::minmax({record, unlink.other});
    std::erase_if(facts, [&](const LinkFact& fact) {
        return fact.a == ends.first && fact.b == ends.second &&
               std::binary_search(unlink.links.begin(), unlink.links.end(), fact.dot);
    });
}

std::vector<RecordId> Links::same_as(const RecordId& record) const {
    const bool is_linked = std::any_of(facts.begin(), facts.end(), [&](const LinkFact& fact) {
        return fact.a == record || fact.b == record;
    });
    if (!is_linked) return {record};
    Components components(facts);
    const auto first = components.first_of(components.place_of(record));
    std::vector<RecordId> same;
    for (auto place = first; place < components.members().size(); ++place) {
        if (components.first_of(place) == first) same.push_back(components.members()[place]);
    }
    return same;
}

std::vector<std::vector<RecordId>> Links::classes() const {
    Components components(facts);
    const auto& members = components.members();
    std::vector<std::vector<RecordId>> by_first(members.size());
    for (std::size_t place = 0; place < members.size(); ++place) {
        by_first[components.first_of(place)].push_back(members[place]);
    }
    std::erase_if(by_first, [](const auto& members_of_one) { return members_of_one.size() < 2; });
    return by_first;
}

}  // namespace trellis::core
