// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "core/base/env.hpp"
#include "tests/sim/world.hpp"

namespace trellis::sim {

/// The world of one process: a clock that may be wrong, and randomness from its own stream.
class SimEnv final : public Env {
public:
    /// 2026-08-24 in the morning: when every simulation begins.
    static constexpr Time epoch = 1'787'558'400'000;

    SimEnv(World& world, std::uint64_t seed) : world_(world), random_(seed) {}

    Time wall_time() override { return frozen_ ? *frozen_ : true_time() + skew_ + drifted(); }
    std::int64_t monotonic_time() override { return 1000 + world_.now() - booted_ - slept_; }
    std::uint64_t boot_id() override { return boots_; }
    void random(std::span<std::uint8_t> out) override;
    void log(std::string_view event, std::string_view detail) override;

    [[nodiscard]] Time true_time() const { return epoch + world_.now(); }
    /// The wall clock is off by so much from now on.
    void skew(std::int64_t ms) { skew_ = ms; }
    void jump(std::int64_t ms) { skew_ += ms; }
    /// Parts per million.
    void drift(std::int64_t ppm) { ppm_ = ppm; drifts_since_ = world_.now(); }
    /// The wall clock says this, for ever.
    void freeze(Time wall) { frozen_ = wall; }
    /// Every call of wall_time() is as if it had been set right a moment before.
    void set_right() { frozen_.reset(); skew_ = 0; ppm_ = 0; }
    /// The machine slept: monotonic time did not go on.
    void slept(std::int64_t ms) { slept_ += ms; }
    /// The machine starts anew.
    void boot() { ++boots_; booted_ = world_.now(); slept_ = 0; }
    /// From now on the random source says zeros.
    void break_random() { is_random_broken_ = true; }

    /// How often each event was logged.
    [[nodiscard]] const Tally& logged() const { return logged_; }

private:
    [[nodiscard]] std::int64_t drifted() const {
        return (world_.now() - drifts_since_) * ppm_ / 1'000'000;
    }

    World& world_;
    Random random_;
    std::int64_t skew_ = 0;
    std::int64_t ppm_ = 0;
    Time drifts_since_ = 0;
    std::optional<Time> frozen_;
    Time booted_ = 0;
    std::int64_t slept_ = 0;
    std::uint64_t boots_ = 1;
    bool is_random_broken_ = false;
    Tally logged_;
};

}  // namespace trellis::sim
