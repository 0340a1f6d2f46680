// SPDX-License-Identifier: Apache-2.0
// The end of a space in the store: no file keeps a byte of it.
#include "server/store/sqlite_care.hpp"
#include "server/store/sqlite_store.hpp"
#include "tests/server/folder.hpp"
#include "tests/server/placed.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace trellis;
using namespace trellis::server;
using namespace trellis::server::test;

namespace {

const OrgId org = id_of<OrgId>(1);
const SpaceId doomed = id_of<SpaceId>(2);
const SpaceId other = id_of<SpaceId>(3);
const crypto::InboxId inbox = id_of<crypto::InboxId>(4);
const std::string canary = "this-must-not-be-found-in-any-file";
const std::string stays = "this-is-still-to-be-found-afterwards";

/// All files of the store, one after the other.
std::string files(const std::string& path) {
    std::string all;
    for (const char* suffix : {"", "-wal", "-shm"}) {
        std::ifstream file(path + suffix, std::ios::binary);
        all.append(std::istreambuf_iterator<char>(file), {});
    }
    return all;
}

bool holds(const std::string& path, const std::string& text) {
    return files(path).find(text) != std::string::npos;
}

/// Envelopes of many sizes, inline and on overflow pages, each with the text in it.
void fill(StoreWriter& writer, const SpaceId& space, const std::string& text) {
    REQUIRE(writer.begin());
    auto loaded = writer.create_space({.ticket = 0, .org = org, .space = space, .fresh = {}});
    REQUIRE(loaded);
    REQUIRE(*loaded);
    PlacedLog log(org, space, {});
    for (std::size_t size = 60; size < 100'000; size *= 2) {
        auto append = log.next({1, 2}, size);
        for (auto& placed : append.envelopes) {
            for (std::size_t at = 0; at + text.size() <= size; at += text.size()) {
                std::copy(text.begin(), text.end(),
                          placed.envelope.begin() + static_cast<std::ptrdiff_t>(at));
            }
        }
        REQUIRE(*writer.append(append));
    }
    REQUIRE(writer.commit());
}

void shred(StoreWriter& writer) {
    REQUIRE(writer.begin());
    REQUIRE(writer.shred({.ticket = 0, .org = org, .space = doomed, .inboxes = {inbox}}));
    REQUIRE(writer.commit());
}

}  // namespace

TEST_CASE("after a shredding no file of the store has a byte of the space", "[server]") {
    const Folder folder;
    const auto path = folder / "store";
    auto store = *open_store("sqlite:" + path, {});
    auto writer = *store->open_writer();
    auto reader = *store->open_reader();
    REQUIRE(writer->begin());
    REQUIRE(*writer->append_entry(org, 0, Bytes(10, 1)));
    REQUIRE(writer->commit());
    fill(*writer, doomed, canary);
    fill(*writer, other, stays);
    REQUIRE(writer->begin());
    REQUIRE(*writer->store_submission({.ticket = 0,
                                       .org = org,
                                       .inbox = inbox,
                                       .digest = id_of<Digest>(9),
                                       .hour = 0,
                                       .bytes = to_bytes(as_bytes(canary))}));
    REQUIRE(writer->commit());
    REQUIRE(holds(path, canary));

    for (int time = 0; time < 2; ++time) {  // idempotent
        shred(*writer);
        CHECK_FALSE(holds(path, canary));
        CHECK(holds(path, stays));
        const auto space = reader->space(org, doomed);
        REQUIRE(space);
        REQUIRE(space->has_value());
        CHECK((*space)->end.position == 0);
        CHECK((*space)->end.head.is_zero());
        CHECK_FALSE((*space)->end.incarnation.is_zero());
        CHECK((*space)->chains.empty());
        CHECK(reader->space(org, other)->value().end.position > 0);
    }
    // What is wrong with the file is that these envelopes are none; nothing else is.
    const auto problems = check_store(path);
    REQUIRE(problems);
    for (const auto& problem : *problems) {
        CAPTURE(problem);
        CHECK(problem.find(doomed.hex()) == std::string::npos);
        CHECK(problem.find("inbox") == std::string::npos);
    }
}

TEST_CASE("a space that the store never met is shredded by doing nothing", "[server]") {
    const Folder folder;
    auto store = *open_store("sqlite:" + (folder / "store"), {});
    auto writer = *store->open_writer();
    shred(*writer);
    REQUIRE(writer->begin());
    REQUIRE(*writer->append_entry(org, 0, Bytes(10, 1)));
    REQUIRE(writer->commit());
    shred(*writer);
    CHECK_FALSE(store->open_reader().value()->space(org, doomed)->has_value());
}
