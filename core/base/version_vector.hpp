// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/base/dot.hpp"

namespace trellis {

/// Actor → highest counter known, without gaps below it. Sorted by actor.
class VersionVector {
public:
    struct Entry {
        ActorId actor;
        Counter counter = 0;
        bool operator==(const Entry&) const = default;
    };

    /// 0 where the actor is unknown.
    [[nodiscard]] Counter counter(const ActorId& actor) const;
    [[nodiscard]] bool covers(const Dot& dot) const { return counter(dot.actor) >= dot.counter; }
    /// True where every entry of `other` is covered.
    [[nodiscard]] bool covers(const VersionVector& other) const;
    /// Raises the actor's counter to at least `counter`.
    void raise(const ActorId& actor, Counter counter);
    void join(const VersionVector& other);

    [[nodiscard]] const std::vector<Entry>& entries() const { return entries_; }
    [[nodiscard]] bool is_empty() const { return entries_.empty(); }
    void clear() { entries_.clear(); }

    bool operator==(const VersionVector&) const = default;

private:
    std::vector<Entry> entries_;
};

}  // namespace trellis
