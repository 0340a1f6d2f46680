// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/stage/result.hpp"
#include "server/store/store.hpp"

#include <cstdint>
#include <map>
#include <memory>
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
                              sync::DropSubmissions,
                              sync::ShredSpace>;

struct AppendOptions {
    std::size_t items_max = 1'024;
    std::int64_t disk_free_percent_min = 5;
    std::int64_t disk_free_bytes_enough = std::int64_t{1024} * 1024 * 1024;
};

/// Told of what a Committer does; for figures and an operator's log.
class CommitWatch {
public:
    CommitWatch() = default;
    CommitWatch(const CommitWatch&) = delete;
    CommitWatch& operator=(const CommitWatch&) = delete;
    virtual ~CommitWatch() = default;

    virtual void measured(const Store::Room& room) = 0;
    virtual void committing() = 0;
    virtual void committed() = 0;
    /// `is_news`: the store accepted before, or had refused.
    virtual void failed(const Error& error, bool is_news) = 0;
    virtual void succeeded(const std::vector<WriteJob>& jobs,
                           const std::vector<StageResult>& results,
                           bool is_news) = 0;
};

/// What the one writer does with the jobs that wait: one transaction for all, and no answer
/// before it is committed. On a full disk it answers `no_space`, stays alive and tries again.
/// Knows no thread and no clock.
class Committer {
public:
    /// Borrows the store and the watch.
    Committer(Store& store,
              std::unique_ptr<StoreWriter> writer,
              const AppendOptions& options,
              CommitWatch& watch);

    /// The answers to these jobs, all of them durable. A Seen has none, and may wait for the
    /// next commit.
    std::vector<StageResult> carry_out(std::vector<WriteJob>& jobs);

    /// Nobody asks for anything: time for what can wait, and to see whether a store that failed
    /// has come back.
    void idle();

private:
    using SeenName = std::tuple<OrgId, SpaceId, DeviceId>;

    Result<void> write(std::vector<WriteJob>& jobs, std::vector<StageResult>& results);
    Result<void> write_seen();
    Result<void> commit();
    Result<void> has_room();
    void failed(const Error& error);
    void succeeded(const std::vector<WriteJob>& jobs, const std::vector<StageResult>& results);

    Store& store_;
    std::unique_ptr<StoreWriter> writer_;
    AppendOptions options_;
    CommitWatch& watch_;
    std::map<SeenName, sync::SaveSeen> seen_;  ///< wait for the next commit: may be lost
    bool accepts_ = true;
};

}  // namespace trellis::server
