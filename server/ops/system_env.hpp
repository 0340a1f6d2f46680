// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/env.hpp"
#include "server/ops/log.hpp"

namespace trellis::server {

/// The real world of a server process: the system's clocks, the kernel's randomness, our log.
class SystemEnv final : public Env {
public:
    /// Requires: `log` outlives this.
    explicit SystemEnv(Log& log);

    Time wall_time() override;
    std::int64_t monotonic_time() override;
    std::uint64_t boot_id() override { return boot_id_; }
    void random(std::span<std::uint8_t> out) override;
    void log(std::string_view event, std::string_view detail) override;

private:
    Log& log_;
    std::uint64_t boot_id_;
};

}  // namespace trellis::server
