// SPDX-License-Identifier: Apache-2.0
#include "server/stage/append.hpp"

#include <chrono>
#include <utility>

namespace trellis::server {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// How long a Seen may wait for other work, and how often a store that failed is tried again.
constexpr milliseconds idle_time{1'000};

/// Carries out one job; an Error here ends the whole transaction.
struct Writing {
    StoreWriter& writer;
    std::vector<StageResult>& results;

    Result<void> operator()(sync::Append& job) const {
        Appended appended{job.ticket, {}};
        for (const sync::SpaceAppend& space : job.spaces) {
            TRELLIS_TRY(auto stored, writer.append(space));
            appended.stored.push_back(std::move(stored));
        }
        results.emplace_back(std::move(appended));
        return {};
    }
    Result<void> operator()(sync::AppendEntry& job) const {
        TRELLIS_TRY(auto stored, writer.append_entry(job.org, job.index, job.entry));
        results.emplace_back(EntryAppended{job.ticket, std::move(stored)});
        return {};
    }
    Result<void> operator()(sync::LoadSpace& job) const {
        TRELLIS_TRY(auto space, writer.create_space(job));
        results.emplace_back(SpaceLoaded{job.ticket, std::move(space)});
        return {};
    }
    Result<void> operator()(sync::SaveSeen& /*written with the commit*/) const { return {}; }
    Result<void> operator()(sync::StoreSubmission& job) const {
        TRELLIS_TRY(auto stored, writer.store_submission(job));
        results.emplace_back(SubmissionStored{job.ticket, std::move(stored)});
        return {};
    }
    Result<void> operator()(sync::DropSubmissions& job) const {
        TRELLIS_DO(writer.drop_submissions(job));
        results.emplace_back(SubmissionsDropped{job.ticket});
        return {};
    }
};

/// The same error for everyone.
struct Failing {
    const Error& error;
    std::vector<StageResult>& results;

    void operator()(const sync::Append& job) const {
        results.emplace_back(
            Appended{job.ticket, std::vector<Result<void>>(job.spaces.size(), error)});
    }
    void operator()(const sync::AppendEntry& job) const {
        results.emplace_back(EntryAppended{job.ticket, error});
    }
    void operator()(const sync::LoadSpace& job) const {
        results.emplace_back(SpaceLoaded{job.ticket, error});
    }
    void operator()(const sync::SaveSeen& /*not answered*/) const {}
    void operator()(const sync::StoreSubmission& job) const {
        results.emplace_back(SubmissionStored{job.ticket, error});
    }
    /// They stay, and are filed again.
    void operator()(const sync::DropSubmissions& job) const {
        results.emplace_back(SubmissionsDropped{job.ticket});
    }
};

}  // namespace

Append::Append(Store& store,
               std::unique_ptr<StoreWriter> writer,
               const AppendOptions& options,
               DeliverResults deliver,
               Metrics& metrics,
               Log& log)
    : store_(store)
    , writer_(std::move(writer))
    , options_(options)
    , deliver_(std::move(deliver))
    , metrics_(metrics)
    , log_(log)
    , inbox_(options.items_max) {
    metrics_.store_accepts.set(1);
    if (const auto room = has_room(); !room) failed(room.error());
    thread_ = std::thread(&Append::run, this);
}

Append::~Append() {
    stop();
}

void Append::stop() {
    inbox_.close();
    if (thread_.joinable()) thread_.join();
}

void Append::run() {
    while (!inbox_.is_dry()) {
        auto jobs = inbox_.take_many(options_.items_max, idle_time);
        if (jobs.empty()) {
            idle();
            continue;
        }
        // Without results too: there is room in the inbox again.
        deliver_(carry_out(jobs));
    }
    idle();
}

std::vector<StageResult> Append::carry_out(std::vector<WriteJob>& jobs) {
    bool waits = true;
    for (WriteJob& job : jobs) {
        if (const auto* seen = std::get_if<sync::SaveSeen>(&job)) {
            seen_.insert_or_assign({seen->org, seen->space, seen->seen.device}, *seen);
        } else {
            waits = false;
        }
    }
    std::vector<StageResult> results;
    if (waits && seen_.size() < options_.items_max) return results;
    const auto written = write(jobs, results);
    if (written) {
        succeeded(jobs, results);
        return results;
    }
    writer_->rollback();
    failed(written.error());
    results.clear();
    for (const WriteJob& job : jobs)
        std::visit(Failing{written.error(), results}, job);
    return results;
}

Result<void> Append::write(std::vector<WriteJob>& jobs, std::vector<StageResult>& results) {
    TRELLIS_DO(has_room());
    TRELLIS_DO(writer_->begin());
    for (WriteJob& job : jobs) {
        TRELLIS_DO(std::visit(Writing{*writer_, results}, job));
    }
    TRELLIS_DO(write_seen());
    return commit();
}

Result<void> Append::write_seen() {
    for (const auto& [name, seen] : seen_)
        TRELLIS_DO(writer_->save_seen(seen));
    return {};
}

Result<void> Append::commit() {
    const auto start = steady_clock::now();
    auto committed = writer_->commit();
    const auto taken = steady_clock::now() - start;
    metrics_.commit_time.add(std::chrono::duration_cast<microseconds>(taken).count());
    return committed;
}

/// The last of a disk is for reading, for deleting and for whoever else needs it.
Result<void> Append::has_room() {
    const Store::Room room = store_.room();
    metrics_.store_bytes.set(room.store_bytes);
    if (room.disk_bytes == 0 || room.free_bytes >= options_.disk_free_bytes_enough) return {};
    if (room.free_bytes / (room.disk_bytes / 100 + 1) >= options_.disk_free_percent_min) return {};
    return Error{Code::no_space, "the server's disk is nearly full: its operator must make room"};
}

void Append::failed(const Error& error) {
    seen_.clear();
    metrics_.commits_failed.add();
    metrics_.store_accepts.set(0);
    if (accepts_) {
        log_.write(Level::error,
                   "store_refuses",
                   {{"code", to_string(error.code)}, {"reason", error.message}});
    }
    accepts_ = false;
    if (!writer_->is_broken()) return;
    auto fresh = store_.open_writer();
    if (fresh) writer_ = std::move(*fresh);
}

void Append::succeeded(const std::vector<WriteJob>& jobs, const std::vector<StageResult>& results) {
    seen_.clear();
    metrics_.commits.add();
    metrics_.store_accepts.set(1);
    if (!accepts_) log_.write(Level::info, "store_accepts");
    accepts_ = true;
    std::size_t at = 0;
    for (const WriteJob& job : jobs) {
        if (std::holds_alternative<sync::SaveSeen>(job)) continue;
        const StageResult& result = results[at++];
        if (const auto* append = std::get_if<sync::Append>(&job)) {
            const auto& stored = std::get<Appended>(result).stored;
            for (std::size_t space = 0; space < stored.size(); ++space) {
                if (!stored[space]) continue;
                const auto& envelopes = append->spaces[space].envelopes;
                metrics_.envelopes_appended.add(static_cast<std::int64_t>(envelopes.size()));
                std::int64_t bytes = 0;
                for (const auto& one : envelopes) {
                    bytes += static_cast<std::int64_t>(one.envelope.size());
                }
                metrics_.envelope_bytes_appended.add(bytes);
            }
        } else if (const auto* entry = std::get_if<EntryAppended>(&result)) {
            if (entry->stored) metrics_.entries_appended.add();
        } else if (const auto* submission = std::get_if<SubmissionStored>(&result)) {
            if (submission->stored) metrics_.submissions_stored.add();
        }
    }
}

/// Nobody asks for anything: time for what can wait, and to see whether a store that failed has
/// come back.
void Append::idle() {
    auto done = has_room();
    if (done && accepts_ && seen_.empty()) return;
    if (done && seen_.empty()) {
        done = writer_->probe();
    } else if (done) {
        done = writer_->begin();
        if (done) done = write_seen();
        if (done) done = commit();
    }
    if (done) {
        succeeded({}, {});
        return;
    }
    writer_->rollback();
    failed(done.error());
}

}  // namespace trellis::server
