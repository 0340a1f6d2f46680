// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace trellis {

/// Milliseconds since 1970-01-01 UTC.
using Time = std::int64_t;

/// How far a claimed time can be trusted (design: clocks).
enum class ClockQuality : std::uint8_t {
    implausible = 0,  ///< before this program was built, or far after the relay's last word
    plausible = 1,    ///< the wall clock alone
    synced = 2,       ///< heard from the relay within 14 days
    precise = 3,      ///< heard from the relay within 24 hours, and no jump since
};

/// A claimed time and its quality: for display, and for ties between concurrent values.
/// Order and causality never come from it.
struct Stamp {
    Time time = 0;
    ClockQuality quality = ClockQuality::implausible;

    bool operator==(const Stamp&) const = default;
};

/// Where times tie-break: a clock the relay vouched for beats one it did not; then the later.
inline bool loses_to(const Stamp& a, const Stamp& b, bool& tie) {
    const bool a_trusted = a.quality >= ClockQuality::synced;
    const bool b_trusted = b.quality >= ClockQuality::synced;
    tie = a_trusted == b_trusted && a.time == b.time;
    if (a_trusted != b_trusted) return b_trusted;
    return a.time < b.time;
}

}  // namespace trellis
