// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/stamp.hpp"

#include <algorithm>
#include <cstdint>

namespace trellis::sync {

/// So many a minute, and so many at once after a quiet while; for everybody together, because
/// who stands behind one address may be a whole school.
class TokenBucket {
public:
    /// Requires: both at least 1.
    TokenBucket(std::int64_t per_minute, std::int64_t at_once)
        : per_minute_(per_minute), full_(at_once * minute_ms), left_(full_) {}

    /// False where there is none; a clock that goes back gives none and takes none.
    bool take(Time now) {
        if (has_begun_ && now > last_) {
            const auto passed = std::min<std::int64_t>(now - last_, full_ / per_minute_ + 1);
            left_ = std::min(full_, left_ + passed * per_minute_);
        }
        last_ = now;
        has_begun_ = true;
        if (left_ < minute_ms) return false;
        left_ -= minute_ms;
        return true;
    }

private:
    static constexpr std::int64_t minute_ms = 60'000;  ///< one token, in 60 000ths
    std::int64_t per_minute_;
    std::int64_t full_;
    std::int64_t left_;
    Time last_ = 0;
    bool has_begun_ = false;
};

}  // namespace trellis::sync
