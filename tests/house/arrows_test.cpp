// SPDX-License-Identifier: Apache-2.0
// Who may include whom (ARCHITECTURE.md, "Arrows"): every include line of ours names its room.
#include <catch2/catch.hpp>

#include <algorithm>

#include <map>

#include "tests/house/source_tree.hpp"

using trellis::test::source_files;

namespace {

using Rooms = std::vector<std::string>;

/// What each room may include besides itself; a room is the longest prefix that fits. `core/` as
/// a whole stands for the files that lie in it directly: the replica.
const std::map<std::string, Rooms>& arrows() {
    static const Rooms ground = {"core/base", "core/codec"};
    static const auto with = [](Rooms more) {
        more.insert(more.end(), ground.begin(), ground.end());
        return more;
    };
    static const std::map<std::string, Rooms> table = {
        {"core/base", {}},
        {"core/codec", {"core/base"}},
        {"core/codec/dictionary", with({"core/record"})},
        {"core/sqlite", with({})},
        {"core/net", with({})},
        {"core/record", with({})},
        {"core/merge", with({"core/record"})},
        {"core/domain", with({"core/record"})},
        {"crypto/primitive", with({})},
        {"crypto/public", with({"crypto/primitive"})},
        {"crypto/secret", with({"crypto/primitive", "crypto/public"})},
        {"core/store", with({"core/record", "core/merge", "core/sqlite", "crypto", "core/edit.hpp",
                             "core/syncable.hpp"})},
        {"core/query", with({"core/record", "core/merge", "core/sqlite", "core/store", "core/",
                             "crypto"})},
        {"core/", with({"core/record", "core/merge", "core/sqlite", "core/store", "core/query",
                        "crypto"})},
        {"sync/wire", with({"crypto/primitive", "crypto/public"})},
        {"sync/relay", with({"sync/wire", "crypto/primitive", "crypto/public"})},
        {"sync/device", with({"sync/wire", "core/syncable.hpp", "crypto"})},
        {"server", with({"sync/relay", "sync/wire", "crypto/primitive", "crypto/public",
                         "core/sqlite", "core/net"})},
        {"clients/verbs", with({"core/", "core/record", "core/merge", "core/store", "core/query",
                                "sync/device", "crypto"})},
        {"clients/exchange", with({"core/record", "core/edit.hpp"})},
        {"clients/seats", with({"core/", "crypto"})},
        {"clients/net", with({"core/net"})},
        {"clients/cli", with({"clients/verbs", "clients/net", "clients/exchange", "clients/seats",
                              "core/", "core/net",
                              "core/record", "core/store", "core/query", "core/domain", "sync/device",
                              "crypto"})},
        {"clients/c", with({"clients/verbs", "core/", "core/sqlite", "core/record", "core/domain",
                            "core/query", "sync/device", "crypto"})},
        {"clients/c/system", with({"clients/c/world.hpp"})},
        {"clients/android", {"clients/c"}},
        {"clients/web", {"clients/c"}},
        {"clients/demo", with({"clients", "core/net", "core/domain", "core/record", "core/edit.hpp"})},
        {"tests", {"core", "crypto", "sync", "server", "clients", "bench"}},
        {"bench", {"core", "crypto", "sync", "tests/support", "tests/server", "clients/net",
                   "clients/c"}},
    };
    return table;
}

bool lies_in(const std::string& path, const std::string& room) {
    if (room.ends_with(".hpp")) return path == room;
    if (room.ends_with("/")) {
        return path.starts_with(room) && path.find('/', room.size()) == std::string::npos;
    }
    return path.starts_with(room + "/");
}

std::string room_of(const std::string& path) {
    std::string best;
    for (const auto& [room, allowed] : arrows()) {
        if (lies_in(path, room) && room.size() > best.size()) best = room;
    }
    return best;
}

std::string included(const std::string& line) {
    const std::string start = "#include \"";
    if (!line.starts_with(start)) return {};
    return line.substr(start.size(), line.find('"', start.size()) - start.size());
}

}  // namespace

TEST_CASE("every arrow between rooms runs downward", "[house]") {
    for (const auto& file : source_files()) {
        const std::string room = room_of(file.path);
        CAPTURE(file.path);
        REQUIRE_FALSE(room.empty());
        for (const auto& line : file.lines) {
            const std::string target = included(line);
            if (target.empty() || lies_in(target, room)) continue;
            bool allowed = false;
            for (const auto& other : arrows().at(room)) allowed = allowed || lies_in(target, other);
            CAPTURE(target);
            CHECK(allowed);
        }
    }
}

TEST_CASE("the portable rooms know no thread, no clock and no file system", "[house]") {
    const std::string portable[] = {"core/base", "core/codec", "core/record", "core/merge",
                                    "core/domain", "core/store", "core/query", "core/",
                                    "crypto/primitive", "crypto/public", "crypto/secret", "sync/wire",
                                    "sync/relay", "sync/device", "clients/verbs", "clients/exchange",
                                    "clients/seats", "clients/c"};
    const std::string forbidden[] = {"<thread>", "<mutex>", "<filesystem>", "<atomic>", "<fstream>",
                                     "<iostream>", "system_clock", "steady_clock", "random_device",
                                     "std::rand", "#ifdef __linux", "boost/"};
    for (const auto& file : source_files()) {
        const std::string room = room_of(file.path);
        if (std::find(std::begin(portable), std::end(portable), room) == std::end(portable)) continue;
        // Tools that are built on request only.
        if (file.path.starts_with("core/codec/dictionary/")) continue;
        // Memory belongs to the process and all its threads.
        if (file.path == "crypto/primitive/secret_pool.cpp") continue;
        for (const auto& line : file.lines) {
            for (const auto& word : forbidden) {
                if (line.find(word) == std::string::npos) continue;
                CAPTURE(file.path, line);
                FAIL_CHECK("the portable rooms take the world as an argument");
            }
        }
    }
}

TEST_CASE("libsodium is named in one folder, SQLite in few", "[house]") {
    for (const auto& file : source_files()) {
        if (file.path.starts_with("tests/") || file.path.starts_with("bench/")) continue;
        for (const auto& line : file.lines) {
            CAPTURE(file.path);
            if (line.find("<sodium") != std::string::npos) {
                CHECK(file.path.starts_with("crypto/primitive/"));
            }
            if (line.find("<sqlite3.h>") != std::string::npos) {
                CHECK((file.path.starts_with("core/sqlite/") ||
                       file.path == "core/store/functions.cpp" ||
                       file.path == "core/query/sql_query.cpp" ||
                       file.path.starts_with("server/store/")));
            }
        }
    }
}
