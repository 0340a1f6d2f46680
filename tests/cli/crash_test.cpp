// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <csignal>

#include "tests/cli/run.hpp"

using namespace trellis;
using namespace trellis::clients::test;

TEST_CASE("what a repl acknowledged before kill -9 is there afterwards", "[cli]") {
    const Folder folder;
    const auto database = folder.file("a.db");
    std::string space;
    {
        Repl repl(database);
        REQUIRE(repl.code(R"({"op":"org_create","name":"D","url":"ws://127.0.0.1:9/sync"})") == "");
        space = text_of(repl.ask(R"({"op":"space_create","name":"S"})"), "space");
    }
    std::size_t acknowledged = 0;
    for (int life = 0; life < 12; ++life) {
        Repl repl(database);
        CHECK(repl.ask(R"({"op":"check"})")["problems"].array()->empty());
        CHECK(repl.ask(R"({"op":"list","type":"household"})")["rows"].array()->size() >=
              acknowledged);
        const auto put = R"({"op":"put","space":")" + space +
                         R"(","type":"household","fields":{"display_name":"Ruiz"}})";
        // More are asked for than are waited for, so that the signal comes amid a write.
        for (int i = 0; i < 20; ++i) REQUIRE(repl.process().write_line(put));
        for (int i = 0; i < life; ++i) {
            const auto reply = repl.process().read_line(std::chrono::minutes(1));
            REQUIRE(reply);
            REQUIRE((*parse_json(*reply))["ack"] == Json("L0"));
            ++acknowledged;
        }
        repl.process().signal(SIGKILL);
        CHECK(repl.process().wait() == 128 + SIGKILL);
    }
    Repl repl(database);
    CHECK(repl.ask(R"({"op":"list","type":"household"})")["rows"].array()->size() >= acknowledged);
}
