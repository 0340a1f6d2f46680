// SPDX-License-Identifier: Apache-2.0
#include "core/store/actors.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"
#include "core/sqlite/id_cell.hpp"

namespace trellis::core {
namespace {

RecordId::ActorPrefix prefix_of(const ActorId& id) {
    RecordId::ActorPrefix prefix{};
    std::copy_n(id.bytes.begin(), prefix.size(), prefix.begin());
    return prefix;
}

/// What a chain has said: the actors it introduced and the counters it had seen of them.
Bytes encode_said(const Actor& actor) {
    ByteWriter writer;
    writer.varint(actor.introduced.size());
    for (const auto& id : actor.introduced) {
        writer.raw(id.view());
        writer.varint(actor.seen.counter(id));
    }
    if (const auto& log = actor.witness.log) {
        writer.raw(log->log.view());
        writer.varint(log->position);
        writer.raw(log->head.view());
    }
    if (const auto& entries = actor.witness.entries) {
        // Without a word about the space's log there is room for one.
        if (!actor.witness.log) writer.raw(ByteArray<13>{});
        writer.varint(entries->length);
        writer.raw(entries->head.view());
    }
    return writer.take();
}

void decode_said(ByteView bytes, Actor& actor) {
    ByteReader reader(bytes);
    const auto count = reader.count(limits::space_actors_max, ActorId::size);
    for (std::size_t i = 0; i < count; ++i) {
        actor.introduced.push_back(reader.id<ActorId>());
        if (const auto seen = reader.varint(); seen > 0) actor.seen.raise(actor.introduced[i], seen);
    }
    if (reader.left() == 0) return;
    LogWitness log{reader.id<LogPrint>(), reader.varint(), {}};
    log.head = reader.id<ShortDigest>();
    if (log.position > 0) actor.witness.log = log;
    if (reader.left() == 0) return;
    actor.witness.entries = EntryWitness{reader.varint(), {}};
    actor.witness.entries->head = reader.id<ShortDigest>();
}

}  // namespace

/// All or nothing: what is here stays where it cannot be read.
Result<void> Actors::load() {
    TRELLIS_TRY(auto select, database_.prepare(
        "SELECT idx, space, id, device, incarnation, last, chain, said FROM _actor ORDER BY idx"));
    std::vector<Actor> actors(1);
    for (;;) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) break;
        Actor actor;
        actor.index = static_cast<ActorIndex>(select.integer(0));
        if (actor.index != actors.size()) {
            return Error{Code::corrupt, "the database's table of actors has gaps: restore a backup"};
        }
        actor.space = static_cast<SpaceIndex>(select.integer(1));
        TRELLIS_TRY(actor.id, sqlite::id_in<ActorId>(select, 2));
        TRELLIS_TRY(actor.device, sqlite::id_in<DeviceId>(select, 3));
        TRELLIS_TRY(actor.incarnation, sqlite::id_in<Incarnation>(select, 4));
        actor.last = static_cast<Counter>(select.integer(5));
        TRELLIS_TRY(actor.chain, sqlite::id_in<Digest>(select, 6));
        decode_said(select.bytes(7), actor);
        actors.push_back(std::move(actor));
    }
    actors_.assign(1, {});
    by_prefix_.clear();
    dirty_.clear();
    for (std::size_t i = 1; i < actors.size(); ++i) insert(std::move(actors[i]));
    return {};
}

void Actors::insert(Actor actor) {
    by_prefix_[{actor.space, prefix_of(actor.id)}] = actor.index;
    actors_.push_back(std::move(actor));
}

Result<ActorIndex> Actors::add(Actor actor) {
    if (actors_.size() > limits::space_actors_max) {
        return Error{Code::too_large, "this database knows too many devices to take in another"};
    }
    actor.index = static_cast<ActorIndex>(actors_.size());
    const ActorIndex index = actor.index;
    dirty_.push_back(index);
    insert(std::move(actor));
    return index;
}

Result<ActorIndex> Actors::intern(SpaceIndex space, const DeviceId& device,
                                  const Incarnation& incarnation, const ActorId& id) {
    const auto known = by_prefix_.find({space, prefix_of(id)});
    if (known == by_prefix_.end()) {
        Actor actor;
        actor.space = space;
        actor.id = id;
        actor.device = device;
        actor.incarnation = incarnation;
        return add(std::move(actor));
    }
    Actor& actor = actors_[known->second];
    if (actor.device.is_zero()) {
        actor.id = id;
        actor.device = device;
        actor.incarnation = incarnation;
        dirty_.push_back(actor.index);
    } else if (actor.id != id) {
        return Error{Code::fork, "two devices' names collide in 80 bits: one of them must join anew"};
    }
    return actor.index;
}

Result<ActorIndex> Actors::intern(SpaceIndex space, const RecordId::ActorPrefix& prefix) {
    const auto known = by_prefix_.find({space, prefix});
    if (known != by_prefix_.end()) return known->second;
    Actor actor;
    actor.space = space;
    std::copy(prefix.begin(), prefix.end(), actor.id.bytes.begin());
    return add(std::move(actor));
}

const Actor* Actors::find(SpaceIndex space, const ActorId& id) const {
    const auto* actor = find(space, prefix_of(id));
    return actor != nullptr && actor->id == id ? actor : nullptr;
}

const Actor* Actors::find(SpaceIndex space, const RecordId::ActorPrefix& prefix) const {
    const auto known = by_prefix_.find({space, prefix});
    return known == by_prefix_.end() ? nullptr : &actors_[known->second];
}

void Actors::advance(ActorIndex index, Counter last, const Digest& chain,
                     const std::vector<ActorId>& introduced) {
    Actor& actor = actors_[index];
    actor.last = last;
    actor.chain = chain;
    actor.introduced.insert(actor.introduced.end(), introduced.begin(), introduced.end());
    dirty_.push_back(index);
}

void Actors::note_seen(ActorIndex index, const VersionVector& seen) {
    actors_[index].seen.join(seen);
    dirty_.push_back(index);
}

void Actors::note_witness(ActorIndex index, const Witness& witness) {
    auto& known = actors_[index].witness;
    if (witness.log) known.log = witness.log;
    if (witness.entries) known.entries = witness.entries;
    dirty_.push_back(index);
}

void Actors::retreat(ActorIndex index, ChainState state) {
    Actor& actor = actors_[index];
    actor.last = state.last;
    actor.chain = state.chain;
    actor.introduced = std::move(state.introduced);
    actor.seen = std::move(state.seen);
    actor.witness = {};
    dirty_.push_back(index);
}

Result<void> Actors::save() {
    if (dirty_.empty()) return {};
    std::sort(dirty_.begin(), dirty_.end());
    dirty_.erase(std::unique(dirty_.begin(), dirty_.end()), dirty_.end());
    TRELLIS_TRY(auto upsert, database_.prepare(
        "INSERT OR REPLACE INTO _actor(idx, space, id, device, incarnation, last, chain, said) "
        "VALUES(?1,?2,?3,?4,?5,?6,?7,?8)"));
    for (const auto index : dirty_) {
        const Actor& actor = actors_[index];
        const Bytes said = encode_said(actor);
        upsert.bind(1, std::int64_t{index}).bind(2, std::int64_t{actor.space});
        upsert.bind_bytes(3, actor.id.view()).bind_bytes(4, actor.device.view());
        upsert.bind_bytes(5, actor.incarnation.view());
        upsert.bind(6, static_cast<std::int64_t>(actor.last));
        upsert.bind_bytes(7, actor.chain.view()).bind_bytes(8, said);
        TRELLIS_DO(upsert.run());
    }
    dirty_.clear();
    return {};
}

Result<void> Actors::reload() { return dirty_.empty() ? Result<void>{} : load(); }

}  // namespace trellis::core
