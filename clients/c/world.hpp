// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "clients/c/trellis.h"
#include "core/base/env.hpp"

namespace trellis::c {

/// The system's own clocks and randomness (clients/c/system/world.cpp).
std::unique_ptr<Env> system_world();

/// The world of one replica: what the platform gave, and the system's own for the rest.
class World final : public Env {
public:
    explicit World(const trellis_host& host);

    Time wall_time() override;
    std::int64_t monotonic_time() override;
    std::uint64_t boot_id() override;
    void random(std::span<std::uint8_t> out) override;
    void log(std::string_view event, std::string_view detail) override;

    /// Shifts what wall_time() says, for tests.
    void shift(std::int64_t offset_ms) { offset_ms_ = offset_ms; }

private:
    trellis_host host_;
    std::unique_ptr<Env> system_;
    std::uint64_t boot_id_;  ///< where the platform has a clock of its own and names no boot
    std::int64_t offset_ms_ = 0;
};

}  // namespace trellis::c
