// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/stamp.hpp"
#include "core/codec/archive.hpp"
#include "core/record/actor_index.hpp"
#include "core/record/value.hpp"

#include <optional>
#include <vector>

namespace trellis::core {

/// What the short forms inside one op are relative to.
struct OpContext {
    const ActorIndex* actors = nullptr;      ///< null: actors and records are written in full
    std::vector<bool>* mentioned = nullptr;  ///< marks actors of the table as they are read
    Counter own = 0;                         ///< counter of the op
    Time stamp = 0;                          ///< of its change
    const ActorId* creator = nullptr;        ///< of its record; null where it is not in the table
    Counter created = 0;                     ///< counter of the op that created it
};

/// A record named by an actor of the table and a counter.
struct Mention {
    std::size_t index = 0;
    Counter counter = 0;
};

/// Nothing where the record has to be written in full.
std::optional<Mention> find_mention(const OpContext& context, const RecordId& record);
/// The record of a mention; fails where the same record has another, the only legal, form.
RecordId resolve(BoundedReader& reader, const OpContext& context, const Mention& mention);
/// A record in full; fails where it could have been mentioned.
RecordId read_full_record(BoundedReader& reader, const OpContext& context);
/// `own - counter` of an earlier op of the author, or of this one where `least` is 0.
Counter read_distance(BoundedReader& reader, const OpContext& context, Counter least);
Counter read_counter(BoundedReader& reader);
std::size_t read_index(BoundedReader& reader, const OpContext& context, std::uint64_t index);

void write_value(ByteWriter& writer, const OpContext& context, const Value& value);
void read_value(BoundedReader& reader, const OpContext& context, Value& value);

/// Requires: dot.actor is in the table, and an op of the author is an earlier one.
void write_dot(ByteWriter& writer, const OpContext& context, const Dot& dot);
Dot read_dot(BoundedReader& reader, const OpContext& context);

/// Dots in ascending order, with a short form for "exactly the op that created the record".
void write_dots(ByteWriter& writer, const OpContext& context, const std::vector<Dot>& dots);
void read_dots(BoundedReader& reader, const OpContext& context, std::vector<Dot>& dots);
bool is_exactly_creation(const OpContext& context, const std::vector<Dot>& dots);

std::optional<Mention> write_record(ByteWriter& writer,
                                    const OpContext& context,
                                    const RecordId& record);
std::optional<Mention> read_record(BoundedReader& reader,
                                   const OpContext& context,
                                   RecordId& record);

/// Values in full, as states and rows keep them.
inline void save(BodyWriter& archive, const Value& value) {
    write_value(archive, {}, value);
}
inline void load(BodyReader& archive, Value& value) {
    read_value(archive, {}, value);
}

}  // namespace trellis::core
