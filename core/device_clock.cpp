// SPDX-License-Identifier: Apache-2.0
#include "core/device_clock.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"

namespace trellis::core {
namespace {

constexpr Time day_ms = 24 * 3600 * 1000;
// No device can run this program before it was written: 2026-11-01.
constexpr Time program_time = 1'793'491'200'000;
constexpr Time programs_life_ms = 30LL * 365 * day_ms;

/// Whatever a clock or a relay says, as a time that a change may have; sums of three do not
/// overflow.
Time possible(Time time) { return std::clamp(time, -limits::time_max, limits::time_max); }

}  // namespace

Stamp DeviceClock::now() {
    auto stamp = reckon();
    const Time time = possible(stamp.time);
    if (time != stamp.time) stamp = {time, ClockQuality::implausible};
    return stamp;
}

Stamp DeviceClock::reckon() {
    const Time wall = possible(env_.wall_time());
    if (!has_heard_) {
        const bool plausible = wall >= program_time && wall < program_time + programs_life_ms;
        return {wall, plausible ? ClockQuality::plausible : ClockQuality::implausible};
    }
    if (env_.boot_id() == boot_) {
        const auto elapsed = env_.monotonic_time() - monotonic_;
        const auto quality = elapsed <= day_ms        ? ClockQuality::precise
                             : elapsed <= 14 * day_ms ? ClockQuality::synced
                                                      : ClockQuality::plausible;
        return {relay_time_ + elapsed, quality};
    }
    // Another boot: only the wall clock has gone on, and nobody can vouch for it.
    const Time corrected = relay_time_ + (wall - wall_);
    const bool plausible = wall >= wall_ && corrected < relay_time_ + 400 * day_ms;
    return {corrected, plausible ? ClockQuality::plausible : ClockQuality::implausible};
}

void DeviceClock::heard(Time relay_time, std::int64_t round_trip_ms) {
    has_heard_ = true;
    relay_time_ = possible(possible(relay_time) + round_trip_ms / 2);
    wall_ = possible(env_.wall_time());
    monotonic_ = env_.monotonic_time();
    boot_ = env_.boot_id();
}

Bytes DeviceClock::store() const {
    ByteWriter out;
    out.u64(static_cast<std::uint64_t>(relay_time_));
    out.u64(static_cast<std::uint64_t>(wall_));
    out.u64(static_cast<std::uint64_t>(monotonic_));
    out.u64(boot_);
    return out.take();
}

void DeviceClock::restore(ByteView stored) {
    ByteReader in(stored);
    relay_time_ = possible(static_cast<Time>(in.u64()));
    wall_ = possible(static_cast<Time>(in.u64()));
    monotonic_ = possible(static_cast<std::int64_t>(in.u64()));
    boot_ = in.u64();
    has_heard_ = !in.failed();
}

}  // namespace trellis::core
