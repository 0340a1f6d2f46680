// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/record_id.hpp"

#include <optional>
#include <vector>

namespace trellis::core {

/// A table of actors, searched both ways: 0 is the author, then those that its chain has
/// introduced. Where several actors share the prefix that record ids carry, the first counts.
class ActorIndex {
public:
    ActorIndex(const ActorId& author,
               const std::vector<ActorId>& known,
               const std::vector<ActorId>& introduced);

    [[nodiscard]] std::size_t size() const { return actors_.size(); }
    /// Requires: index < size().
    [[nodiscard]] const ActorId& at(std::size_t index) const { return actors_[index]; }
    [[nodiscard]] std::optional<std::size_t> find(const ActorId& actor) const;
    [[nodiscard]] std::optional<std::size_t> find(const RecordId::ActorPrefix& prefix) const;
    /// True where the actor's prefix finds this index. Requires: index < size().
    [[nodiscard]] bool is_first_of_prefix(std::size_t index) const;
    /// False where `introduced` repeats an actor.
    [[nodiscard]] bool is_distinct() const;

private:
    const std::vector<std::size_t>& sorted() const;

    std::vector<ActorId> actors_;
    // Made when first needed.
    mutable std::vector<std::size_t> sorted_;  ///< by actor, then index
    mutable bool shares_prefixes_ = false;
};

}  // namespace trellis::core
