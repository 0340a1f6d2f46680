// SPDX-License-Identifier: Apache-2.0
#include "core/store/replay.hpp"

#include "core/base/limits.hpp"
#include "core/store/acceptance.hpp"
#include "crypto/secret/seal.hpp"

namespace trellis::core {
namespace {

constexpr std::size_t load_bytes = 256 * 1024;

}  // namespace

/// Opens the stream's next envelope; false at its end.
Result<bool> Replay::open_next(const SpaceState& space, Stream& stream) {
    if (stream.body) return true;
    if (stream.next == stream.loaded.size()) {
        TRELLIS_TRY(stream.loaded, sealed_.load(stream.actor, stream.last, load_bytes));
        stream.next = 0;
        if (stream.loaded.empty()) return false;
    }
    const auto& kept = stream.loaded[stream.next];
    const auto& actor = store_.actors.at(stream.actor);
    TRELLIS_TRY(const auto header, crypto::parse_envelope(kept.envelope));
    const auto* epoch_key = ledger_.keyring().key(space.id, header.epoch);
    if (epoch_key == nullptr || kept.first != stream.last + 1) {
        return Error{Code::corrupt, "a kept envelope of actor " + actor.id.hex() + " at " +
                                        std::to_string(kept.first) + " cannot be opened any more"};
    }
    const auto key = crypto::batch_key(*epoch_key, space.id, header.epoch, actor.id);
    const crypto::EnvelopePlace place{ledger_.membership().org(), space.id, actor.id, kept.first,
                                      stream.chain};
    TRELLIS_TRY(const Bytes packed, crypto::open(place, key, kept.envelope));
    TRELLIS_TRY(const Bytes plain,
                store_.compressor.decompress(packed, limits::envelope_plain_max));
    TRELLIS_TRY(stream.body, decode_body({actor.id, stream.introduced}, kept.first, plain));
    return true;
}

/// The opened envelope, with the stream moved past it.
Replay::Step Replay::take(Stream& stream) {
    Step step{stream.actor, std::move(*stream.body), {}, stream.loaded[stream.next].chain};
    stream.body.reset();
    stream.introduced.insert(stream.introduced.end(), step.body.introduced.begin(),
                             step.body.introduced.end());
    stream.seen.join(step.body.seen);
    step.author_saw = stream.seen;
    stream.last = step.body.changes.back().last();
    stream.chain = step.chain;
    ++stream.next;
    return step;
}

Result<void> Replay::visit_next(const SpaceState& space, Stream& stream, VersionVector& visited,
                                const Visit& visit) {
    Step step = take(stream);
    const Actor& actor = store_.actors.at(stream.actor);
    visited.raise(actor.id, stream.last);
    const bool does_count = counts(ledger_.membership(), space.id, actor, stream.last, step.chain);
    return does_count ? visit(step) : Result<void>{};
}

/// All that is held of what the author had seen has been visited. The rest was said by a branch
/// that has lost its name, and is not here to be waited for.
bool Replay::is_due(const SpaceState& space, const VersionVector& visited,
                    const VersionVector& seen) const {
    for (const auto& entry : seen.entries()) {
        const auto before = visited.counter(entry.actor);
        if (before >= entry.counter) continue;
        const auto* actor = store_.actors.find(space.index, entry.actor);
        if (actor != nullptr && before < actor->last) return false;
    }
    return true;
}

/// Visits the stream's next envelopes as long as what they depend on has been visited.
Result<bool> Replay::advance(const SpaceState& space, Stream& stream, VersionVector& visited,
                             const Visit& visit) {
    bool moved = false;
    for (;;) {
        TRELLIS_TRY(const bool more, open_next(space, stream));
        if (!more || !is_due(space, visited, stream.body->seen)) return moved;
        TRELLIS_DO(visit_next(space, stream, visited, visit));
        moved = true;
    }
}

Result<void> Replay::run(const SpaceState& space, const Visit& visit) {
    std::vector<Stream> streams;
    for (const auto& actor : store_.actors.all()) {
        if (actor.index == 0 || actor.space != space.index || actor.last == 0) continue;
        Stream stream;
        stream.actor = actor.index;
        streams.push_back(std::move(stream));
    }
    VersionVector visited;
    for (bool moved = true; moved;) {
        moved = false;
        for (auto& stream : streams) {
            TRELLIS_TRY(const bool some, advance(space, stream, visited, visit));
            moved = moved || some;
        }
        for (auto stream = streams.begin(); !moved && stream != streams.end(); ++stream) {
            if (!stream->body) continue;
            TRELLIS_DO(visit_next(space, *stream, visited, visit));
            moved = true;
        }
    }
    for (const auto& stream : streams) {
        const auto& actor = store_.actors.at(stream.actor);
        if (stream.last == actor.last) continue;
        return Error{Code::corrupt, "envelopes of actor " + actor.id.hex() + " after " +
                                        std::to_string(stream.last) + " are missing"};
    }
    return {};
}

Result<void> Replay::walk(const SpaceState& space, ActorIndex actor, const Visit& visit) {
    Stream stream;
    stream.actor = actor;
    for (;;) {
        TRELLIS_TRY(const bool more, open_next(space, stream));
        if (!more) return {};
        Step step = take(stream);
        TRELLIS_DO(visit(step));
    }
}

}  // namespace trellis::core
