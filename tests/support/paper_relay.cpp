// SPDX-License-Identifier: Apache-2.0
#include "tests/support/paper_relay.hpp"

#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "crypto/public/log_roll.hpp"

namespace trellis::test {

PaperRelay::PaperRelay(Replicas& replicas, std::uint8_t life) : replicas_(replicas) {
    life_.bytes.fill(life);
}

Cursor PaperRelay::cursor_at(std::uint64_t position) const {
    Cursor cursor{life_, 0, {}};
    while (cursor.position < position) {
        const auto& chain = log_[static_cast<std::size_t>(cursor.position)].chain;
        cursor.head = crypto::next_head(cursor.head, cursor.position + 1, chain);
        ++cursor.position;
    }
    return cursor;
}

const PaperRelay::Placed* PaperRelay::end_of(const DeviceId& device,
                                             const Incarnation& incarnation) const {
    const Placed* end = nullptr;
    for (const auto& placed : log_) {
        if (placed.device == device && placed.incarnation == incarnation) end = &placed;
    }
    return end;
}

void PaperRelay::append(const crypto::EnvelopeRun& run) {
    Counter first = run.first;
    for (const auto& envelope : run.envelopes) {
        const auto* end = end_of(run.device, run.incarnation);
        const auto header = crypto::parse_envelope(envelope);
        REQUIRE(header.has_value());
        const auto& space = replicas_.space();
        const crypto::EnvelopePlace place{
            replicas_[0].org(), space, crypto::actor_id(space, run.device, run.incarnation),
            first, end == nullptr ? Digest() : end->chain};
        const auto chain = crypto::chain_hash(place, envelope);
        log_.push_back(
            {run.device, run.incarnation, first, first + header->ops - 1, envelope, chain});
        first += header->ops;
    }
}

bool PaperRelay::take(const crypto::EnvelopeRun& run) {
    Counter first = run.first;
    for (const auto& envelope : run.envelopes) {
        const auto* end = end_of(run.device, run.incarnation);
        const Counter last = end == nullptr ? 0 : end->last;
        if (first > last) {
            REQUIRE(first == last + 1);
            append({run.device, run.incarnation, first, {envelope}});
        } else {
            const auto same = std::find_if(log_.begin(), log_.end(), [&](const Placed& placed) {
                return placed.device == run.device && placed.incarnation == run.incarnation &&
                       placed.first == first && placed.envelope == envelope;
            });
            if (same == log_.end()) return false;
        }
        first += crypto::parse_envelope(envelope)->ops;
    }
    return true;
}

void PaperRelay::pull(std::size_t at) {
    auto& replica = replicas_[at];
    for (const auto& sync : replica.sync_spaces()) {
        if (sync.space != replicas_.space()) continue;
        const auto from = static_cast<std::size_t>(sync.cursor.position);
        if (from < log_.size()) {
            std::vector<crypto::EnvelopeRun> runs;
            for (auto i = from; i < log_.size(); ++i) {
                const auto& placed = log_[i];
                runs.push_back({placed.device, placed.incarnation, placed.first,
                                {placed.envelope}});
            }
            const auto taken =
                replica.receive(sync.space, sync.cursor, cursor_at(log_.size()), runs);
            if (!taken) FAIL(taken.error().message);
        }
        REQUIRE(replica.seen_word(sync.space).has_value());
    }
}

void PaperRelay::push(std::size_t at) {
    auto& replica = replicas_[at];
    for (const auto& sync : replica.sync_spaces()) {
        if (sync.space != replicas_.space()) continue;
        for (const auto& former : sync.former) {
            const auto runs = replica.envelopes(sync.space, former, SIZE_MAX);
            REQUIRE(runs.has_value());
            for (const auto& run : *runs) {
                if (!take(run)) continue;
                const auto end = end_of(run.device, run.incarnation)->last;
                REQUIRE(replica.confirm(sync.space, run.incarnation, end).has_value());
            }
        }
        const auto runs = replica.outbox(sync.space, sync.stored, SIZE_MAX);
        if (!runs) FAIL(runs.error().message);
        for (const auto& run : *runs) {
            if (!take(run)) {
                REQUIRE(replica.forked(sync.space).has_value());
                return;
            }
            const auto end = end_of(run.device, run.incarnation)->last;
            REQUIRE(replica.confirm(sync.space, run.incarnation, end).has_value());
        }
    }
}

void PaperRelay::sync(std::size_t at) {
    auto& replica = replicas_[at];
    for (const auto& sync : replica.sync_spaces()) {
        if (sync.space != replicas_.space()) continue;
        const auto* end = end_of(replica.device(), sync.own);
        if (end != nullptr && end->last > sync.sealed) {
            REQUIRE(replica.rolled_back(sync.space).has_value());
        }
    }
    push(at);
    pull(at);
    push(at);
    pull(at);
    hand_in(at);
    pull(at);
}

void PaperRelay::hand_in(std::size_t at) {
    auto& replica = replicas_[at];
    const auto ends = replica.lacked(replicas_.space());
    REQUIRE(ends.has_value());
    for (const auto& end : *ends) {
        const auto runs = replica.envelopes(replicas_.space(), end, SIZE_MAX);
        REQUIRE(runs.has_value());
        for (const auto& run : *runs) {
            if (take(run)) continue;
            auto never = end;
            never.last = limits::counter_max;
            REQUIRE(replica.settle_lacked(replicas_.space(), never).has_value());
            break;
        }
    }
}

void PaperRelay::settle() {
    for (std::size_t before = SIZE_MAX; before != log_.size();) {
        before = log_.size();
        for (std::size_t at = 0; at < replicas_.size(); ++at) sync(at);
    }
    for (std::size_t at = 0; at < replicas_.size(); ++at) pull(at);
}

}  // namespace trellis::test
