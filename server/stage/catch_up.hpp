// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/ops/metrics.hpp"
#include "server/stage/inbox.hpp"
#include "server/stage/result.hpp"
#include "server/store/store.hpp"

#include <cstddef>
#include <memory>
#include <thread>
#include <variant>
#include <vector>

namespace trellis::server {

using ReadJob = std::variant<sync::LoadOrg,
                             sync::LoadSpace,
                             sync::CatchUp,
                             sync::FetchChain,
                             sync::HeadAt,
                             sync::LoadSubmissions>;

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

/// One answer; a space that is not there yet is handed back to be created.
StageResult read(StoreReader& reader, const ReadJob& job);

}  // namespace trellis::server
