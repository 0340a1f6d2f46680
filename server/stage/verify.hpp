// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/ops/metrics.hpp"
#include "server/stage/inbox.hpp"
#include "server/stage/result.hpp"

#include <cstddef>
#include <thread>
#include <vector>

namespace trellis::server {

/// Checks signatures on a pool of threads.
class Verify {
public:
    /// Requires: `metrics` outlives this.
    Verify(std::size_t threads, std::size_t items_max, DeliverResults deliver, Metrics& metrics);
    /// As stop().
    ~Verify();
    Verify(const Verify&) = delete;
    Verify& operator=(const Verify&) = delete;

    Inbox<sync::Verify>& inbox() { return inbox_; }
    /// Answers what was accepted, then ends.
    void stop();

private:
    void run();

    Inbox<sync::Verify> inbox_;
    DeliverResults deliver_;
    Metrics& metrics_;
    std::vector<std::thread> threads_;
};

}  // namespace trellis::server
