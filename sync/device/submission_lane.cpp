// SPDX-License-Identifier: Apache-2.0
#include "sync/device/submission_lane.hpp"

#include <algorithm>
#include <utility>

namespace trellis::sync {

void SubmissionLane::look(std::uint64_t generation) {
    if (looked_at_ == generation) return;
    looked_at_ = generation;
    for (const auto& inbox : parts_.replica.inboxes_to_file(space_)) {
        if (asked_[inbox].is_out) continue;
        ask(inbox, 0);
    }
}

void SubmissionLane::ask(const crypto::InboxId& inbox, std::uint64_t after) {
    auto& asked = asked_[inbox];
    asked = {true, false, after};
    ++asked_count_;
    parts_.line.send(GetSubmissions{.channel = channel_, .inbox = inbox, .after = after});
}

void SubmissionLane::receive(const SubmissionNews& news) {
    const auto found = asked_.find(news.inbox);
    if (found == asked_.end()) return;
    if (found->second.is_out) {
        found->second.has_news = true;
    } else {
        ask(news.inbox, 0);
    }
}

Result<bool> SubmissionLane::receive(Submissions& submissions) {
    const auto found = asked_.find(submissions.inbox);
    if (found == asked_.end() || !found->second.is_out) {
        return Error{Code::invalid, "the relay sent submissions that nobody asked for"};
    }
    const auto asked = std::exchange(found->second, {});
    --asked_count_;
    auto after = asked.after;
    std::vector<core::Dropped> dropped;
    for (auto& item : submissions.items) {
        if (item.number <= after) {
            return Error{Code::invalid, "the relay numbers submissions in no order"};
        }
        after = item.number;
        // Another device is filing it.
        if (item.bytes.empty()) continue;
        dropped.push_back({item.hour, std::move(item.bytes)});
    }
    TRELLIS_TRY(auto filing, parts_.replica.file(space_, submissions.inbox, dropped));
    for (auto& problem : filing.problems) parts_.tell(space_, std::move(problem));
    if (!filing.items.empty()) {
        auto& waiting = filed_[submissions.inbox];
        waiting.insert(waiting.end(), filing.items.begin(), filing.items.end());
    }
    if (submissions.more && !submissions.items.empty()) {
        ask(submissions.inbox, after);
        found->second.has_news = asked.has_news;
    } else if (asked.has_news) {
        ask(submissions.inbox, 0);
    }
    return filing.written > 0;
}

Result<void> SubmissionLane::settle(bool is_pushed) {
    if (!is_pushed || filed_.empty()) return {};
    for (const auto& [inbox, items] : std::exchange(filed_, {})) {
        TRELLIS_TRY(const auto stored, parts_.replica.filed_for_good(space_, items));
        for (std::size_t at = 0; at < stored.size(); at += limits::filed_max) {
            const auto end = std::min(stored.size(), at + limits::filed_max);
            Filed filed{.channel = channel_, .inbox = inbox, .submissions = {}};
            filed.submissions.assign(stored.begin() + static_cast<std::ptrdiff_t>(at),
                                     stored.begin() + static_cast<std::ptrdiff_t>(end));
            parts_.line.send(filed);
        }
    }
    return {};
}

void SubmissionLane::close() {
    asked_.clear();
    asked_count_ = 0;
    filed_.clear();
}

}  // namespace trellis::sync
