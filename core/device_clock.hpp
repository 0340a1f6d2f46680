// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/env.hpp"

namespace trellis::core {

/// This device's idea of the time. It listens to the relay, never to other devices' stamps, so
/// that one wrong clock cannot poison another; and it says how far it can be trusted.
class DeviceClock {
public:
    explicit DeviceClock(Env& env) : env_(env) {}

    /// The corrected time and its quality. Never beyond limits::time_max, which no change may be.
    [[nodiscard]] Stamp now();
    /// The relay said `relay_time`, `round_trip_ms` after we asked.
    void heard(Time relay_time, std::int64_t round_trip_ms);

    /// What to remember between runs, and to take back.
    [[nodiscard]] Bytes store() const;
    void restore(ByteView stored);

private:
    Stamp reckon();

    Env& env_;
    bool has_heard_ = false;
    Time relay_time_ = 0;         ///< when we last heard from it
    Time wall_ = 0;               ///< our wall clock at that moment
    std::int64_t monotonic_ = 0;
    std::uint64_t boot_ = 0;
};

}  // namespace trellis::core
