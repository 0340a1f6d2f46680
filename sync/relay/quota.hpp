// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/id.hpp"
#include "core/base/result.hpp"
#include "core/base/stamp.hpp"
#include "sync/relay/options.hpp"

#include <map>
#include <utility>

namespace trellis::sync {

/// What each device has used of the relay: today (UTC), in the last seconds, and of what it may
/// store after its rights have ended. The first two are forgotten when the relay restarts, the
/// day's part at midnight: it bounds damage, it does not bill. The last is what is stored, and
/// is counted again by the chains that are read from the store (sync/relay/chain_lane.hpp).
class Quota {
public:
    using Who = std::pair<OrgId, DeviceId>;

    explicit Quota(const RelayOptions& options) : options_(options) {}

    /// Takes a push into account. `fresh`: the device's own new envelopes; those of others, and
    /// its own that a relay has lost, count as bytes only. `no_space` once a limit is passed.
    Result<void> take_push(
        const Who& who, std::size_t envelopes, std::size_t bytes, bool fresh, Time now);
    /// An entry of the membership log that the device itself has made.
    Result<void> take_entry(const Who& who, Time now);

    /// What is left for envelopes beyond where their author's work ends, for good.
    [[nodiscard]] std::uint64_t late_bytes_left(const Who& author) const;
    void take_late(const Who& author, std::uint64_t bytes);
    /// The organisation's chains are not in memory any more.
    void forget_late(const OrgId& org);

    /// When the device's next signatures may be checked: now, or later for one that has had
    /// more than its share.
    Time take_checks(const Who& who, std::size_t count, Time now);
    /// False where the device asks for more receipts than anybody needs.
    bool take_receipt(const Who& who, Time now);

private:
    struct Used {
        std::uint64_t bytes = 0;
        std::uint64_t envelopes = 0;
        std::uint64_t entries = 0;
        Time checked_until = 0;  ///< at the sustained rate
        Time receipts_at = 0;    ///< the second that `receipts` are of
        std::int64_t receipts = 0;
    };
    Used& used(const Who& who, Time now);

    RelayOptions options_;
    std::int64_t day_ = 0;
    std::map<Who, Used> used_;
    std::map<Who, std::uint64_t> late_;
};

}  // namespace trellis::sync
