// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>

#include "core/record/change.hpp"
#include "core/store/link_store.hpp"
#include "core/store/record_store.hpp"

namespace trellis::core {

/// Takes changes into states and rows: the one way in, for what this device writes and for
/// what it receives. Lives for one transaction; finish() writes what was touched, each record
/// once, in the order of rows.
class Applier {
public:
    Applier(RecordStore& records, LinkStore& links, Actors& actors)
        : records_(records), links_(links), actors_(actors) {}

    /// Requires: what the change depends on has been applied, and it has not been itself.
    /// `author_saw`: of other actors, by the author's own word; null for what this device
    /// writes now. Values are conformed in place.
    Result<void> apply(ActorIndex actor, Change& change, const VersionVector* author_saw);
    Result<void> finish();

    /// Types touched since construction, for live queries.
    [[nodiscard]] const std::set<TypeId>& touched() const { return touched_; }

    /// True where this transaction has made or changed the record and not written it yet.
    [[nodiscard]] bool holds(const Place& place) const {
        const auto known = entries_.find({place.type, place.row});
        return known != entries_.end() && known->second.changed;
    }
    /// The state of a record as of now, what this transaction has done included.
    Result<std::optional<RecordState>> state(const Place& place);

private:
    struct Entry {
        Place place;
        RecordState state;
        bool exists = false;
        bool changed = false;
    };
    using Key = std::pair<TypeId, RowId>;

    struct Authorship {
        ActorIndex actor = 0;
        Dot dot;
        Stamp stamp;
        const VersionVector* past = nullptr;  ///< null: known to be honest
    };
    Result<void> apply_op(const Authorship& by, const Op& op);
    Result<void> append(const Place& place, const Dot& dot, const Stamp& stamp, const Op& op);
    Result<Entry*> entry(const Place& place);
    Result<void> spill();

    RecordStore& records_;
    LinkStore& links_;
    Actors& actors_;
    std::map<Key, Entry> entries_;
    std::set<TypeId> touched_;
};

/// The op with every value in the form its field keeps. Order-independent, so that all devices
/// of one schema hold the same.
void conform(Op& op, const Schema& schema);

}  // namespace trellis::core
