// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/env.hpp"

#include <string>
#include <vector>

namespace trellis::test {

/// A world for tests: the clock says what it is told, randomness follows from the seed, and
/// the log is kept.
class FakeEnv final : public Env {
public:
    struct Event {
        std::string name;
        std::string detail;
    };

    explicit FakeEnv(std::uint64_t seed = 1) : random_state_(seed) {}

    Time wall_time() override { return wall_; }
    std::int64_t monotonic_time() override { return monotonic_; }
    std::uint64_t boot_id() override { return boot_; }
    void random(std::span<std::uint8_t> out) override;
    void log(std::string_view event, std::string_view detail) override;

    /// Both clocks go on.
    void advance(std::int64_t ms) {
        wall_ += ms;
        monotonic_ += ms;
    }
    /// The wall clock is set; nothing else moves.
    void set_wall_time(Time time) { wall_ = time; }
    /// Monotonic time starts anew under another boot id.
    void reboot() {
        ++boot_;
        monotonic_ = 0;
    }
    /// From now on the random source says zeros: the worst machine there is.
    void break_random() { is_random_broken_ = true; }
    [[nodiscard]] const std::vector<Event>& events() const { return events_; }

private:
    Time wall_ = 1'780'000'000'000;  // 2026-05-28
    std::int64_t monotonic_ = 1000;
    std::uint64_t boot_ = 1;
    std::uint64_t random_state_;
    bool is_random_broken_ = false;
    std::vector<Event> events_;
};

}  // namespace trellis::test
