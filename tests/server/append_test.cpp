// SPDX-License-Identifier: Apache-2.0
#include "server/stage/append.hpp"

#include "server/store/sqlite_store.hpp"
#include "server/store/sqlite_writer.hpp"
#include "tests/server/folder.hpp"
#include "tests/server/placed.hpp"

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

using namespace trellis;
using namespace trellis::server;
using namespace trellis::server::test;

namespace {

const auto org = id_of<OrgId>(1);
const auto space = id_of<SpaceId>(2);
const auto life = id_of<LogIncarnation>(3);

/// What the test tells a store to do, and what it hears of it.
struct Script {
    std::mutex mutex;
    std::condition_variable changed;
    bool is_held = false;  ///< begin() waits
    bool has_begun = false;
    std::optional<Error> commit_error;
    std::optional<Error> append_error;  ///< of the store
    std::optional<Error> refusal;       ///< of that request alone
    bool is_broken = false;
    int commits = 0;
    int writers = 0;
    Store::Room room;

    void hold() {
        const std::lock_guard lock(mutex);
        is_held = true;
    }
    void wait_for_begin() {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return has_begun; });
    }
    void release() {
        {
            const std::lock_guard lock(mutex);
            is_held = false;
        }
        changed.notify_all();
    }
};

class ScriptedWriter final : public StoreWriter {
public:
    explicit ScriptedWriter(Script& script) : script_(script) {}

    Result<void> begin() override {
        std::unique_lock lock(script_.mutex);
        script_.has_begun = true;
        script_.changed.notify_all();
        script_.changed.wait(lock, [this] { return !script_.is_held; });
        return {};
    }
    Result<void> commit() override {
        const std::lock_guard lock(script_.mutex);
        if (script_.commit_error) return *script_.commit_error;
        ++script_.commits;
        return {};
    }
    void rollback() override {}
    Result<void> probe() override { return commit(); }
    bool is_broken() const override {
        const std::lock_guard lock(script_.mutex);
        return script_.is_broken;
    }
    Verdict<void> append_entry(const OrgId& /*org*/,
                               std::uint64_t index,
                               ByteView /*entry*/) override {
        if (index == 0) return Result<void>();
        return Result<void>(Error{Code::conflict, "somebody was first"});
    }
    Verdict<sync::LoadedSpace> create_space(const sync::LoadSpace& /*request*/) override {
        return Result<sync::LoadedSpace>(sync::LoadedSpace());
    }
    Verdict<void> append(const sync::SpaceAppend& append) override {
        const std::lock_guard lock(script_.mutex);
        if (script_.append_error) return *script_.append_error;
        if (script_.refusal) return Result<void>(*script_.refusal);
        if (append.after == 0) return Result<void>();
        return Result<void>(Error{Code::conflict, "the log has moved"});
    }
    Result<void> save_seen(const sync::SaveSeen& /*seen*/) override { return {}; }
    Verdict<void> store_submission(const sync::StoreSubmission& /*request*/) override {
        const std::lock_guard lock(script_.mutex);
        if (script_.refusal) return Result<void>(*script_.refusal);
        return Result<void>();
    }
    Result<void> drop_submissions(const sync::DropSubmissions& /*request*/) override { return {}; }
    Result<void> shred(const sync::ShredSpace& /*request*/) override { return {}; }

private:
    Script& script_;
};

class ScriptedStore final : public Store {
public:
    explicit ScriptedStore(Script& script) : script_(script) {}
    Result<std::unique_ptr<StoreWriter>> open_writer() override {
        const std::lock_guard lock(script_.mutex);
        ++script_.writers;
        script_.is_broken = false;
        return std::unique_ptr<StoreWriter>(std::make_unique<ScriptedWriter>(script_));
    }
    Result<std::unique_ptr<StoreReader>> open_reader() override {
        return Error{Code::unsupported, "not scripted"};
    }
    Result<Bytes> server_seed(ByteView fresh) override { return to_bytes(fresh); }
    Room room() const override {
        const std::lock_guard lock(script_.mutex);
        return script_.room;
    }

private:
    Script& script_;
};

/// Results as they come from another thread.
class Answers {
public:
    DeliverResults taker() {
        return [this](std::vector<StageResult> results) {
            const std::lock_guard lock(mutex_);
            for (auto& result : results)
                results_.push_back(std::move(result));
            changed_.notify_all();
        };
    }
    std::vector<StageResult> wait_for(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return results_.size() >= count; });
        return std::exchange(results_, {});
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<StageResult> results_;
};

struct Staged {
    explicit Staged(AppendOptions options = {})
        : store(script)
        , stage(store,
                std::make_unique<ScriptedWriter>(script),
                options,
                answers.taker(),
                metrics,
                log) {}

    void give(WriteJob job) { REQUIRE(stage.inbox().offer(job)); }
    Result<void> append_one() {
        PlacedLog one(org, space, life);
        give(sync::Append{1, {one.next({1})}});
        return std::get<Appended>(answers.wait_for(1).at(0)).stored.at(0);
    }

    Script script;
    ScriptedStore store;
    Answers answers;
    Metrics metrics;
    Log log{-1, Level::error};
    Append stage;
};

}  // namespace

TEST_CASE("all that waits is one transaction", "[server]") {
    Staged staged;
    PlacedLog log(org, space, life);
    staged.script.hold();
    staged.give(sync::Append{1, {log.next({1})}});
    staged.script.wait_for_begin();
    for (sync::Ticket ticket = 2; ticket < 52; ++ticket) {
        PlacedLog other(org, space, life);
        staged.give(sync::Append{ticket, {other.next({1})}});
    }
    staged.script.release();
    const auto results = staged.answers.wait_for(51);
    CHECK(staged.script.commits == 2);
    for (std::size_t at = 0; at < results.size(); ++at) {
        const auto& appended = std::get<Appended>(results[at]);
        CHECK(appended.ticket == at + 1);
        CHECK(appended.stored.at(0));
    }
    CHECK(staged.metrics.envelopes_appended.get() == 51);
}

TEST_CASE("a refused request does not spoil the others of its transaction", "[server]") {
    Staged staged;
    PlacedLog moved(org, space, life);
    static_cast<void>(moved.next({1}));
    PlacedLog good(org, space, life);
    staged.give(sync::Append{1, {moved.next({1}), good.next({1})}});
    const auto results = staged.answers.wait_for(1);
    const auto& stored = std::get<Appended>(results[0]).stored;
    REQUIRE(stored.size() == 2);
    CHECK(stored[0].error().code == Code::conflict);
    CHECK(stored[1]);
    CHECK(staged.metrics.envelopes_appended.get() == 1);
    staged.give(sync::AppendEntry{2, org, 1, filled(3, 3)});
    CHECK_FALSE(std::get<EntryAppended>(staged.answers.wait_for(1)[0]).stored);
}

TEST_CASE("nothing is answered as stored whose commit failed", "[server]") {
    Staged staged;
    staged.script.commit_error = Error{Code::no_space, "the disk is full"};
    staged.give(sync::AppendEntry{1, org, 0, filled(3, 3)});
    const auto results = staged.answers.wait_for(1);
    CHECK(std::get<EntryAppended>(results[0]).stored.error().code == Code::no_space);
    CHECK(staged.append_one().error().code == Code::no_space);
    CHECK(staged.metrics.store_accepts.get() == 0);
    // The stage lives, and the store comes back.
    {
        const std::lock_guard lock(staged.script.mutex);
        staged.script.commit_error.reset();
    }
    CHECK(staged.append_one());
    CHECK(staged.metrics.store_accepts.get() == 1);
}

TEST_CASE("a space's quota is that space's alone", "[server]") {
    Staged staged;
    staged.script.refusal = Error{Code::no_space, "the quota is full"};
    CHECK(staged.append_one().error().code == Code::no_space);
    CHECK(staged.metrics.store_accepts.get() == 1);
    CHECK(staged.script.commits == 1);
}

TEST_CASE("a store that fails half way fails for everybody in the transaction", "[server]") {
    Staged staged;
    staged.script.append_error = Error{Code::no_space, "the disk is full"};
    staged.script.hold();
    PlacedLog log(org, space, life);
    staged.give(sync::AppendEntry{1, org, 0, filled(3, 3)});
    staged.script.wait_for_begin();
    staged.give(sync::AppendEntry{2, org, 0, filled(3, 3)});
    staged.give(sync::Append{3, {log.next({1})}});
    staged.script.release();
    const auto results = staged.answers.wait_for(3);
    CHECK(std::get<EntryAppended>(results[0]).stored);
    CHECK(std::get<EntryAppended>(results[1]).stored.error().code == Code::no_space);
    CHECK(std::get<Appended>(results[2]).stored.at(0).error().code == Code::no_space);
    CHECK(staged.script.commits == 1);
}

TEST_CASE("after a failed sync the writer is opened anew", "[server]") {
    Staged staged;
    {
        const std::lock_guard lock(staged.script.mutex);
        staged.script.commit_error = Error{Code::internal, "input/output error"};
        staged.script.is_broken = true;
    }
    CHECK_FALSE(staged.append_one());
    const std::lock_guard lock(staged.script.mutex);
    CHECK(staged.script.writers == 1);
}

TEST_CASE("a nearly full disk takes nothing more, at the limit it does", "[server]") {
    AppendOptions options;
    options.disk_free_percent_min = 5;
    options.disk_free_bytes_enough = 1'000'000;
    Staged staged(options);
    const auto set_free = [&staged](std::int64_t free) {
        const std::lock_guard lock(staged.script.mutex);
        staged.script.room = {0, free, 1'000'000};
    };
    set_free(49'000);
    CHECK(staged.append_one().error().code == Code::no_space);
    CHECK(staged.metrics.store_accepts.get() == 0);
    set_free(51'000);
    CHECK(staged.append_one());
    {
        const std::lock_guard lock(staged.script.mutex);
        staged.script.room = {0, 1'000'000, 1'000'000'000};
    }
    CHECK(staged.append_one());  // one in a thousand, but enough in bytes
}

TEST_CASE("what was accepted is committed and answered before the stage ends", "[server]") {
    Staged staged;
    staged.script.hold();
    PlacedLog log(org, space, life);
    staged.give(sync::Append{1, {log.next({1})}});
    staged.script.wait_for_begin();
    for (sync::Ticket ticket = 2; ticket < 6; ++ticket) {
        staged.give(sync::AppendEntry{ticket, org, 0, filled(1, 1)});
    }
    staged.stage.inbox().close();
    staged.script.release();
    staged.stage.stop();
    CHECK(staged.answers.wait_for(5).size() == 5);
    CHECK(staged.script.commits == 2);
}

TEST_CASE("a full SQLite answers no_space and keeps what it had acknowledged", "[server]") {
    const Folder folder;
    auto store = SqliteStore::open(folder / "store", {});
    REQUIRE(store);
    auto writer = (*store)->open_writer();
    REQUIRE(writer);
    REQUIRE((*writer)->begin());
    REQUIRE(*(*writer)->append_entry(org, 0, filled(10, 1)));
    REQUIRE(*(*writer)->create_space({0, org, space, life}));
    REQUIRE((*writer)->commit());
    auto* const handle = dynamic_cast<SqliteWriter&>(**writer).database().handle();
    REQUIRE(sqlite3_exec(handle, "PRAGMA max_page_count = 60", nullptr, nullptr, nullptr) == 0);
    Answers answers;
    Metrics metrics;
    Log log(-1, Level::error);
    PlacedLog placed(org, space, life);
    std::uint64_t acknowledged = 0;
    {
        Append stage(**store, std::move(*writer), {}, answers.taker(), metrics, log);
        for (bool is_full = false; !is_full;) {
            WriteJob job = sync::Append{1, {placed.next({1, 2}, 10'000)}};
            REQUIRE(stage.inbox().offer(job));
            const auto results = answers.wait_for(1);
            const auto& stored = std::get<Appended>(results[0]).stored.at(0);
            is_full = !stored;
            if (stored) {
                acknowledged += 2;
            } else {
                CHECK(stored.error().code == Code::no_space);
            }
        }
        CHECK(metrics.store_accepts.get() == 0);
    }
    CHECK(acknowledged > 0);
    auto reader = (*store)->open_reader();
    REQUIRE(reader);
    CHECK((**(*reader)->space(org, space)).end.position == acknowledged);
    CHECK((*reader)->page({0, org, space, 0, 1'000'000, 1'000})->envelopes.size() == acknowledged);
}
