// SPDX-License-Identifier: Apache-2.0
#include "sync/relay/quota.hpp"

#include <algorithm>

namespace trellis::sync {
namespace {

constexpr std::int64_t second_ms = 1000;
constexpr std::int64_t day_ms = 24 * 3600 * second_ms;

Error used_up(std::string_view what) {
    return Error{Code::no_space,
                 "this device has used up today's " + std::string(what) +
                     " on this relay; it continues tomorrow"};
}

}  // namespace

Result<void> Quota::take_push(
    const Who& who, std::size_t envelopes, std::size_t bytes, bool fresh, Time now) {
    auto& today = used(who, now);
    if (today.bytes + bytes > options_.device_bytes_per_day) return used_up("bytes");
    if (fresh && today.envelopes + envelopes > options_.device_envelopes_per_day) {
        return used_up("number of envelopes");
    }
    today.bytes += bytes;
    if (fresh) today.envelopes += envelopes;
    return {};
}

Result<void> Quota::take_entry(const Who& who, Time now) {
    auto& today = used(who, now);
    if (today.entries >= options_.device_entries_per_day) {
        return used_up("changes of the membership");
    }
    ++today.entries;
    return {};
}

std::uint64_t Quota::late_bytes_left(const Who& author) const {
    const auto found = late_.find(author);
    const auto taken = found == late_.end() ? 0 : found->second;
    return options_.late_bytes_max - std::min(options_.late_bytes_max, taken);
}

void Quota::take_late(const Who& author, std::uint64_t bytes) {
    if (bytes > 0) late_[author] += bytes;
}

void Quota::forget_late(const OrgId& org) {
    std::erase_if(late_, [&org](const auto& each) { return each.first.first == org; });
}

Time Quota::take_checks(const Who& who, std::size_t count, Time now) {
    auto& until = used(who, now).checked_until;
    const auto ahead =
        limits::device_checks_at_once * second_ms / options_.device_checks_per_second;
    const auto at = std::max(now, until - ahead);
    until = std::max(now, until) +
            static_cast<std::int64_t>(count) * second_ms / options_.device_checks_per_second;
    return at;
}

bool Quota::take_receipt(const Who& who, Time now) {
    auto& asked = used(who, now);
    const auto second = now / second_ms;
    if (asked.receipts_at != second) asked.receipts = 0;
    asked.receipts_at = second;
    return ++asked.receipts <= limits::device_receipts_per_second;
}

Quota::Used& Quota::used(const Who& who, Time now) {
    const auto day = now / day_ms;
    if (day != day_) {
        used_.clear();
        day_ = day;
    }
    return used_[who];
}

}  // namespace trellis::sync
