// SPDX-License-Identifier: Apache-2.0
#include "sync/relay/chain_lane.hpp"

#include "core/base/limits.hpp"

#include <algorithm>

namespace trellis::sync {
namespace {

constexpr std::size_t recent_kept = 16;
constexpr std::size_t recent_max = 64;

Error fork_error() {
    return {Code::fork,
            "the relay has another envelope at that place of the chain: this database was "
            "copied or restored, and continues as a new one"};
}

}  // namespace

ChainLane::ChainLane(const OrgId& org,
                     const SpaceId& space,
                     const DeviceId& device,
                     const Incarnation& incarnation)
    : org_(org)
    , space_(space)
    , device_(device)
    , incarnation_(incarnation)
    , actor_(crypto::actor_id(space, device, incarnation)) {}

void ChainLane::load(const ChainEnd& end) {
    durable_ = end;
    accepted_ = end;
    recent_.clear();
    // Enough to know the end again, but not where its envelope begins.
    for (const auto& waiter : waiters_) {
        if (waiter.last <= end.last) {
            answers_.push_back({.asker = waiter.asker,
                                .kind = RunAnswer::Kind::stored,
                                .counter = waiter.last,
                                .bytes = waiter.bytes,
                                .error = {}});
        } else {
            need(waiter.asker, waiter.bytes);
        }
    }
    waiters_.clear();
}

ChainLane::Wish ChainLane::step(const ChainRules& rules) {
    while (!waiting_.empty() && !check_ && !is_fetching_) {
        auto& run = waiting_.front();
        if (run.first > accepted_.last + 1) {
            need(run.asker, run.bytes);
            pop_front();
        } else if (run.first <= accepted_.last) {
            if (settle_overlap()) {
                is_fetching_ = true;
                return Wish::fetch;
            }
        } else if (has_uncounted(rules.membership)) {
            is_fetching_ = is_counting_ = true;
            return Wish::fetch;
        } else if (auto begun = begin_check(rules); begun) {
            return Wish::check;
        } else {
            refuse_front(std::move(begun).error());
        }
    }
    return Wish::none;
}

bool ChainLane::settle_overlap() {
    auto& run = waiting_.front();
    const auto* before = chain_before(run.first);
    if (before == nullptr) return true;
    crypto::EnvelopePlace place{
        .org = org_, .space = space_, .actor = actor_, .first = run.first, .previous = *before};
    for (std::size_t i = 0; i < run.envelopes.size(); ++i) {
        if (place.first > accepted_.last) {
            settle_front(i, place.first);
            return false;
        }
        const auto header = crypto::parse_envelope(run.envelopes[i]);
        if (!header) {
            refuse_front(header.error());
            return false;
        }
        const auto* known = recent_from(place.first);
        if (known == nullptr) {
            if (i > 0) settle_front(i, place.first);
            return true;
        }
        place.previous = crypto::chain_hash(place, run.envelopes[i]);
        if (place.previous != known->end.chain) {
            refuse_front(fork_error());
            return false;
        }
        place.first = known->end.last + 1;
    }
    settle_front(run.envelopes.size(), place.first);
    return false;
}

void ChainLane::fetched(const Result<ChainPage>& page, const crypto::Membership& membership) {
    is_fetching_ = false;
    const bool was_counting = std::exchange(is_counting_, false);
    if (page && was_counting) return count_late(*page, membership);
    if (waiting_.empty()) return;
    if (!page) return refuse_front(page.error());
    match_front(*page);
}

void ChainLane::match_front(const ChainPage& page) {
    auto& run = waiting_.front();
    const auto& stored = page.envelopes;
    auto next = run.first;
    std::size_t matched = 0;
    while (matched < std::min(stored.size(), run.envelopes.size())) {
        const auto& bytes = run.envelopes[matched];
        if (stored[matched].first != next || stored[matched].envelope != bytes) break;
        const auto header = crypto::parse_envelope(bytes);
        if (!header) return refuse_front(header.error());
        next += header->ops;
        ++matched;
    }
    const bool is_end = matched == stored.size() || matched == run.envelopes.size();
    if (matched == 0 || !is_end) return refuse_front(fork_error());
    settle_front(matched, next);
}

void ChainLane::settle_front(std::size_t count, Counter next) {
    auto& run = waiting_.front();
    if (count < run.envelopes.size()) {
        run.envelopes.erase(run.envelopes.begin(),
                            run.envelopes.begin() + static_cast<std::ptrdiff_t>(count));
        run.first = next;
        return;
    }
    wait_for({.asker = run.asker, .first = run.asked, .last = next - 1, .bytes = run.bytes});
    pop_front();
}

void ChainLane::wait_for(const Waiter& waiter) {
    if (waiter.last > durable_.last) {
        waiters_.push_back(waiter);
        return;
    }
    answers_.push_back({.asker = waiter.asker,
                        .kind = RunAnswer::Kind::stored,
                        .counter = waiter.last,
                        .bytes = waiter.bytes,
                        .error = {}});
}

Result<void> ChainLane::begin_check(const ChainRules& rules) {
    const auto asker = waiting_.front().asker;
    Check check;
    check.base = accepted_;
    read_rights(rules.membership);
    TRELLIS_DO(place(rules, waiting_.front(), check));
    std::size_t taken = 1;
    std::size_t bytes = waiting_.front().bytes;
    for (; taken < waiting_.size() && bytes < limits::page_max; ++taken) {
        auto& run = waiting_[taken];
        if (run.asker.session != asker.session) break;
        if (run.first != check.envelopes.back().last + 1) break;
        if (!place(rules, run, check)) break;
        bytes += run.bytes;
    }
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(taken));
    const bool last_only = asker.is_author && !rules.every_signature;
    for (std::size_t i = last_only ? check.envelopes.size() - 1 : 0; i < check.envelopes.size();
         ++i) {
        const auto& placed = check.envelopes[i];
        const auto signature = ByteView(placed.envelope).last(crypto::Signature::size);
        check.checks.push_back({.key = key_,
                                .org = org_,
                                .chain = placed.chain,
                                .signature = crypto::Signature::from(signature)});
    }
    check_ = std::move(check);
    return {};
}

Result<void> ChainLane::place(const ChainRules& rules, IncomingRun& run, Check& check) {
    ChainEnd end = check.base;
    if (!check.envelopes.empty()) {
        const auto& last = check.envelopes.back();
        end = {.last = last.last, .chain = last.chain, .epoch = last.epoch};
    }
    std::vector<PlacedEnvelope> placed(run.envelopes.size());
    for (std::size_t i = 0; i < placed.size(); ++i) {
        const ByteView bytes = run.envelopes[i];
        TRELLIS_TRY(const auto header, crypto::parse_envelope(bytes));
        if (header.epoch < end.epoch || !is_epoch_known(rules.membership, header.epoch)) {
            return Error{Code::denied,
                         "an envelope is sealed with a key of the space that the "
                         "membership log does not have there"};
        }
        auto& out = placed[i];
        out.first = end.last + 1;
        out.last = end.last + header.ops;
        if (out.last > limits::counter_max) {
            return Error{Code::too_large, "a chain is at its end: no counter is left"};
        }
        out.actor = actor_;
        out.device = device_;
        out.incarnation = incarnation_;
        out.epoch = header.epoch;
        out.chain = crypto::chain_hash({.org = org_,
                                        .space = space_,
                                        .actor = actor_,
                                        .first = out.first,
                                        .previous = end.chain},
                                       bytes);
        end = {.last = out.last, .chain = out.chain, .epoch = out.epoch};
    }
    TRELLIS_TRY(const auto late, judge_rights(rules.membership, placed, run.envelopes));
    if (check.late_bytes + late > rules.late_bytes_left) {
        return Error{Code::no_space,
                     "this relay has no more room for what this device wrote after its rights "
                     "in the space ended"};
    }
    check.late_bytes += late;
    for (std::size_t i = 0; i < placed.size(); ++i) {
        placed[i].envelope = std::move(run.envelopes[i]);
    }
    if (check.envelopes.empty()) {
        check.envelopes = std::move(placed);
    } else {
        for (auto& one : placed)
            check.envelopes.push_back(std::move(one));
    }
    check.waiters.push_back(
        {.asker = run.asker, .first = run.asked, .last = end.last, .bytes = run.bytes});
    return {};
}

void ChainLane::read_rights(const crypto::Membership& membership) {
    if (read_at_ == membership.length()) return;
    read_at_ = membership.length();
    const auto* device = membership.device(device_);
    key_ = device == nullptr ? crypto::SignKey() : device->sign;
    is_writer_ = device != nullptr && membership.is_or_was_writer(device_, space_);
    limit_ = membership.limit(space_, actor_, device_);
    cutoff_.reset();
    if (const auto* said = membership.cutoff(space_, actor_, device_)) cutoff_ = *said;
    known_epoch_ = 0;
}

bool ChainLane::is_epoch_known(const crypto::Membership& membership, std::uint32_t epoch) {
    if (epoch == known_epoch_) return true;
    if (membership.epoch(space_, epoch) == nullptr) return false;
    known_epoch_ = epoch;
    return true;
}

Result<std::uint64_t> ChainLane::judge_rights(const crypto::Membership& membership,
                                              const std::vector<PlacedEnvelope>& placed,
                                              const std::vector<Bytes>& envelopes) const {
    if (!is_writer_) {
        return Error{Code::denied, "the author of these envelopes may not write in this space"};
    }
    std::uint64_t late = 0;
    for (std::size_t i = 0; limit_ && i < placed.size(); ++i) {
        const auto& one = placed[i];
        if (cutoff_ && one.last == cutoff_->counter && one.chain != cutoff_->chain) {
            return Error{Code::denied,
                         "the author's rights ended with another envelope at that place"};
        }
        if (one.last > *limit_ && !membership.is_adopted(space_, one.chain)) {
            late += envelopes[i].size();
        }
    }
    return late;
}

std::vector<PlacedEnvelope> ChainLane::checked(bool genuine) {
    auto check = std::move(*check_);
    check_.reset();
    if (!genuine) {
        for (const auto& waiter : check.waiters) {
            answers_.push_back(
                {.asker = waiter.asker,
                 .kind = RunAnswer::Kind::refused,
                 .counter = waiter.first,
                 .bytes = waiter.bytes,
                 .error = {Code::corrupt, "an envelope's signature is not its author's"}});
        }
        return {};
    }
    // What it continues was lost meanwhile, or is another node's by now.
    if (check.base.last != accepted_.last || check.base.chain != accepted_.chain) {
        for (const auto& waiter : check.waiters)
            need(waiter.asker, waiter.bytes);
        return {};
    }
    for (const auto& placed : check.envelopes) {
        accepted_ = {.last = placed.last, .chain = placed.chain, .epoch = placed.epoch};
        remember({.first = placed.first, .end = accepted_});
    }
    late_bytes_ += check.late_bytes;
    if (!check.envelopes.empty() && late_known_ >= check.base.last) late_known_ = accepted_.last;
    waiters_.insert(waiters_.end(), check.waiters.begin(), check.waiters.end());
    return std::move(check.envelopes);
}

void ChainLane::stored(const ChainEnd& end) {
    durable_ = end;
    std::size_t kept = 0;
    for (auto& waiter : waiters_) {
        if (waiter.last > end.last) {
            waiters_[kept++] = waiter;
            continue;
        }
        answers_.push_back({.asker = waiter.asker,
                            .kind = RunAnswer::Kind::stored,
                            .counter = waiter.last,
                            .bytes = waiter.bytes,
                            .error = {}});
    }
    waiters_.resize(kept);
}

void ChainLane::lost(const Error& error) {
    accepted_ = durable_;
    std::erase_if(recent_, [this](const Recent& r) { return r.end.last > durable_.last; });
    for (const auto& waiter : waiters_) {
        answers_.push_back({.asker = waiter.asker,
                            .kind = RunAnswer::Kind::refused,
                            .counter = waiter.first,
                            .bytes = waiter.bytes,
                            .error = error});
    }
    waiters_.clear();
}

const ChainLane::Recent* ChainLane::recent_from(Counter first) const {
    const auto found = std::lower_bound(
        recent_.begin(), recent_.end(), first, [](const Recent& recent, Counter c) {
            return recent.first < c;
        });
    return found != recent_.end() && found->first == first ? &*found : nullptr;
}

const Digest* ChainLane::chain_before(Counter first) const {
    static constexpr Digest none{};
    if (first == 1) return &none;
    const auto next = std::lower_bound(
        recent_.begin(), recent_.end(), first, [](const Recent& recent, Counter c) {
            return recent.first < c;
        });
    if (next == recent_.begin()) return nullptr;
    const auto& before = *(next - 1);
    return before.end.last + 1 == first ? &before.end.chain : nullptr;
}

void ChainLane::remember(const Recent& recent) {
    recent_.push_back(recent);
    if (recent_.size() <= recent_max) return;
    // Those on their way are not in the store yet, where they could be asked for.
    const auto removable = recent_.size() - recent_kept;
    std::size_t count = 0;
    while (count < removable && recent_[count].end.last <= durable_.last)
        ++count;
    recent_.erase(recent_.begin(), recent_.begin() + static_cast<std::ptrdiff_t>(count));
}

void ChainLane::refuse_front(Error error) {
    const auto& run = waiting_.front();
    answers_.push_back({.asker = run.asker,
                        .kind = RunAnswer::Kind::refused,
                        .counter = run.asked,
                        .bytes = run.bytes,
                        .error = std::move(error)});
    pop_front();
}

void ChainLane::need(const Asker& asker, std::size_t bytes) {
    answers_.push_back({.asker = asker,
                        .kind = RunAnswer::Kind::need,
                        .counter = accepted_.last + 1,
                        .bytes = bytes,
                        .error = {}});
}

}  // namespace trellis::sync
