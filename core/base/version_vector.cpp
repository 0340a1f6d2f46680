// SPDX-License-Identifier: Apache-2.0
#include "core/base/version_vector.hpp"

#include <algorithm>

namespace trellis {
namespace {

bool before(const VersionVector::Entry& entry, const ActorId& actor) { return entry.actor < actor; }

}  // namespace

Counter VersionVector::counter(const ActorId& actor) const {
    const auto at = std::lower_bound(entries_.begin(), entries_.end(), actor, before);
    return at != entries_.end() && at->actor == actor ? at->counter : 0;
}

bool VersionVector::covers(const VersionVector& other) const {
    return std::all_of(other.entries_.begin(), other.entries_.end(), [this](const Entry& entry) {
        return counter(entry.actor) >= entry.counter;
    });
}

void VersionVector::raise(const ActorId& actor, Counter counter) {
    const auto at = std::lower_bound(entries_.begin(), entries_.end(), actor, before);
    if (at != entries_.end() && at->actor == actor) {
        at->counter = std::max(at->counter, counter);
    } else {
        entries_.insert(at, {actor, counter});
    }
}

void VersionVector::join(const VersionVector& other) {
    for (const auto& entry : other.entries_) raise(entry.actor, entry.counter);
}

}  // namespace trellis
