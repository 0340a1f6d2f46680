// SPDX-License-Identifier: Apache-2.0
// The server's append stage killed at every system call (append_work.cpp).
#include <catch2/catch.hpp>

#include <filesystem>

#include "server/store/sqlite_care.hpp"
#include "server/store/sqlite_store.hpp"
#include "tests/crash/dump.hpp"
#include "tests/faultlab/struck.hpp"

using namespace trellis;
using namespace trellis::faultlab;
using clients::test::Folder;

namespace {

constexpr std::chrono::minutes patience{2};
constexpr std::size_t jobs = 11;

std::vector<std::string> order(const std::string& store, std::size_t count) {
    return {APPEND_WORK_PROGRAM, store, std::to_string(count)};
}

void remove(const std::string& store) {
    for (const char* const suffix : {"", "-wal", "-shm", ".lock"}) {
        std::filesystem::remove(store + suffix);
    }
}

/// Everything in it, and that it is whole. Nothing where it was killed before there was a store.
std::string look(const std::string& store) {
    auto database = server::open_store_file(store, true);
    REQUIRE(database.has_value());
    const auto problems = database->integrity_problems();
    REQUIRE(problems.has_value());
    CHECK(problems->empty());
    // A space that was shredded begins a life with a random name.
    REQUIRE(database->run("UPDATE space SET incarnation = zeroblob(8) WHERE position = 0"));
    return trellis::test::dump(*database);
}

/// How many jobs it says are stored, to the end of its output.
std::size_t count_answers(demo::Process& process) {
    std::size_t count = 0;
    while (const auto line = process.read_line(patience)) {
        REQUIRE(*line == "stored " + std::to_string(++count));
    }
    return count;
}

}  // namespace

TEST_CASE("an append stage that is killed has kept what it answered, each job wholly or not",
          "[faultlab]") {
    const Folder folder;
    const auto store = folder.file("store.db");
    // What is there after so many jobs.
    std::vector<std::string> after;
    for (std::size_t count = 0; count <= jobs; ++count) {
        remove(store);
        Struck whole(folder, {}, order(store, count));
        REQUIRE(count_answers(whole.process()) == count);
        REQUIRE(whole.wait() == 0);
        after.push_back(look(store));
        if (count > 0) REQUIRE(after[count] != after[count - 1]);
    }
    const Sweep sweep(3);
    std::size_t answered = 0;
    const auto kills = sweep.run([&](const Strike& strike) {
        CAPTURE(strike.at);
        remove(store);
        Struck struck(folder, strike, order(store, jobs));
        const auto count = count_answers(struck.process());
        const auto status = struck.wait();
        CHECK((struck.was_struck() || (status == 0 && count == jobs)));
        const auto there = look(store);
        const auto first = after.begin() + static_cast<std::ptrdiff_t>(count);
        CHECK(std::find(first, after.end(), there) != after.end());
        answered += count;
        return struck.was_struck();
    });
    sweep.print("an append stage", kills, std::to_string(answered) + " jobs answered");
    CHECK(kills > 0);
    CHECK(answered > kills);
}
