// SPDX-License-Identifier: Apache-2.0
#include "server/stage/append.hpp"

#include <utility>

namespace trellis::server {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// How long a Seen may wait for other work, and how often a store that failed is tried again.
constexpr milliseconds idle_time{1'000};

/// The store accepts until it is found not to.
Metrics& accepting(Metrics& metrics) {
    metrics.store_accepts.set(1);
    return metrics;
}

}  // namespace

Append::Append(Store& store,
               std::unique_ptr<StoreWriter> writer,
               const AppendOptions& options,
               DeliverResults deliver,
               Metrics& metrics,
               Log& log)
    : options_(options)
    , deliver_(std::move(deliver))
    , metrics_(accepting(metrics))
    , log_(log)
    , inbox_(options.items_max)
    , committer_(store, std::move(writer), options, *this) {
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
            committer_.idle();
            continue;
        }
        // Without results too: there is room in the inbox again.
        deliver_(committer_.carry_out(jobs));
    }
    committer_.idle();
}

void Append::measured(const Store::Room& room) {
    metrics_.store_bytes.set(room.store_bytes);
}

void Append::committing() {
    commit_began_ = steady_clock::now();
}

void Append::committed() {
    const auto taken = steady_clock::now() - commit_began_;
    metrics_.commit_time.add(std::chrono::duration_cast<microseconds>(taken).count());
}

void Append::failed(const Error& error, bool is_news) {
    metrics_.commits_failed.add();
    metrics_.store_accepts.set(0);
    if (!is_news) return;
    log_.write(Level::error,
               "store_refuses",
               {{"code", to_string(error.code)}, {"reason", error.message}});
}

void Append::succeeded(const std::vector<WriteJob>& jobs,
                       const std::vector<StageResult>& results,
                       bool is_news) {
    metrics_.commits.add();
    metrics_.store_accepts.set(1);
    if (is_news) log_.write(Level::info, "store_accepts");
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

}  // namespace trellis::server
