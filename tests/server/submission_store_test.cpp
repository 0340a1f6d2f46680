// SPDX-License-Identifier: Apache-2.0
// What is dropped into inboxes, in the store.
#include "crypto/public/inbox.hpp"
#include "server/store/sqlite_care.hpp"
#include "server/store/sqlite_store.hpp"
#include "tests/server/folder.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace trellis;
using namespace trellis::server;
using test::Folder;

namespace {

OrgId some_org() {
    OrgId org;
    org.bytes.fill(1);
    return org;
}
crypto::InboxId some_inbox(std::uint8_t number = 2) {
    crypto::InboxId inbox;
    inbox.bytes.fill(number);
    return inbox;
}

struct Opened {
    explicit Opened(const std::string& path, const StoreOptions& options = {}) {
        store = *open_store("sqlite:" + path, options);
        writer = *store->open_writer();
        reader = *store->open_reader();
    }
    void found() {
        REQUIRE(writer->begin());
        REQUIRE(*writer->append_entry(some_org(), 0, Bytes(10, 1)));
        REQUIRE(writer->commit());
    }
    Result<void> keep(const Bytes& bytes, std::uint8_t inbox = 2) {
        REQUIRE(writer->begin());
        auto stored = writer->store_submission({.ticket = 0,
                                                .org = some_org(),
                                                .inbox = some_inbox(inbox),
                                                .digest = crypto::submission_digest(bytes),
                                                .hour = 3'600'000,
                                                .bytes = bytes});
        REQUIRE(stored);
        REQUIRE(writer->commit());
        return *stored;
    }
    void drop(const std::vector<Bytes>& gone) {
        sync::DropSubmissions request{.ticket = 0, .org = some_org(), .inbox = some_inbox(),
                                      .submissions = {}};
        for (const auto& one : gone) request.submissions.push_back(crypto::submission_digest(one));
        REQUIRE(writer->begin());
        REQUIRE(writer->drop_submissions(request));
        REQUIRE(writer->commit());
    }
    std::vector<sync::SubmissionItem> load(std::uint64_t after = 0, std::size_t max_bytes = 1000,
                                           std::size_t max_items = 10) {
        auto items = reader->submissions({.ticket = 0,
                                          .org = some_org(),
                                          .inbox = some_inbox(),
                                          .after = after,
                                          .max_bytes = max_bytes,
                                          .max_items = max_items});
        REQUIRE(items);
        return *std::move(items);
    }

    std::unique_ptr<Store> store;
    std::unique_ptr<StoreWriter> writer;
    std::unique_ptr<StoreReader> reader;
};

/// What a check says of inboxes; the organisation here is none.
std::size_t count_problems(const std::string& path) {
    const auto problems = check_store(path);
    REQUIRE(problems);
    return static_cast<std::size_t>(
        std::count_if(problems->begin(), problems->end(), [](const std::string& each) {
            return each.find("submission") != std::string::npos ||
                   each.find("inboxes") != std::string::npos;
        }));
}

Bytes of(std::uint8_t fill, std::size_t size = 100) { return Bytes(size, fill); }

}  // namespace

TEST_CASE("a submission is there after the store was opened again, once", "[server]") {
    const Folder folder;
    {
        Opened opened(folder / "store");
        opened.found();
        REQUIRE(opened.keep(of(1)));
        REQUIRE(opened.keep(of(1)));
        REQUIRE(opened.keep(of(2)));
        REQUIRE(opened.keep(of(1), 3));
    }
    Opened opened(folder / "store");
    const auto items = opened.load();
    REQUIRE(items.size() == 2);
    CHECK(items[0].bytes == of(1));
    CHECK(items[0].hour == 3'600'000);
    CHECK(items[0].number < items[1].number);
    CHECK(opened.load(items[0].number).size() == 1);
    CHECK(count_problems(folder / "store") == 0);
}

TEST_CASE("a page has as much as was asked for, and at least one", "[server]") {
    const Folder folder;
    Opened opened(folder / "store");
    opened.found();
    for (std::uint8_t i = 0; i < 5; ++i) REQUIRE(opened.keep(of(i)));
    CHECK(opened.load(0, 299).size() == 2);
    CHECK(opened.load(0, 300).size() == 3);
    CHECK(opened.load(0, 1).size() == 1);
    CHECK(opened.load(0, 1000, 4).size() == 4);
}

TEST_CASE("what was filed is gone, and its number is not used again", "[server]") {
    const Folder folder;
    Opened opened(folder / "store");
    opened.found();
    REQUIRE(opened.keep(of(1)));
    REQUIRE(opened.keep(of(2)));
    const auto last = opened.load().back().number;
    opened.drop({of(2), of(9)});
    CHECK(opened.load().size() == 1);
    REQUIRE(opened.keep(of(2)));
    CHECK(opened.load().back().number > last);
    opened.drop({of(1), of(2)});
    CHECK(opened.load().empty());
    CHECK(count_problems(folder / "store") == 0);
}

TEST_CASE("an inbox takes its share and not one more, until it is fetched", "[server]") {
    const Folder folder;
    StoreOptions options;
    options.inbox_pending_max = 2;
    options.inbox_bytes_max = 250;
    Opened opened(folder / "store", options);
    opened.found();
    REQUIRE(opened.keep(of(1)));
    CHECK(opened.keep(of(2, 151)).error().code == Code::no_space);
    REQUIRE(opened.keep(of(2, 150)));
    CHECK(opened.keep(of(3, 0)).error().code == Code::no_space);
    // One that is there already costs nothing.
    CHECK(opened.keep(of(1)).has_value());
    CHECK(opened.keep(of(3), 3).has_value());
    opened.drop({of(1)});
    CHECK(opened.keep(of(3)).has_value());
}

TEST_CASE("a submission for an organisation that is not here is not kept", "[server]") {
    const Folder folder;
    Opened opened(folder / "store");
    CHECK(opened.keep(of(1)).error().code == Code::not_found);
    CHECK(opened.load().empty());
}

TEST_CASE("a check finds changed bytes in an inbox, and a wrong count", "[server]") {
    const Folder folder;
    {
        Opened opened(folder / "store");
        opened.found();
        REQUIRE(opened.keep(of(1)));
    }
    auto database = open_store_file(folder / "store", false);
    REQUIRE(database);
    REQUIRE(database->run("UPDATE submission SET bytes = zeroblob(100)"));
    CHECK(count_problems(folder / "store") == 1);
    REQUIRE(database->run("UPDATE inbox SET bytes = 7"));
    CHECK(count_problems(folder / "store") == 2);
}
