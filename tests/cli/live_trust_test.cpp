// SPDX-License-Identifier: Apache-2.0
// What a pass does when trust ends, live sync does too.
#include "core/sqlite/database.hpp"
#include "tests/cli/district.hpp"

using namespace trellis;
using namespace trellis::clients::test;

namespace {

constexpr std::chrono::minutes patience{2};

/// Events until one has this member. Requires: one comes.
Json await(Repl& repl, const std::string& member, const Json& value) {
    for (;;) {
        const auto line = repl.process().read_line(patience);
        REQUIRE(line.has_value());
        auto event = *parse_json(*line);
        if (event[member] == value) return event;
    }
}

/// The reply to a request, past the events before it.
Json ask_live(Repl& repl, std::string request) {
    request.insert(request.size() - 1, R"(,"id":"asked")");
    REQUIRE(repl.process().write_line(request).has_value());
    return await(repl, "id", Json("asked"));
}

/// Everything but the server's key.
void forget_all(const std::string& path) {
    sqlite::OpenOptions options;
    options.path = path;
    auto store = sqlite::Database::open(options);
    REQUIRE(store.has_value());
    for (const auto* table : {"seen", "envelope", "chain", "space", "entry", "org"}) {
        REQUIRE(store->run(std::string("DELETE FROM ") + table).has_value());
    }
}

}  // namespace

TEST_CASE("a lost device that is in live sync erases itself", "[cli]") {
    District district;
    auto tablet = district.join("tablet");
    district.put(*tablet, "Handed in");
    REQUIRE(ask_live(*tablet, R"({"op":"sync_start"})")["ok"] == Json(true));
    await(*tablet, "complete", Json(true));
    const auto device = text_of(ask_live(*tablet, R"({"op":"hello"})"), "device");
    // What the centre holds at that moment goes on counting.
    District::sync(*district.centre);
    REQUIRE(district.centre->code(R"({"op":"revoke","reason":"lost","device":")" + device + "\"}")
                .empty());
    District::sync(*district.centre);
    const auto event = await(*tablet, "erased", Json(true));
    CHECK(event["event"] == Json("sync"));
    CHECK_FALSE(ask_live(*tablet, R"({"op":"hello"})").has("org"));
    District::sync(*district.centre);
    CHECK(District::names(*district.centre) == std::vector<std::string>{"Handed in"});
}

TEST_CASE("live sync founds an organisation again that the server has lost", "[cli]") {
    District district;
    auto tablet = district.join("tablet");
    district.put(*tablet, "Kept");
    District::sync(*tablet);
    const auto port = district.server.port();
    REQUIRE(ask_live(*tablet, R"({"op":"sync_start"})")["ok"] == Json(true));
    await(*tablet, "complete", Json(true));
    district.server.stop();
    await(*tablet, "connected", Json(false));
    forget_all(district.folder.file("server.db"));
    const Server again(district.folder, port);
    // It was welcomed, which only a member is.
    while (await(*tablet, "complete", Json(true))["pending"] != Json(0)) {
    }
    District::sync(*district.centre);
    auto newcomer = district.join("newcomer");
    CHECK(District::names(*newcomer) == std::vector<std::string>{"Kept"});
}
