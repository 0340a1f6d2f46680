// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/ops/log.hpp"
#include "server/ops/metrics.hpp"
#include "server/stage/committer.hpp"
#include "server/stage/inbox.hpp"

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace trellis::server {

/// The thread of the one writer: a Committer takes all that waits at once.
class Append final : private CommitWatch {
public:
    /// Requires: the references outlive this.
    Append(Store& store,
           std::unique_ptr<StoreWriter> writer,
           const AppendOptions& options,
           DeliverResults deliver,
           Metrics& metrics,
           Log& log);
    /// As stop().
    ~Append() override;
    Append(const Append&) = delete;
    Append& operator=(const Append&) = delete;

    Inbox<WriteJob>& inbox() { return inbox_; }
    /// Commits and answers what was accepted, then ends.
    void stop();

private:
    void run();
    void measured(const Store::Room& room) override;
    void committing() override;
    void committed() override;
    void failed(const Error& error, bool is_news) override;
    void succeeded(const std::vector<WriteJob>& jobs,
                   const std::vector<StageResult>& results,
                   bool is_news) override;

    AppendOptions options_;
    DeliverResults deliver_;
    Metrics& metrics_;
    Log& log_;
    Inbox<WriteJob> inbox_;
    Committer committer_;
    std::chrono::steady_clock::time_point commit_began_;
    std::thread thread_;
};

}  // namespace trellis::server
