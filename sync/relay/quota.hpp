// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/id.hpp"
#include "core/base/result.hpp"
#include "core/base/stamp.hpp"
#include "sync/relay/options.hpp"

#include <map>

namespace trellis::sync {

/// What each device of one organisation has used today (UTC). Forgotten at midnight and when
/// the relay restarts: it bounds damage, it does not bill.
class Quota {
public:
    /// Takes a push into account. `own`: the device's own envelopes; those of others, re-pushed
    /// after a relay lost them, count as bytes only. `no_space` once a limit is passed.
    Result<void> take_push(const RelayOptions& options,
                           const DeviceId& device,
                           std::size_t envelopes,
                           std::size_t bytes,
                           bool own,
                           Time now);
    Result<void> take_entry(const RelayOptions& options, const DeviceId& device, Time now);

private:
    struct Used {
        std::uint64_t bytes = 0;
        std::uint64_t envelopes = 0;
        std::uint64_t entries = 0;
    };
    Used& used(const DeviceId& device, Time now);

    std::int64_t day_ = 0;
    std::map<DeviceId, Used> used_;
};

}  // namespace trellis::sync
