// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/dot.hpp"

namespace trellis {

using RecordIdBytes = Id<struct RecordTag, 16>;

/// The name of a record, 16 bytes. There are two kinds, told apart by one bit:
/// *dotted*: the first 10 bytes of the creating op's actor, then its counter (48 bits, big
/// endian, top bit 0), so a new record needs no bytes of its own on the wire and no index on
/// disk; *keyed*: a hash of (space, type, key) with that bit set, so that devices which create
/// the same key offline create one record.
struct RecordId : RecordIdBytes {
    static constexpr std::size_t prefix_size = 10;
    using ActorPrefix = ByteArray<prefix_size>;

    static RecordId dotted(const Dot& dot);
    /// `hash` is at least 16 bytes of a hash of (space, type, key).
    static RecordId keyed(ByteView hash);
    static std::optional<RecordId> parse(std::string_view hex);
    static RecordId from(ByteView view) { return RecordId{RecordIdBytes::from(view)}; }

    [[nodiscard]] bool is_keyed() const { return (bytes[prefix_size] & 0x80U) != 0; }
    /// Requires: !is_keyed().
    [[nodiscard]] ActorPrefix actor_prefix() const;
    [[nodiscard]] Counter counter() const;

    /// False where no op could have given this name: its counter is 0 or over the limit. A value
    /// may be any 16 bytes; a record has a possible name.
    [[nodiscard]] bool is_possible() const;
    /// True where this is the dotted name of the record that the op `dot` created.
    [[nodiscard]] bool is_named_by(const Dot& dot) const {
        return is_possible() && *this == dotted(dot);
    }
};

}  // namespace trellis
