// SPDX-License-Identifier: Apache-2.0
#include "sync/device/backoff.hpp"

#include <algorithm>

#include "core/codec/byte_reader.hpp"

namespace trellis::sync {

std::int64_t Backoff::next_delay_ms() {
    ceiling_ms_ = std::min(2 * ceiling_ms_, most_ms);
    ByteArray<8> bytes{};
    env_.random(bytes);
    // The remainder favours small delays by less than one in 10^14.
    const auto choices = static_cast<std::uint64_t>(ceiling_ms_ - least_ms + 1);
    return least_ms + static_cast<std::int64_t>(ByteReader(bytes).u64() % choices);
}

}  // namespace trellis::sync
