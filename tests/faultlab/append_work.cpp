// SPDX-License-Identifier: Apache-2.0
// append_work STORE COUNT: the append stage alone on a store of its own, with a job of every kind
// that it answers, the first COUNT of them. Says "stored N" when the N-th was answered as stored;
// up to four wait at a time, so that one commit holds several.
#include <unistd.h>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include "crypto/public/inbox.hpp"
#include "server/stage/append.hpp"
#include "server/store/sqlite_store.hpp"
#include "tests/server/placed.hpp"

namespace {

using namespace trellis;
using namespace trellis::server;
using namespace trellis::server::test;

constexpr std::size_t window = 4;

const auto org = id_of<OrgId>(1);
const auto doomed = id_of<SpaceId>(3);
const auto inbox = id_of<crypto::InboxId>(4);

std::vector<WriteJob> all_jobs() {
    PlacedLog school(org, id_of<SpaceId>(2), id_of<LogIncarnation>(5));
    PlacedLog other(org, doomed, id_of<LogIncarnation>(6));
    std::vector<WriteJob> jobs;
    const auto ticket = [&] { return sync::Ticket{jobs.size() + 1}; };
    const auto submit = [&](const Bytes& bytes) {
        jobs.push_back(sync::StoreSubmission{ticket(), org, inbox,
                                             crypto::submission_digest(bytes), 3'600'000, bytes});
    };
    const Bytes request = filled(3'000, 7);
    jobs.push_back(sync::AppendEntry{ticket(), org, 0, filled(300, 1)});
    jobs.push_back(sync::LoadSpace{ticket(), org, id_of<SpaceId>(2), id_of<LogIncarnation>(5)});
    jobs.push_back(sync::LoadSpace{ticket(), org, doomed, id_of<LogIncarnation>(6)});
    jobs.push_back(sync::Append{ticket(), {school.next({1, 2, 1}), other.next({3})}});
    submit(request);
    jobs.push_back(sync::AppendEntry{ticket(), org, 1, filled(500, 2)});
    jobs.push_back(sync::Append{ticket(), {school.next({2, 1}, 20'000)}});
    submit(filled(100, 8));
    jobs.push_back(
        sync::DropSubmissions{ticket(), org, inbox, {crypto::submission_digest(request)}});
    jobs.push_back(sync::ShredSpace{ticket(), org, doomed, {inbox}});
    jobs.push_back(sync::Append{ticket(), {school.next({1})}});
    return jobs;
}

struct IsStored {
    bool operator()(const EntryAppended& result) const { return result.stored.has_value(); }
    bool operator()(const SpaceLoaded& result) const { return result.space.has_value(); }
    bool operator()(const SubmissionStored& result) const { return result.stored.has_value(); }
    bool operator()(const SubmissionsDropped& /*cannot fail*/) const { return true; }
    bool operator()(const SpaceShredded& result) const { return result.done.has_value(); }
    bool operator()(const Appended& result) const {
        for (const auto& space : result.stored) {
            if (!space) return false;
        }
        return true;
    }
    template <class Other>
    bool operator()(const Other& /*not asked for*/) const {
        return false;
    }
};

/// How many were answered; a process that is killed has said so of each before it goes on.
class Answers {
public:
    void take(const std::vector<StageResult>& results) {
        const std::lock_guard lock(mutex_);
        for (const auto& result : results) {
            if (!std::visit(IsStored{}, result)) std::_Exit(3);
            const auto line = "stored " + std::to_string(++count_) + "\n";
            if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::_Exit(4);
        }
        changed_.notify_all();
    }
    void wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return count_ >= count; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t count_ = 0;
};

int work(const std::string& path, std::size_t count) {
    const auto store = SqliteStore::open(path, {});
    if (!store) return 2;
    auto writer = (*store)->open_writer();
    if (!writer) return 2;
    Answers answers;
    Metrics metrics;
    Log log(STDERR_FILENO, Level::error);
    AppendOptions options;
    options.disk_free_percent_min = 0;  // whatever disk a test runs on
    Append stage(**store, std::move(*writer), options,
                 [&](const std::vector<StageResult>& results) { answers.take(results); }, metrics,
                 log);
    auto jobs = all_jobs();
    count = std::min(count, jobs.size());
    for (std::size_t at = 0; at < count; ++at) {
        if (at >= window) answers.wait_for(at - window + 1);
        if (!stage.inbox().offer(jobs[at])) return 5;
    }
    answers.wait_for(count);
    stage.stop();
    return 0;
}

}  // namespace

int main(int count, char** words) {
    if (count != 3) {
        std::fputs("usage: append_work STORE COUNT\n", stderr);
        return 2;
    }
    return work(words[1], std::strtoull(words[2], nullptr, 10));
}
