// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/ops/metrics.hpp"
#include "server/stage/inbox.hpp"
#include "server/stage/reading.hpp"

#include <cstddef>
#include <memory>
#include <thread>
#include <vector>

namespace trellis::server {

/// Reads for those who were away: each thread over a reader of its own.
class CatchUp {
public:
    /// Requires: one reader a thread; `metrics` outlives this.
    CatchUp(std::vector<std::unique_ptr<StoreReader>> readers,
            std::size_t items_max,
            DeliverResults deliver,
            Metrics& metrics);
    /// As stop().
    ~CatchUp();
    CatchUp(const CatchUp&) = delete;
    CatchUp& operator=(const CatchUp&) = delete;

    Inbox<ReadJob>& inbox() { return inbox_; }
    /// Answers what was accepted, then ends.
    void stop();

private:
    void run(StoreReader& reader);

    Inbox<ReadJob> inbox_;
    std::vector<std::unique_ptr<StoreReader>> readers_;
    DeliverResults deliver_;
    Metrics& metrics_;
    std::vector<std::thread> threads_;
};

}  // namespace trellis::server
