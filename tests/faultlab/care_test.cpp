// SPDX-License-Identifier: Apache-2.0
// What an operator does to a server's store, killed at every system call.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "tests/faultlab/struck.hpp"
#include "tests/server/daemon.hpp"

using namespace trellis;
using namespace trellis::clients::test;
using namespace trellis::faultlab;
using server::test::run_trellisd;

namespace {

namespace fs = std::filesystem;

std::string url(const std::string& path) { return "sqlite:" + path; }

/// How many envelopes a store holds that is whole; nothing where there is none.
std::optional<std::int64_t> envelopes_in(const std::string& path) {
    if (!fs::exists(path)) return std::nullopt;
    const auto checked = run_trellisd({"check", "--store", url(path)});
    INFO(checked.out << checked.err);
    CHECK(checked.status == 0);
    const auto stats = run_trellisd({"stats", "--store", url(path)});
    REQUIRE(stats.status == 0);
    return *(*parse_json(stats.out))["envelopes"].integer();
}

/// A district at work.
struct Office {
    Folder folder;
    std::string store = folder.file("server.db");  // where Server has it
    std::string copy = folder.file("copy");
    std::unique_ptr<Server> server = std::make_unique<Server>(folder);
    Repl centre{folder.file("centre.db")};
    std::string space;

    Office() {
        REQUIRE(centre.code(R"({"op":"org_create","name":"D","url":")" + server->url() + "\"}") ==
                "");
        space = text_of(centre.ask(R"({"op":"space_create","name":"School"})"), "space");
    }
    /// Each of these reaches the server in an envelope of its own.
    void work(int changes) {
        for (int i = 0; i < changes; ++i) {
            REQUIRE(centre.code(R"({"op":"put","space":")" + space +
                                R"(","type":"household","fields":{"display_name":"F"}})") == "");
            REQUIRE(centre.code(R"({"op":"sync"})") == "");
        }
    }
    std::vector<std::string> order(const std::string& verb) const {
        return {TRELLISD_PROGRAM, verb, copy, "--store", url(store)};
    }
    /// Files whose names begin so.
    std::vector<fs::path> files(const std::string& beginning) const {
        std::vector<fs::path> found;
        for (const auto& file : fs::directory_iterator(fs::path(store).parent_path())) {
            const auto name = file.path().filename().string();
            if (name.starts_with(beginning)) found.push_back(file.path());
        }
        return found;
    }
};

/// A store that was never closed, with its log beside it, as it is before every strike.
struct Pristine {
    Office& office;
    fs::path aside = office.folder.file("pristine");

    explicit Pristine(Office& of) : office(of) {
        fs::create_directory(aside);
        for (const auto& file : office.files("server.db")) {
            fs::copy_file(file, aside / file.filename());
        }
    }
    void put_back() const {
        for (const auto& file : office.files("server.db")) fs::remove(file);
        for (const auto& file : fs::directory_iterator(aside)) {
            fs::copy_file(file, office.folder.file(file.path().filename().string()));
        }
    }
};

/// Stores that were put aside and hold that many; opening one moves its log into it.
std::size_t kept_aside(const Office& office, std::int64_t envelopes) {
    std::size_t kept = 0;
    for (const auto& file : office.files("server.db.replaced-")) {
        const auto name = file.string();
        if (name.ends_with("-wal") || name.ends_with("-shm") || !fs::exists(file)) continue;
        if (envelopes_in(name) == envelopes) ++kept;
    }
    return kept;
}

}  // namespace

TEST_CASE("a backup that is killed is whole or not there, and spoils nothing", "[faultlab]") {
    Office office;
    office.work(4);
    const auto all = envelopes_in(office.store);
    REQUIRE(all);
    const Sweep sweep(5);
    std::size_t whole = 0;
    const auto kills = sweep.run([&](const Strike& strike) {
        CAPTURE(strike.at);
        fs::remove(office.copy);
        Struck struck(office.folder, strike, office.order("backup"));
        const auto status = struck.wait();
        CHECK((struck.was_struck() || status == 0));
        const auto there = envelopes_in(office.copy);
        CHECK((there ? there == all : struck.was_struck()));
        if (there) ++whole;
        fs::remove(office.copy);
        CHECK(run_trellisd({"backup", office.copy, "--store", url(office.store)}).status == 0);
        CHECK(envelopes_in(office.copy) == all);
        return struck.was_struck();
    });
    // The server has gone on all the while.
    office.work(1);
    CHECK(office.server->stop() == 0);
    CHECK(envelopes_in(office.store) == *all + 1);
    sweep.print("a backup", kills, std::to_string(whole) + " of the copies were there");
    CHECK(kills > 0);
}

TEST_CASE("a restore that is killed leaves the old store or the backup, and all that was there",
          "[faultlab]") {
    Office office;
    office.work(2);
    REQUIRE(run_trellisd({"backup", office.copy, "--store", url(office.store)}).status == 0);
    const auto backed_up = envelopes_in(office.copy);
    REQUIRE(backed_up);
    office.work(3);
    office.server->kill();
    const auto all = *backed_up + 3;
    const Pristine pristine(office);
    REQUIRE(fs::exists(office.store + "-wal"));
    const Sweep sweep(3);
    std::size_t done = 0;
    const auto kills = sweep.run([&](const Strike& strike) {
        CAPTURE(strike.at);
        pristine.put_back();
        Struck struck(office.folder, strike, office.order("restore"));
        const auto status = struck.wait();
        CHECK((struck.was_struck() || status == 0));
        const auto there = envelopes_in(office.store);
        CHECK((there == all || there == backed_up));
        if (there != all) CHECK(kept_aside(office, all) > 0);
        if (there == backed_up) ++done;
        CHECK(run_trellisd({"restore", office.copy, "--store", url(office.store)}).status == 0);
        CHECK(envelopes_in(office.store) == backed_up);
        CHECK(kept_aside(office, all) > 0);
        return struck.was_struck();
    });
    sweep.print("a restore", kills, std::to_string(done) + " were done by then");
    CHECK(kills > 0);
}
