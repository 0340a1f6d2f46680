// SPDX-License-Identifier: Apache-2.0
#include "sync/relay/space_log.hpp"

#include "core/base/limits.hpp"
#include "crypto/public/log_roll.hpp"

#include <algorithm>

namespace trellis::sync {

std::vector<crypto::EnvelopeRun> group_runs(std::vector<LoggedEnvelope> envelopes) {
    std::vector<crypto::EnvelopeRun> runs;
    for (auto& logged : envelopes) {
        if (runs.empty() || runs.back().device != logged.device ||
            runs.back().incarnation != logged.incarnation) {
            runs.push_back({.device = logged.device,
                            .incarnation = logged.incarnation,
                            .first = logged.first,
                            .envelopes = {}});
        }
        runs.back().envelopes.push_back(std::move(logged.envelope));
    }
    return runs;
}

void SpaceLog::load(const LoadedSpace& loaded) {
    end_ = loaded.end;
    staged_.clear();
    tail_.clear();
    tail_bytes_ = 0;
    std::map<ChainName, ChainEnd> ends;
    for (const auto& chain : loaded.chains) {
        const ChainEnd end{.last = chain.last, .chain = chain.chain, .epoch = chain.epoch};
        ends[{chain.device, chain.incarnation}] = end;
        lane(chain.device, chain.incarnation);
    }
    for (auto& [name, known] : lanes_)
        known.load(ends[name]);
    for (const auto& seen : loaded.seen)
        keep_seen(seen);
}

ChainLane& SpaceLog::lane(const DeviceId& device, const Incarnation& incarnation) {
    const ChainName name{device, incarnation};
    const auto found = lanes_.find(name);
    if (found != lanes_.end()) return found->second;
    return lanes_.emplace(name, ChainLane(org_, space_, device, incarnation)).first->second;
}

void SpaceLog::tidy(const DeviceId& device, const Incarnation& incarnation) {
    const auto found = lanes_.find({device, incarnation});
    if (found != lanes_.end() && found->second.is_empty()) lanes_.erase(found);
}

void SpaceLog::stage(std::vector<PlacedEnvelope> envelopes) {
    if (staged_.empty()) {
        staged_ = std::move(envelopes);
    } else {
        for (auto& placed : envelopes)
            staged_.push_back(std::move(placed));
    }
}

SpaceAppend SpaceLog::take_staged() {
    SpaceAppend append{.org = org_,
                       .space = space_,
                       .incarnation = end_.incarnation,
                       .after = end_.position,
                       .envelopes = std::exchange(staged_, {})};
    auto position = end_.position;
    auto head = end_.head;
    for (auto& placed : append.envelopes) {
        head = crypto::next_head(head, ++position, placed.chain);
        placed.position = position;
        placed.head = head;
    }
    return append;
}

void SpaceLog::advance(SpaceAppend appended, std::size_t tail_bytes_max) {
    end_.position = appended.envelopes.back().position;
    end_.head = appended.envelopes.back().head;
    if (!wants_tail()) {
        tail_.clear();
        tail_bytes_ = 0;
        return;
    }
    for (auto& placed : appended.envelopes) {
        // Nobody listened yet when it was sent to the store: the tail begins after it.
        if (placed.envelope.empty()) {
            tail_.clear();
            tail_bytes_ = 0;
            continue;
        }
        tail_bytes_ += placed.envelope.size();
        tail_.push_back({.logged = {.device = placed.device,
                                    .incarnation = placed.incarnation,
                                    .first = placed.first,
                                    .envelope = std::move(placed.envelope)},
                         .head = placed.head});
    }
    while (tail_bytes_ > tail_bytes_max) {
        tail_bytes_ -= tail_.front().logged.envelope.size();
        tail_.pop_front();
    }
}

std::optional<LogPage> SpaceLog::recent_page(std::uint64_t after, std::size_t max_bytes) const {
    if (after < tail_begin() || after >= end_.position) return std::nullopt;
    LogPage page;
    std::size_t bytes = 0;
    for (auto i = static_cast<std::size_t>(after - tail_begin()); i < tail_.size(); ++i) {
        const auto& item = tail_[i];
        bytes += item.logged.envelope.size();
        if (!page.envelopes.empty() && bytes > max_bytes) break;
        if (page.envelopes.size() == limits::page_envelopes_max) break;
        page.envelopes.push_back(item.logged);
        page.head = item.head;
    }
    return page;
}

std::optional<Digest> SpaceLog::recent_head(std::uint64_t position) const {
    if (position == end_.position) return end_.head;
    if (position <= tail_begin() || position > end_.position) return std::nullopt;
    return tail_[static_cast<std::size_t>(position - tail_begin()) - 1].head;
}

void SpaceLog::add_listener(const Listener& listener, bool follows) {
    listeners_.push_back(listener);
    if (follows) followers_.push_back(listener);
}

void SpaceLog::remove_listener(const Listener& listener) {
    std::erase(listeners_, listener);
    std::erase(followers_, listener);
    if (wants_tail()) return;
    tail_.clear();
    tail_bytes_ = 0;
}

bool SpaceLog::keep_seen(const Seen& seen) {
    if (seen.incarnation != end_.incarnation || seen.position > end_.position) return false;
    auto& word = seen_[seen.device];
    const bool is_known = word.serial > 0 && word.seen.incarnation == seen.incarnation;
    if (is_known && word.seen.position >= seen.position) return false;
    word = {.seen = seen, .serial = ++seen_serial_};
    word.seen.channel = 0;
    return true;
}

std::vector<Seen> SpaceLog::seen_after(std::uint64_t serial, const DeviceId& device) const {
    std::vector<Seen> news;
    for (const auto& [author, word] : seen_) {
        if (word.serial > serial && author != device) news.push_back(word.seen);
    }
    return news;
}

std::uint64_t SpaceLog::told(const DeviceId& device) const {
    const auto found = told_.find(device);
    return found == told_.end() ? 0 : found->second;
}

void SpaceLog::confirm_told(const DeviceId& device, std::uint64_t serial) {
    auto& told = told_[device];
    told = std::max(told, serial);
}

}  // namespace trellis::sync
