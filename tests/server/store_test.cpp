// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite_store.hpp"
#include "server/store/sqlite_writer.hpp"
#include "tests/server/folder.hpp"
#include "tests/server/placed.hpp"

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <algorithm>

using namespace trellis;
using namespace trellis::server;
using namespace trellis::server::test;

namespace {

const auto org = id_of<OrgId>(1);
const auto space = id_of<SpaceId>(2);
const auto life = id_of<LogIncarnation>(3);

/// A store with one organisation and one space.
struct Opened {
    explicit Opened(const std::string& path, StoreOptions options = {}) {
        auto made = SqliteStore::open(path, options);
        REQUIRE(made);
        store = std::move(*made);
        auto opened_writer = store->open_writer();
        REQUIRE(opened_writer);
        writer = std::move(*opened_writer);
        auto opened_reader = store->open_reader();
        REQUIRE(opened_reader);
        reader = std::move(*opened_reader);
    }
    void found() {
        REQUIRE(writer->begin());
        REQUIRE(*writer->append_entry(org, 0, filled(100, 9)));
        REQUIRE(*writer->create_space({0, org, space, life}));
        REQUIRE(writer->commit());
    }
    void append(const sync::SpaceAppend& what) {
        REQUIRE(writer->begin());
        REQUIRE(*writer->append(what));
        REQUIRE(writer->commit());
    }

    std::unique_ptr<Store> store;
    std::unique_ptr<StoreWriter> writer;
    std::unique_ptr<StoreReader> reader;
};

Code code_of(const Result<void>& result) {
    REQUIRE_FALSE(result);
    return result.error().code;
}

}  // namespace

TEST_CASE("what was committed is there after the store was opened again", "[server]") {
    const Folder folder;
    PlacedLog log(org, space, life);
    {
        Opened opened(folder / "store");
        opened.found();
        opened.append(log.next({1, 2, 1}));
        opened.append(log.next({2}));
    }
    Opened opened(folder / "store");
    const auto loaded = opened.reader->space(org, space);
    REQUIRE(loaded);
    REQUIRE(loaded->has_value());
    CHECK((*loaded)->end == Cursor{life, 4, log.head()});
    REQUIRE((*loaded)->chains.size() == 2);
    const auto& newest = log.all().back();
    CHECK((*loaded)->chains[1] ==
          sync::ChainState{newest.device, newest.incarnation, 6, newest.chain, 1});
    const auto entries = opened.reader->entries(org);
    REQUIRE(entries);
    CHECK(*entries == std::vector<Bytes>{filled(100, 9)});
    // And the writer goes on where it was.
    opened.append(log.next({1}));
    CHECK((**opened.reader->space(org, space)).end.position == 5);
}

TEST_CASE("a space nobody created is absent, not an error", "[server]") {
    const Folder folder;
    Opened opened(folder / "store");
    const auto loaded = opened.reader->space(org, space);
    REQUIRE(loaded);
    CHECK_FALSE(loaded->has_value());
    CHECK(opened.reader->entries(org)->empty());
    // Without its organisation it is not created either.
    REQUIRE(opened.writer->begin());
    CHECK_FALSE(*opened.writer->create_space({0, org, space, life}));
    opened.writer->rollback();
}

TEST_CASE("creating a space that is there keeps its incarnation", "[server]") {
    const Folder folder;
    Opened opened(folder / "store");
    opened.found();
    REQUIRE(opened.writer->begin());
    const auto again = opened.writer->create_space({0, org, space, id_of<LogIncarnation>(77)});
    REQUIRE(*again);
    CHECK((*again)->end.incarnation == life);
    REQUIRE(opened.writer->commit());
}

TEST_CASE("a pushed envelope costs one row, a commit one more for each chain and space",
          "[server]") {
    const Folder folder;
    Opened opened(folder / "store");
    opened.found();
    auto& writer = dynamic_cast<SqliteWriter&>(*opened.writer);
    const auto rows = [&writer] { return sqlite3_total_changes64(writer.database().handle()); };
    PlacedLog log(org, space, life);
    opened.append(log.next({1, 2, 3}));  // new chains are also written once
    auto before = rows();
    opened.append(log.next({1}));
    CHECK(rows() - before == 1 + 1 + 1);
    before = rows();
    opened.append(log.next(std::vector<std::uint8_t>(100, 2)));
    CHECK(rows() - before == 100 + 1 + 1);
    before = rows();
    std::vector<std::uint8_t> fifty;
    for (std::uint8_t device = 10; device < 60; ++device)
        fifty.push_back(device);
    opened.append(log.next(fifty));
    CHECK(rows() - before == 50 + 50 + 1);
}

TEST_CASE("a log that has moved answers conflict and keeps nothing", "[server]") {
    const Folder folder;
    Opened opened(folder / "store");
    opened.found();
    PlacedLog log(org, space, life);
    const auto first = log.next({1});
    opened.append(first);
    REQUIRE(opened.writer->begin());
    CHECK(code_of(*opened.writer->append(first)) == Code::conflict);
    PlacedLog other(org, space, id_of<LogIncarnation>(8));
    CHECK(code_of(*opened.writer->append(other.next({1}))) == Code::conflict);
    PlacedLog unknown(org, id_of<SpaceId>(99), life);
    CHECK(code_of(*opened.writer->append(unknown.next({1}))) == Code::conflict);
    // The transaction goes on: the next one is good.
    REQUIRE(*opened.writer->append(log.next({1})));
    REQUIRE(opened.writer->commit());
    CHECK((**opened.reader->space(org, space)).end.position == 2);
}

TEST_CASE("what was rolled back is forgotten by the writer too", "[server]") {
    const Folder folder;
    Opened opened(folder / "store");
    opened.found();
    PlacedLog lost(org, space, life);
    REQUIRE(opened.writer->begin());
    REQUIRE(*opened.writer->append(lost.next({1, 2, 3})));
    opened.writer->rollback();
    PlacedLog log(org, space, life);
    opened.append(log.next({3, 1}));
    const auto loaded = opened.reader->space(org, space);
    CHECK((*loaded)->end == Cursor{life, 2, log.head()});
    CHECK((*loaded)->chains.size() == 2);
}

TEST_CASE("a space is full at its quota and not a byte before", "[server]") {
    const Folder folder;
    StoreOptions options;
    options.space_bytes_max = 400;
    Opened opened(folder / "store", options);
    opened.found();
    PlacedLog log(org, space, life);
    opened.append(log.next({1, 1}, 200));
    REQUIRE(opened.writer->begin());
    CHECK(code_of(*opened.writer->append(log.next({1}, 1))) == Code::no_space);
    opened.writer->rollback();
}

TEST_CASE("pages follow each other without a gap, and know their head", "[server]") {
    const Folder folder;
    Opened opened(folder / "store");
    opened.found();
    PlacedLog log(org, space, life);
    for (int round = 0; round < 5; ++round)
        opened.append(log.next({1, 2, 3, 2}, 100));
    const auto most =
        GENERATE(std::size_t{1}, std::size_t{150}, std::size_t{350}, std::size_t{100'000});
    CAPTURE(most);
    std::uint64_t at = 0;
    while (at < 20) {
        const auto page = opened.reader->page({0, org, space, at, most, 7});
        REQUIRE(page);
        REQUIRE_FALSE(page->envelopes.empty());
        CHECK(page->envelopes.size() <= std::clamp<std::size_t>(most / 100, 1, 7));
        for (const auto& envelope : page->envelopes) {
            const auto& placed = log.all()[at++];
            CHECK(envelope.device == placed.device);
            CHECK(envelope.incarnation == placed.incarnation);
            CHECK(envelope.first == placed.first);
            CHECK(envelope.envelope == placed.envelope);
        }
        CHECK(page->head == log.all()[at - 1].head);
        CHECK(*opened.reader->head_at({0, org, space, at}) == page->head);
    }
    const auto end = opened.reader->page({0, org, space, at, most, 7});
    REQUIRE(end);
    CHECK(end->envelopes.empty());
    CHECK(end->head == log.head());
    CHECK_FALSE(opened.reader->head_at({0, org, space, 21}));
}

TEST_CASE("a page never holds what belongs to the next space", "[server]") {
    const Folder folder;
    Opened opened(folder / "store");
    opened.found();
    const auto second = id_of<SpaceId>(5);
    REQUIRE(opened.writer->begin());
    REQUIRE(*opened.writer->create_space({0, org, second, life}));
    REQUIRE(opened.writer->commit());
    PlacedLog log(org, space, life);
    PlacedLog other(org, second, life);
    opened.append(log.next({1}));
    opened.append(other.next({1, 1}));
    opened.append(log.next({1}));
    CHECK(opened.reader->page({0, org, space, 0, 10'000, 100})->envelopes.size() == 2);
    CHECK(opened.reader->page({0, org, second, 0, 10'000, 100})->envelopes.size() == 2);
}

TEST_CASE("a chain is fetched from any counter to any other, in pages", "[server]") {
    const Folder folder;
    Opened opened(folder / "store");
    opened.found();
    PlacedLog log(org, space, life);
    for (int round = 0; round < 10; ++round)
        opened.append(log.next({1, 2, 3}, 100));
    std::vector<sync::PlacedEnvelope> mine;
    for (const auto& placed : log.all()) {
        if (placed.device == id_of<DeviceId>(2)) mine.push_back(placed);
    }
    REQUIRE(mine.size() == 10);  // counters 1, 4, 7 … 28
    const auto fetch = [&](Counter after, Counter until, std::size_t most) {
        auto page = opened.reader->chain(
            {0, org, space, mine[0].device, mine[0].incarnation, after, until, most});
        REQUIRE(page);
        return std::move(*page);
    };
    const auto whole = fetch(0, 1'000, 100'000);
    REQUIRE(whole.envelopes.size() == 10);
    CHECK(whole.previous.is_zero());
    const auto middle = fetch(4, 19, 100'000);
    REQUIRE(middle.envelopes.size() == 5);
    CHECK(middle.envelopes.front().first == 7);
    CHECK(middle.envelopes.back().first == 19);
    CHECK(middle.previous == mine[1].chain);
    Counter after = 3;
    for (std::size_t at = 1; at < 10; ++at) {
        const auto page = fetch(after, 1'000, 1);
        REQUIRE(page.envelopes.size() == 1);
        CHECK(page.envelopes[0].envelope == mine[at].envelope);
        CHECK(page.previous == mine[at - 1].chain);
        after = page.envelopes[0].first;
    }
    CHECK(fetch(28, 1'000, 1).envelopes.empty());
    opened.append(log.next({2}, 100));  // the walk that is remembered ends too early now
    CHECK(fetch(28, 1'000, 1).envelopes.size() == 1);
    CHECK(fetch(0, 1'000, 100'000).envelopes.size() == 11);
    CHECK(opened.reader->chain({0, org, space, id_of<DeviceId>(9), id_of<Incarnation>(9), 0, 9, 9})
              ->envelopes.empty());
}

TEST_CASE("of a device's words on what it has seen the last one is kept", "[server]") {
    const Folder folder;
    Opened opened(folder / "store");
    opened.found();
    for (const std::uint64_t position : {3U, 5U}) {
        sync::Seen seen;
        seen.device = id_of<DeviceId>(4);
        seen.incarnation = life;
        seen.position = position;
        REQUIRE(opened.writer->begin());
        REQUIRE(opened.writer->save_seen({org, space, seen}));
        REQUIRE(opened.writer->commit());
    }
    const auto loaded = opened.reader->space(org, space);
    REQUIRE((*loaded)->seen.size() == 1);
    CHECK((*loaded)->seen[0].position == 5);
}

TEST_CASE("an entry goes only where its log ends", "[server]") {
    const Folder folder;
    Opened opened(folder / "store");
    REQUIRE(opened.writer->begin());
    CHECK(code_of(*opened.writer->append_entry(org, 1, filled(3, 1))) == Code::conflict);
    REQUIRE(*opened.writer->append_entry(org, 0, filled(3, 1)));
    CHECK(code_of(*opened.writer->append_entry(org, 0, filled(3, 2))) == Code::conflict);
    REQUIRE(*opened.writer->append_entry(org, 1, filled(3, 3)));
    REQUIRE(opened.writer->commit());
    const auto entries = opened.reader->entries(org);
    CHECK(*entries == std::vector<Bytes>{filled(3, 1), filled(3, 3)});
    const auto stats = opened.reader->stats();
    REQUIRE(stats);
    CHECK(stats->entries == 2);
    CHECK(stats->orgs == 1);
}

TEST_CASE("the server's key is made once", "[server]") {
    const Folder folder;
    const Opened opened(folder / "store");
    CHECK(*opened.store->server_seed(filled(32, 1)) == filled(32, 1));
    CHECK(*opened.store->server_seed(filled(32, 2)) == filled(32, 1));
}

TEST_CASE("one server at a time has a store", "[server]") {
    const Folder folder;
    const Opened opened(folder / "store");
    const auto second = SqliteStore::open(folder / "store", {});
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Code::busy);
}
