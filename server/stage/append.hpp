// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/ops/log.hpp"
#include "server/ops/metrics.hpp"
#include "server/stage/inbox.hpp"
#include "server/stage/result.hpp"
#include "server/store/store.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <thread>
#include <tuple>
#include <variant>
#include <vector>

namespace trellis::server {

/// LoadSpace is here for spaces that are met for the first time.
using WriteJob = std::variant<sync::Append,
                              sync::AppendEntry,
                              sync::LoadSpace,
                              sync::SaveSeen,
                              sync::StoreSubmission,
                              sync::DropSubmissions>;

struct AppendOptions {
    std::size_t items_max = 1'024;
    std::int64_t disk_free_percent_min = 5;
    std::int64_t disk_free_bytes_enough = std::int64_t{1024} * 1024 * 1024;
};

/// The one writer. All that waits goes into one transaction, and nothing is answered before it
/// is committed. On a full disk it answers `no_space`, stays alive and tries again.
class Append {
public:
    /// Requires: the references outlive this.
    Append(Store& store,
           std::unique_ptr<StoreWriter> writer,
           const AppendOptions& options,
           DeliverResults deliver,
           Metrics& metrics,
           Log& log);
    /// As stop().
    ~Append();
    Append(const Append&) = delete;
    Append& operator=(const Append&) = delete;

    Inbox<WriteJob>& inbox() { return inbox_; }
    /// Commits and answers what was accepted, then ends.
    void stop();

private:
    using SeenName = std::tuple<OrgId, SpaceId, DeviceId>;

    void run();
    std::vector<StageResult> carry_out(std::vector<WriteJob>& jobs);
    Result<void> write(std::vector<WriteJob>& jobs, std::vector<StageResult>& results);
    Result<void> write_seen();
    Result<void> commit();
    Result<void> has_room();
    void failed(const Error& error);
    void succeeded(const std::vector<WriteJob>& jobs, const std::vector<StageResult>& results);
    void idle();

    Store& store_;
    std::unique_ptr<StoreWriter> writer_;
    AppendOptions options_;
    DeliverResults deliver_;
    Metrics& metrics_;
    Log& log_;
    Inbox<WriteJob> inbox_;
    std::map<SeenName, sync::SaveSeen> seen_;  ///< wait for the next commit: may be lost
    bool accepts_ = true;
    std::thread thread_;
};

}  // namespace trellis::server
