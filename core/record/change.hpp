// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "core/base/cursor.hpp"
#include "core/base/result.hpp"
#include "core/base/stamp.hpp"
#include "core/record/op.hpp"

namespace trellis::core {

/// One transaction of one actor in one space, all or nothing. Its ops have the counters
/// first, first + 1, …; it is named by the dot of its first op.
struct Change {
    Counter first = 0;
    Stamp stamp;
    std::vector<Op> ops;

    [[nodiscard]] Counter last() const { return first + ops.size() - 1; }
    bool operator==(const Change&) const = default;
};

/// The first bytes of a log's incarnation: enough to tell one life of the relay from another.
using LogPrint = Id<struct LogPrintTag, 4>;
inline LogPrint log_print(const LogIncarnation& log) {
    return LogPrint::from(log.view().first(LogPrint::size));
}

/// Where a log stood for the author: two who saw the same place saw the same history up to it,
/// or the relay has shown them two.
struct LogWitness {
    LogPrint log;  ///< of the space's log
    std::uint64_t position = 0;
    ShortDigest head;
    bool operator==(const LogWitness&) const = default;
};
struct EntryWitness {
    std::uint64_t length = 0;  ///< of the membership log
    ShortDigest head;
    bool operator==(const EntryWitness&) const = default;
};
/// What an author says of both when it has changed since the envelope before.
struct Witness {
    std::optional<LogWitness> log;
    std::optional<EntryWitness> entries;

    [[nodiscard]] bool is_empty() const { return !log && !entries; }
    bool operator==(const Witness&) const = default;
};

/// The inside of an envelope: consecutive changes of one actor.
struct Body {
    /// Actors that this chain mentions for the first time, in order of mention. Mentions are
    /// indices into a table that grows along the chain: 0 is the author, then `known` (what
    /// earlier envelopes of the chain introduced), then these.
    std::vector<ActorId> introduced;
    /// What the author had seen of others beyond what its previous envelope said.
    VersionVector seen;
    std::vector<Change> changes;  ///< consecutive: each starts where the last one ended
    Witness witness = {};

    bool operator==(const Body&) const = default;
};

/// Knows the actors of a space by the prefix that record ids carry.
class ActorLookup {
public:
    ActorLookup() = default;
    ActorLookup(const ActorLookup&) = delete;
    ActorLookup& operator=(const ActorLookup&) = delete;
    virtual ~ActorLookup() = default;
    /// Null where unknown: a record of that actor is then written in full.
    virtual const ActorId* find(const RecordId::ActorPrefix& prefix) const = 0;
};

/// The table that mentions of actors index: the author, then those its chain introduced.
struct ActorTable {
    ActorId author;
    std::vector<ActorId> known;
};

/// Fills body.introduced with the actors that body.seen and the ops mention and the table does
/// not hold.
void introduce_actors(const ActorTable& table, const ActorLookup& lookup, Body& body);

/// The body's bytes, before compression (docs/format.md, "Body"). Requires: introduce_actors()
/// has run, check_change() accepts every change, ops name only earlier ops of the author, and
/// body.seen does not name the author.
Bytes encode_body(const ActorTable& table, const Body& body);

/// Strict inverse: `corrupt` for anything that encode_body does not produce, `too_large` over
/// a limit. `first` is the counter that the envelope's header claims.
Result<Body> decode_body(const ActorTable& table, Counter first, ByteView bytes);

/// One change alone, with actors in full, as the device keeps it until it is sealed. Requires:
/// check_change() accepts it.
Bytes encode_change(const Change& change);
Result<Change> decode_change(ByteView bytes);

}  // namespace trellis::core
