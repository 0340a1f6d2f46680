// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/relay_log.hpp"

#include "crypto/public/envelope.hpp"

namespace trellis::sim {

bool RelayLog::Space::contains(const Cursor& cursor) const {
    if (cursor.incarnation != incarnation || cursor.position > entries.size()) return false;
    const auto at = static_cast<std::size_t>(cursor.position);
    return cursor.head == (at == 0 ? Digest() : entries[at - 1].head);
}

bool RelayLog::add(const sync::SpaceAppend& append) {
    const auto found = spaces_.find(append.space);
    if (found == spaces_.end()) return false;
    auto& space = found->second;
    if (space.incarnation != append.incarnation || space.entries.size() != append.after) {
        return false;
    }
    for (const auto& placed : append.envelopes) {
        space.entries.push_back({placed.actor, placed.first, placed.last, placed.head});
    }
    return true;
}

Result<void> RelayLog::read(sqlite::Database& store) {
    spaces_.clear();
    TRELLIS_TRY(auto spaces, store.prepare("SELECT number, id, incarnation FROM space"));
    std::map<std::int64_t, SpaceId> ids;
    for (;;) {
        TRELLIS_TRY(const bool more, spaces.step());
        if (!more) break;
        const auto id = SpaceId::from(spaces.bytes(1));
        ids[spaces.integer(0)] = id;
        spaces_[id].incarnation = LogIncarnation::from(spaces.bytes(2));
    }
    TRELLIS_TRY(auto envelopes,
                store.prepare("SELECT envelope.id >> 40, device, incarnation, first, head, bytes "
                              "FROM envelope JOIN chain ON chain.number = envelope.chain "
                              "ORDER BY envelope.id"));
    for (;;) {
        TRELLIS_TRY(const bool more, envelopes.step());
        if (!more) return {};
        const auto id = ids.at(envelopes.integer(0));
        TRELLIS_TRY(const auto header, crypto::parse_envelope(envelopes.bytes(5)));
        const auto first = static_cast<Counter>(envelopes.integer(3));
        spaces_[id].entries.push_back(
            {crypto::actor_id(id, DeviceId::from(envelopes.bytes(1)),
                              Incarnation::from(envelopes.bytes(2))),
             first, first + header.ops - 1, Digest::from(envelopes.bytes(4))});
    }
}

const RelayLog::Space* RelayLog::find(const SpaceId& space) const {
    const auto found = spaces_.find(space);
    return found == spaces_.end() ? nullptr : &found->second;
}

}  // namespace trellis::sim
