// SPDX-License-Identifier: Apache-2.0
#include "core/record/actor_index.hpp"

#include <algorithm>
#include <cstring>

namespace trellis::core {
namespace {

int compare(const ActorId& actor, const RecordId::ActorPrefix& prefix) {
    return std::memcmp(actor.bytes.data(), prefix.data(), prefix.size());
}

RecordId::ActorPrefix prefix_of(const ActorId& actor) {
    RecordId::ActorPrefix prefix{};
    std::copy_n(actor.bytes.begin(), prefix.size(), prefix.begin());
    return prefix;
}

}  // namespace

ActorIndex::ActorIndex(const ActorId& author,
                       const std::vector<ActorId>& known,
                       const std::vector<ActorId>& introduced) {
    actors_.reserve(1 + known.size() + introduced.size());
    actors_.push_back(author);
    actors_.insert(actors_.end(), known.begin(), known.end());
    actors_.insert(actors_.end(), introduced.begin(), introduced.end());
}

const std::vector<std::size_t>& ActorIndex::sorted() const {
    if (!sorted_.empty()) return sorted_;
    sorted_.resize(actors_.size());
    for (std::size_t i = 0; i < sorted_.size(); ++i)
        sorted_[i] = i;
    std::sort(sorted_.begin(), sorted_.end(), [this](std::size_t a, std::size_t b) {
        return actors_[a] == actors_[b] ? a < b : actors_[a] < actors_[b];
    });
    const auto twin =
        std::adjacent_find(sorted_.begin(), sorted_.end(), [this](std::size_t a, std::size_t b) {
            return compare(actors_[a], prefix_of(actors_[b])) == 0;
        });
    shares_prefixes_ = twin != sorted_.end();
    return sorted_;
}

bool ActorIndex::is_first_of_prefix(std::size_t index) const {
    sorted();
    return !shares_prefixes_ || find(prefix_of(actors_[index])) == index;
}

std::optional<std::size_t> ActorIndex::find(const ActorId& actor) const {
    if (actor == actors_[0]) return 0;
    const auto at = std::lower_bound(
        sorted().begin(), sorted().end(), actor, [this](std::size_t index, const ActorId& wanted) {
            return actors_[index] < wanted;
        });
    if (at == sorted_.end() || actors_[*at] != actor) return std::nullopt;
    return *at;
}

std::optional<std::size_t> ActorIndex::find(const RecordId::ActorPrefix& prefix) const {
    if (compare(actors_[0], prefix) == 0) return 0;
    auto at = std::lower_bound(sorted().begin(),
                               sorted().end(),
                               prefix,
                               [this](std::size_t index, const RecordId::ActorPrefix& wanted) {
                                   return compare(actors_[index], wanted) < 0;
                               });
    std::optional<std::size_t> first;
    for (; at != sorted_.end() && compare(actors_[*at], prefix) == 0; ++at) {
        if (!first || *at < *first) first = *at;
    }
    return first;
}

bool ActorIndex::is_distinct() const {
    const auto& order = sorted();
    return std::adjacent_find(order.begin(), order.end(), [this](std::size_t a, std::size_t b) {
               return actors_[a] == actors_[b];
           }) == order.end();
}

}  // namespace trellis::core
