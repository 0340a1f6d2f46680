// SPDX-License-Identifier: Apache-2.0
#include "server/stage/committer.hpp"

#include <utility>

namespace trellis::server {
namespace {

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
    Result<void> operator()(sync::ShredSpace& job) const {
        TRELLIS_DO(writer.shred(job));
        results.emplace_back(SpaceShredded{job.ticket, {}});
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
    void operator()(const sync::ShredSpace& job) const {
        results.emplace_back(SpaceShredded{job.ticket, error});
    }
};

}  // namespace

Committer::Committer(Store& store,
                     std::unique_ptr<StoreWriter> writer,
                     const AppendOptions& options,
                     CommitWatch& watch)
    : store_(store), writer_(std::move(writer)), options_(options), watch_(watch) {
    if (const auto room = has_room(); !room) failed(room.error());
}

std::vector<StageResult> Committer::carry_out(std::vector<WriteJob>& jobs) {
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

Result<void> Committer::write(std::vector<WriteJob>& jobs, std::vector<StageResult>& results) {
    TRELLIS_DO(has_room());
    TRELLIS_DO(writer_->begin());
    for (WriteJob& job : jobs) {
        TRELLIS_DO(std::visit(Writing{*writer_, results}, job));
    }
    TRELLIS_DO(write_seen());
    return commit();
}

Result<void> Committer::write_seen() {
    for (const auto& [name, seen] : seen_)
        TRELLIS_DO(writer_->save_seen(seen));
    return {};
}

Result<void> Committer::commit() {
    watch_.committing();
    auto committed = writer_->commit();
    watch_.committed();
    return committed;
}

/// The last of a disk is for reading, for deleting and for whoever else needs it.
Result<void> Committer::has_room() {
    const Store::Room room = store_.room();
    watch_.measured(room);
    if (room.disk_bytes == 0 || room.free_bytes >= options_.disk_free_bytes_enough) return {};
    if (room.free_bytes / (room.disk_bytes / 100 + 1) >= options_.disk_free_percent_min) return {};
    return Error{Code::no_space, "the server's disk is nearly full: its operator must make room"};
}

void Committer::failed(const Error& error) {
    seen_.clear();
    watch_.failed(error, accepts_);
    accepts_ = false;
    if (!writer_->is_broken()) return;
    auto fresh = store_.open_writer();
    if (fresh) writer_ = std::move(*fresh);
}

void Committer::succeeded(const std::vector<WriteJob>& jobs,
                          const std::vector<StageResult>& results) {
    seen_.clear();
    watch_.succeeded(jobs, results, !accepts_);
    accepts_ = true;
}

void Committer::idle() {
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
