// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/env.hpp"

namespace trellis::clients {

/// The real world of a client process: the system's clocks, the kernel's randomness, and a log
/// on standard error where it was asked for.
class ClientEnv final : public Env {
public:
    explicit ClientEnv(bool logs);

    Time wall_time() override;
    std::int64_t monotonic_time() override;
    std::uint64_t boot_id() override { return boot_id_; }
    void random(std::span<std::uint8_t> out) override;
    void log(std::string_view event, std::string_view detail) override;

    /// Shifts what wall_time() says, for tests.
    void shift(std::int64_t offset_ms) { offset_ms_ = offset_ms; }

private:
    bool logs_;
    std::uint64_t boot_id_ = 0;
    std::int64_t offset_ms_ = 0;
};

}  // namespace trellis::clients
