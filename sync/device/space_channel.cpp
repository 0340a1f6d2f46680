// SPDX-License-Identifier: Apache-2.0
#include "sync/device/space_channel.hpp"

#include <algorithm>
#include <utility>

namespace trellis::sync {
namespace {

/// A second repair on one connection may happen (the relay was restored under us); a fourth
/// means that repairing does not help.
constexpr unsigned repairs_max = 3;

/// Chains in one frame.
constexpr std::size_t heads_per_frame = 4096;

bool is_parted(const std::vector<ChainHead>& parted, const core::ChainEnd& end) {
    return std::any_of(parted.begin(), parted.end(), [&](const ChainHead& head) {
        return head.device == end.device && head.incarnation == end.incarnation;
    });
}

}  // namespace

SpaceChannel::SpaceChannel(const SessionParts& parts, const core::SpaceSync& state,
                           Channel channel, PushWindow& window)
    : parts_(parts),
      state_(state),
      channel_(channel),
      opened_(state_.own),
      lane_(parts, state_.space, channel, window),
      submissions_(parts, state_.space, channel) {}

void SpaceChannel::open() {
    parts_.line.send(Open{.space = state_.space,
                          .incarnation = state_.cursor.incarnation,
                          .position = state_.cursor.position,
                          .head = short_digest(state_.cursor.head),
                          .own = state_.own,
                          .follow = parts_.options.follow});
}

void SpaceChannel::receive(const OpenRefused& refused) {
    stage_ = Stage::refused;
    lane_.close();
    submissions_.close();
    parts_.tell(state_.space, Error{refused.code, refused.message});
}

Result<void> SpaceChannel::receive(const Opened& opened) {
    incarnation_ = opened.incarnation;
    stage_ = Stage::following;
    TRELLIS_DO(judge_own_chain(opened));
    const auto& cursor = state_.cursor;
    const bool fits = opened.known && opened.position >= cursor.position &&
                      (cursor.position == 0 || opened.incarnation == cursor.incarnation);
    if (!fits) return start_repair();
    if (opened.position == cursor.position) return caught_up();
    return {};
}

Result<void> SpaceChannel::judge_own_chain(const Opened& opened) {
    if (opened.own_last > state_.sealed) return start_again();
    const bool is_level = opened.own_last == state_.sealed && state_.sealed > 0;
    if (is_level && opened.own_chain != short_digest(state_.chain)) return own_fork();
    if (is_level && state_.stored < state_.sealed) {
        TRELLIS_DO(parts_.replica.confirm(state_.space, state_.own, state_.sealed));
        state_.stored = state_.sealed;
    }
    lane_.begin(opened_, state_.own, std::min(state_.stored, opened.own_last));
    for (const auto& end : state_.former) lane_.add(end);
    return {};
}

Result<void> SpaceChannel::own_fork() {
    lane_.begin(opened_, state_.own, state_.sealed);
    lane_.stop(Error{Code::fork,
                     "the relay holds other changes of this device than this device does: its "
                     "database was copied, and both copies have written; its own go up under a "
                     "new name"});
    parts_.progress.again = true;
    return parts_.replica.forked(state_.space);
}

Result<void> SpaceChannel::start_again() {
    parts_.tell(state_.space,
                Error{Code::rolled_back,
                      "this device's database is an older copy of itself: what it had sent comes "
                      "back from the relay, and it writes under a new name from now on"});
    TRELLIS_DO(parts_.replica.rolled_back(state_.space));
    parts_.progress.again = true;
    for (const auto& state : parts_.replica.sync_spaces()) {
        if (state.space != state_.space) continue;
        state_.own = state.own;
        state_.sealed = state.sealed;
        state_.chain = state.chain;
        state_.stored = state.stored;
    }
    lane_.begin(opened_, state_.own, state_.stored);
    return {};
}

/// What came may have shown the replica that it is a copy: then it writes under another name.
void SpaceChannel::follow_own(const std::vector<crypto::EnvelopeRun>& runs) {
    const bool has_ours = std::any_of(runs.begin(), runs.end(), [this](const auto& run) {
        return run.device == parts_.replica.device() && run.incarnation == state_.own;
    });
    if (!has_ours || parts_.progress.again) return;  // or the next session does
    for (const auto& state : parts_.replica.sync_spaces()) {
        if (state.space != state_.space || state.own == state_.own) continue;
        state_.own = state.own;
        state_.sealed = state.sealed;
        state_.chain = state.chain;
        state_.stored = state.stored;
        lane_.change_own(state_.own, state_.stored);
        for (const auto& end : state.former) lane_.add(end);
        has_more_to_send_ = true;
    }
}

Result<void> SpaceChannel::receive(Deliver& deliver) {
    for (auto& run : deliver.runs) {
        if (!run.device.is_zero() || !run.incarnation.is_zero()) continue;
        run.device = parts_.replica.device();
        run.incarnation = opened_;
    }
    return deliver.repair ? take_repair(deliver) : take_page(deliver);
}

Result<void> SpaceChannel::take_page(Deliver& deliver) {
    // On its way when the repair began: the repair brings it, or the pages after it.
    if (stage_ == Stage::repairing) return {};
    auto& cursor = state_.cursor;
    if (deliver.to < deliver.from || (deliver.to == deliver.from && !deliver.runs.empty())) {
        return Error{Code::invalid, "the relay sent a page that ends before it begins"};
    }
    const bool is_old = deliver.to <= cursor.position;
    if (!is_old && deliver.from != cursor.position) return start_repair();
    if (!is_old) {
        const Cursor to{incarnation_, deliver.to, deliver.head};
        const auto received =
            parts_.replica.receive(state_.space, cursor, to, deliver.runs);
        if (!received && received.error().code == Code::conflict) return start_repair();
        if (!received) return received.error();
        cursor = to;
        count(*received);
        follow_own(deliver.runs);
        is_caught_up_ = false;
    }
    if (deliver.last && deliver.to == cursor.position && !is_caught_up_) return caught_up();
    return {};
}

Result<void> SpaceChannel::start_repair() {
    if (++repairs_ > repairs_max) {
        return Error{Code::conflict, "the relay's log of a space does not fit together, and "
                                     "repairing it has not helped; try again later"};
    }
    stage_ = Stage::repairing;
    is_caught_up_ = false;
    TRELLIS_TRY(const auto chains, parts_.replica.chains(state_.space));
    if (chains.size() > limits::vector_actors_max) {
        return Error{Code::too_large, "a space with more than " +
                                          std::to_string(limits::vector_actors_max) +
                                          " chains cannot be repaired"};
    }
    Vector vector{channel_, {}, true};
    for (const auto& end : chains) {
        if (is_parted(parted_, end)) continue;
        vector.heads.push_back({end.device, end.incarnation, end.last, short_digest(end.chain)});
        if (vector.heads.size() < heads_per_frame) continue;
        parts_.line.send(vector);
        vector.heads.clear();
    }
    vector.more = false;
    parts_.line.send(vector);
    parted_.clear();
    return {};
}

/// Of a chain that goes on here beyond the relay's end, only we see whether it passes there.
Result<bool> SpaceChannel::has_parted(const ChainHead& head) {
    if (head.last == 0) return false;
    TRELLIS_TRY(const auto held,
                parts_.replica.chain_at(
                    state_.space, {head.device, head.incarnation, head.last, Digest()}));
    return !held || short_digest(*held) != head.chain;
}

Result<void> SpaceChannel::receive(const Want& want) {
    Want lacked{channel_, {}};
    for (const auto& head : want.heads) {
        TRELLIS_TRY(const bool parted, has_parted(head));
        if (!parted) lacked.heads.push_back(head);
        if (parted && parted_.size() < limits::vector_actors_max) parted_.push_back(head);
    }
    return lane_.want(lacked);
}

Result<void> SpaceChannel::take_repair(Deliver& deliver) {
    if (stage_ != Stage::repairing) {
        return Error{Code::invalid, "the relay sent a repair that nobody asked for"};
    }
    if (!deliver.runs.empty()) {
        TRELLIS_TRY(const auto received,
                    parts_.replica.receive_repair(state_.space, deliver.runs));
        count(received);
        follow_own(deliver.runs);
    }
    if (!deliver.last) return {};
    // Pages go on where this log ends: its branches have to be here before the cursor is.
    if (!parted_.empty()) return start_repair();
    const Cursor to{incarnation_, deliver.to, deliver.head};
    TRELLIS_DO(parts_.replica.move_cursor(state_.space, to));
    state_.cursor = to;
    stage_ = Stage::following;
    return caught_up();
}

Result<void> SpaceChannel::caught_up() {
    is_caught_up_ = true;
    TRELLIS_DO(hand_in_lacked());
    TRELLIS_TRY(const auto word, parts_.replica.seen_word(state_.space));
    if (!word) return {};
    parts_.line.send(Seen{.channel = channel_,
                          .device = parts_.replica.device(),
                          .incarnation = word->incarnation,
                          .position = word->position,
                          .head = word->head,
                          .signature = word->signature});
    return {};
}

/// What others wrote, once the log has shown that it is not there.
Result<void> SpaceChannel::hand_in_lacked() {
    TRELLIS_TRY(const auto ends, parts_.replica.lacked(state_.space));
    for (const auto& end : ends) {
        if (lane_.add(end)) has_more_to_send_ = true;
    }
    return {};
}

void SpaceChannel::receive(const Seen& seen) {
    const core::SeenWord word{seen.incarnation, seen.position, seen.head, seen.signature};
    // A word that is not genuine changes nothing, and is no reason to stop.
    const auto taken = parts_.replica.receive_seen(state_.space, seen.device, word);
    if (!taken) parts_.tell(state_.space, taken.error());
}

/// Only who knows the whole log knows what is filed already.
Result<void> SpaceChannel::work_submissions(std::uint64_t generation) {
    if (stage_ != Stage::following || !is_caught_up_) return {};
    submissions_.look(generation);
    return submissions_.settle(lane_.is_settled());
}

void SpaceChannel::ask_receipt() {
    const bool has_pushed = lane_.take_moved();
    const bool has_pulled = std::exchange(has_moved_, false);
    if (stage_ != Stage::following || (!has_pushed && !has_pulled)) return;
    if (!parts_.replica.wants_receipt(state_.space)) return;
    parts_.line.send(GetReceipt{channel_});
    ++receipts_due_;
}

Result<void> SpaceChannel::receive(const ReceiptIs& is) {
    if (receipts_due_ == 0) {
        return Error{Code::invalid, "the relay sent a receipt that nobody asked for"};
    }
    --receipts_due_;
    auto receipt = is.receipt;
    receipt.space = state_.space;
    const auto taken = parts_.replica.receive_receipt(state_.space, receipt);
    if (!taken) parts_.tell(state_.space, taken.error());
    return {};
}

void SpaceChannel::count(const core::Received& received) {
    if (received.envelopes > 0) has_moved_ = true;
    parts_.progress.received += received.envelopes;
    parts_.progress.changes += received.changes;
}

}  // namespace trellis::sync
