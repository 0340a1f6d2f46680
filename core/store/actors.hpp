// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <vector>

#include "core/base/cursor.hpp"
#include "core/base/dot.hpp"
#include "core/base/record_id.hpp"
#include "core/base/result.hpp"
#include "core/record/change.hpp"
#include "core/sqlite/database.hpp"

namespace trellis::core {

/// Small local numbers that stand for 16-byte names inside this database only.
using SpaceIndex = std::uint32_t;
using ActorIndex = std::uint32_t;

/// A row id: an actor's index (22 bits) and a counter (40 bits), so that records of one actor
/// lie side by side in the order they were made. Index 0 numbers keyed records.
using RowId = std::int64_t;

inline RowId row_id(ActorIndex actor, Counter counter) {
    return static_cast<RowId>(std::uint64_t{actor} << 40U | counter);
}
inline ActorIndex row_actor(RowId row) {
    return static_cast<ActorIndex>(static_cast<std::uint64_t>(row) >> 40U);
}
inline Counter row_counter(RowId row) {
    return static_cast<std::uint64_t>(row) & ((std::uint64_t{1} << 40U) - 1);
}

/// One actor as this device knows it. `device` is zero for an actor of which only a record's
/// name has been seen.
struct Actor {
    ActorIndex index = 0;
    SpaceIndex space = 0;
    ActorId id;
    DeviceId device;
    Incarnation incarnation;
    Counter last = 0;                     ///< of its chain as far as we hold it, sealed
    Digest chain;                         ///< hash at `last`
    std::vector<ActorId> introduced;      ///< what its chain may mention by number
    VersionVector seen;                   ///< what its chain has said it had seen (own actor)
    Witness witness;                      ///< what its chain has last witnessed (own actor)
};

/// All actors of all spaces, kept in memory and written through.
class Actors final {
public:
    explicit Actors(sqlite::Database& database) : database_(database) {}
    Result<void> load();

    /// The actor, made where it is new.
    Result<ActorIndex> intern(SpaceIndex space, const DeviceId& device,
                              const Incarnation& incarnation, const ActorId& id);
    /// The actor whose records carry this prefix, made (without a device) where it is new.
    Result<ActorIndex> intern(SpaceIndex space, const RecordId::ActorPrefix& prefix);

    [[nodiscard]] const Actor* find(SpaceIndex space, const ActorId& id) const;
    [[nodiscard]] const Actor* find(SpaceIndex space, const RecordId::ActorPrefix& prefix) const;
    /// The placeholder where a damaged row names none.
    [[nodiscard]] const Actor& at(ActorIndex index) const {
        return actors_[index < actors_.size() ? index : 0];
    }
    /// Index 0 is a placeholder; real actors start at 1.
    [[nodiscard]] const std::vector<Actor>& all() const { return actors_; }

    /// Moves an actor's chain forward in memory and marks it for save().
    void advance(ActorIndex index, Counter last, const Digest& chain,
                 const std::vector<ActorId>& introduced);
    void note_seen(ActorIndex index, const VersionVector& seen);
    void note_witness(ActorIndex index, const Witness& witness);
    /// What a chain has said up to a place.
    struct ChainState {
        Counter last = 0;
        Digest chain;
        std::vector<ActorId> introduced;
        VersionVector seen;
    };
    /// Moves an actor's chain back to a place, in memory, and marks it for save().
    void retreat(ActorIndex index, ChainState state);
    /// Writes what changed. In the caller's transaction.
    Result<void> save();
    /// Forgets changes that were not committed.
    Result<void> reload();

private:
    using PrefixKey = std::pair<SpaceIndex, RecordId::ActorPrefix>;
    Result<ActorIndex> add(Actor actor);
    void insert(Actor actor);

    sqlite::Database& database_;
    std::vector<Actor> actors_{1};
    std::map<PrefixKey, ActorIndex> by_prefix_;
    std::vector<ActorIndex> dirty_;
};

/// The actors of one space, for change.hpp's codecs.
class SpaceActors final : public ActorLookup {
public:
    SpaceActors(const Actors& actors, SpaceIndex space) : actors_(actors), space_(space) {}
    const ActorId* find(const RecordId::ActorPrefix& prefix) const override {
        const auto* actor = actors_.find(space_, prefix);
        return actor == nullptr || actor->device.is_zero() ? nullptr : &actor->id;
    }

private:
    const Actors& actors_;
    SpaceIndex space_;
};

}  // namespace trellis::core
