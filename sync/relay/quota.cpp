// SPDX-License-Identifier: Apache-2.0
#include "sync/relay/quota.hpp"

namespace trellis::sync {
namespace {

constexpr std::int64_t day_ms = std::int64_t{24} * 3600 * 1000;

Error used_up(std::string_view what) {
    return Error{Code::no_space,
                 "this device has used up today's " + std::string(what) +
                     " on this relay; it continues tomorrow"};
}

}  // namespace

Result<void> Quota::take_push(const RelayOptions& options,
                              const DeviceId& device,
                              std::size_t envelopes,
                              std::size_t bytes,
                              bool own,
                              Time now) {
    auto& today = used(device, now);
    if (today.bytes + bytes > options.device_bytes_per_day) return used_up("bytes");
    if (own && today.envelopes + envelopes > options.device_envelopes_per_day) {
        return used_up("number of envelopes");
    }
    today.bytes += bytes;
    if (own) today.envelopes += envelopes;
    return {};
}

Result<void> Quota::take_entry(const RelayOptions& options, const DeviceId& device, Time now) {
    auto& today = used(device, now);
    if (today.entries >= options.device_entries_per_day) {
        return used_up("changes of the membership");
    }
    ++today.entries;
    return {};
}

Quota::Used& Quota::used(const DeviceId& device, Time now) {
    const auto day = now / day_ms;
    if (day != day_) {
        used_.clear();
        day_ = day;
    }
    return used_[device];
}

}  // namespace trellis::sync
