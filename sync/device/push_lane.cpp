// SPDX-License-Identifier: Apache-2.0
#include "sync/device/push_lane.hpp"

#include <algorithm>
#include <utility>

#include "sync/wire/frame.hpp"

namespace trellis::sync {
namespace {

/// Of a Push with one run, before its envelopes.
constexpr std::size_t push_overhead = 1 + push_header_size + run_header_size;

/// A relay that asks for the same place again and again has lost what we send.
constexpr unsigned needs_max = 3;

}  // namespace

void PushLane::begin(const Incarnation& opened, const Incarnation& own, Counter after) {
    opened_ = opened;
    own_ = own;
    after_ = after;
    confirmed_ = after;
    may_have_own_ = true;
}

void PushLane::change_own(const Incarnation& own, Counter after) {
    left_ = own_chain();
    drop(own_chain(), 0);
    own_ = own;
    after_ = after;
    confirmed_ = after;
    may_have_own_ = true;
}

void PushLane::wake() { may_have_own_ = true; }

void PushLane::retry() {
    may_have_own_ = true;
    if (stopped_ != Code::denied) return;
    stopped_.reset();
    stopped_here_ = false;
    after_ = confirmed_;
}

bool PushLane::may_resume() const {
    if (!stopped_) return false;
    return stopped_here_ || *stopped_ == Code::busy || *stopped_ == Code::no_space;
}

bool PushLane::resume() {
    if (!may_resume()) return false;
    stopped_.reset();
    stopped_here_ = false;
    after_ = confirmed_;
    may_have_own_ = true;
    return true;
}

void PushLane::stop(Error why) {
    stopped_ = why.code;
    drop(own_chain(), 0);
    parts_.tell(space_, std::move(why));
}

void PushLane::close() {
    for (const auto& flight : flights_) window_.used -= flight.bytes;
    flights_.clear();
    ready_.clear();
    wanted_.clear();
    may_have_own_ = false;
}

PushLane::Chain PushLane::named(const DeviceId& device, const Incarnation& incarnation) const {
    if (device.is_zero() && incarnation.is_zero()) return {parts_.replica.device(), opened_};
    return {device, incarnation};
}

bool PushLane::add(const core::ChainEnd& end) {
    if (!take_up({end.device, end.incarnation})) return false;
    wanted_.push_back(end);
    return true;
}

Result<void> PushLane::want(const Want& want) {
    std::vector<core::ChainEnd> lacked;
    for (const auto& head : want.heads) {
        // Our own chain goes up from where Opened said it ends, asked or not.
        const Chain chain{head.device, head.incarnation};
        if (chain == own_chain()) continue;
        forget_wanted(chain);
        take_up(chain);
        lacked.push_back({head.device, head.incarnation, head.last, Digest()});
    }
    wanted_.insert(wanted_.end(), lacked.begin(), lacked.end());
    return parts_.replica.note_lacked(space_, lacked);
}

Result<bool> PushLane::prepare() {
    if (!ready_.empty()) return true;
    TRELLIS_TRY(const bool has_own, fetch_own());
    if (has_own) return true;
    return fetch_wanted();
}

Result<bool> PushLane::fetch_own() {
    if (stopped_ || !may_have_own_) return false;
    auto runs = parts_.replica.outbox(space_, after_, parts_.options.push_bytes);
    if (!runs) {
        // What cannot go up does not keep the rest from coming down.
        stop(runs.error());
        stopped_here_ = true;
        return false;
    }
    if (runs->empty()) {
        may_have_own_ = false;
        return false;
    }
    TRELLIS_DO(cut(std::move(*runs)));
    after_ = ready_.back().last;
    return true;
}

Result<bool> PushLane::fetch_wanted() {
    while (!wanted_.empty()) {
        auto runs =
            parts_.replica.envelopes(space_, wanted_.front(), parts_.options.push_bytes);
        if (runs && !runs->empty()) return take_wanted(std::move(*runs));
        if (!runs) parts_.tell(space_, runs.error());
        wanted_.pop_front();
    }
    return false;
}

Result<bool> PushLane::take_wanted(std::vector<crypto::EnvelopeRun> runs) {
    TRELLIS_DO(cut(std::move(runs)));
    wanted_.front().last = ready_.back().last;
    return true;
}

Result<void> PushLane::cut(std::vector<crypto::EnvelopeRun> runs) {
    for (auto& run : runs) TRELLIS_DO(cut_run(run));
    return {};
}

Result<void> PushLane::cut_run(crypto::EnvelopeRun& run) {
    Piece piece{{run.device, run.incarnation, run.first, {}}, run.first - 1, push_overhead};
    for (auto& envelope : run.envelopes) {
        TRELLIS_TRY(const auto header, crypto::parse_envelope(envelope));
        const auto bytes = envelope.size() + envelope_length_size;
        auto& taken = piece.run.envelopes;
        const bool is_full = piece.bytes + bytes > message_max ||
                             taken.size() == limits::page_envelopes_max;
        if (is_full && !taken.empty()) {
            const auto last = piece.last;
            ready_.push_back(std::move(piece));
            piece = {{run.device, run.incarnation, last + 1, {}}, last, push_overhead};
        }
        piece.last += header.ops;
        piece.bytes += bytes;
        taken.push_back(std::move(envelope));
    }
    ready_.push_back(std::move(piece));
    return {};
}

std::size_t PushLane::next_bytes() const {
    TRELLIS_CHECK(!ready_.empty());
    return ready_.front().bytes;
}

void PushLane::send_next() {
    TRELLIS_CHECK(!ready_.empty());
    auto piece = std::move(ready_.front());
    ready_.pop_front();
    const Chain chain{piece.run.device, piece.run.incarnation};
    flights_.push_back(
        {chain, piece.run.first, piece.last, piece.run.envelopes.size(), piece.bytes});
    window_.used += piece.bytes;
    if (chain == Chain{parts_.replica.device(), opened_}) {
        piece.run.device = DeviceId();
        piece.run.incarnation = Incarnation();
    }
    Push push{channel_, {}};
    push.runs.push_back(std::move(piece.run));
    parts_.line.send(push);
}

Result<void> PushLane::receive(const Stored& stored) {
    const auto chain = named(stored.device, stored.incarnation);
    // Only what was sent on this connection is confirmed: beyond it, the relay's copy of the
    // chain may not be ours.
    Counter reached = 0;
    std::erase_if(flights_, [&](const Flight& flight) {
        if (flight.chain != chain || flight.last > stored.last) return false;
        reached = std::max(reached, flight.last);
        window_.used -= flight.bytes;
        parts_.progress.sent += flight.envelopes;
        return true;
    });
    if (reached == 0) return {};
    needs_ = 0;
    has_moved_ = true;
    if (chain == own_chain()) confirmed_ = std::max(confirmed_, reached);
    if (chain != own_chain()) {
        TRELLIS_DO(parts_.replica.settle_lacked(
            space_, {chain.device, chain.incarnation, reached, Digest()}));
    }
    if (chain.device != parts_.replica.device()) return {};
    // What is sealed next may have waited for the last word of a chain that we have left.
    if (chain != own_chain()) may_have_own_ = true;
    return parts_.replica.confirm(space_, chain.incarnation, reached);
}

void PushLane::receive(const Need& need) {
    const auto chain = named(need.device, need.incarnation);
    if (needs_due_ > 0 && need.from == needed_) {
        --needs_due_;
        return;
    }
    const auto dropped = drop(chain, need.from);
    if (dropped == 0) return;
    needed_ = need.from;
    needs_due_ = dropped - 1;
    const Counter after = need.from == 0 ? 0 : need.from - 1;
    if (++needs_ > needs_max) {
        stop(Error{Code::conflict, "the relay keeps losing its place in what this device sends; "
                                   "the rest goes up with the next connection"});
        forget_wanted(chain);
    } else if (chain == own_chain()) {
        after_ = after;
        may_have_own_ = true;
    } else {
        forget_wanted(chain);
        wanted_.push_back({chain.device, chain.incarnation, after, Digest()});
    }
}

Result<void> PushLane::receive(const PushRefused& refused) {
    const auto chain = named(refused.device, refused.incarnation);
    drop(chain, refused.first);
    forget_wanted(chain);
    if (chain == left_ && refused.code == Code::fork) return {};  // healed by then
    Error why{refused.code, refused.message};
    if (chain.device == parts_.replica.device() && why.code == Code::fork) {
        // What comes down in this session heals the chain; another one sends our branch of it.
        TRELLIS_DO(parts_.replica.forked(space_));
        parts_.progress.again = true;
    }
    if (chain != own_chain()) {
        const bool may_pass = why.code == Code::busy || why.code == Code::no_space;
        parts_.tell(space_, std::move(why));
        if (!may_pass) {
            return parts_.replica.settle_lacked(
                space_, {chain.device, chain.incarnation, limits::counter_max, Digest()});
        }
    } else if (!stopped_) {
        stop(std::move(why));
    }
    return {};
}

std::size_t PushLane::drop(const Chain& chain, Counter from) {
    std::erase_if(ready_, [&](const Piece& piece) {
        return Chain{piece.run.device, piece.run.incarnation} == chain && piece.last >= from;
    });
    return std::erase_if(flights_, [&](const Flight& flight) {
        if (flight.chain != chain || flight.last < from) return false;
        window_.used -= flight.bytes;
        return true;
    });
}

void PushLane::forget_wanted(const Chain& chain) {
    std::erase_if(wanted_, [&](const core::ChainEnd& end) {
        return Chain{end.device, end.incarnation} == chain;
    });
}

bool PushLane::take_up(const Chain& chain) {
    // A relay may name chains without end; nothing is remembered of more than a space can have.
    if (taken_up_.size() == limits::vector_actors_max) return false;
    if (std::find(taken_up_.begin(), taken_up_.end(), chain) != taken_up_.end()) return false;
    taken_up_.push_back(chain);
    return true;
}

bool PushLane::is_settled() const {
    return (stopped_ || !may_have_own_) && wanted_.empty() && ready_.empty() && flights_.empty();
}

}  // namespace trellis::sync
