// SPDX-License-Identifier: Apache-2.0
// A program that is killed amid a recovery, at each word of the server.
#include <csignal>

#include "tests/cli/district.hpp"
#include "tests/cli/held_line.hpp"

using namespace trellis;
using namespace trellis::clients::test;

namespace {

using Sheets = std::vector<std::string>;

std::string recover(const Sheets& sheets, const std::string& url) {
    Json request;
    Json list{Json::Array{}};
    for (const auto& sheet : sheets) list.push(sheet);
    request.set("op", "recover");
    request.set("sheets", std::move(list));
    request.set("name", "New office");
    request.set("url", url);
    return print_json(request);
}

Sheets sheets_in(const Json& reply) {
    INFO(print_json(reply));
    REQUIRE(reply["ok"] == Json(true));
    Sheets sheets;
    for (const auto& sheet : *reply["recovery"].array()) sheets.push_back(*sheet.string());
    return sheets;
}

std::size_t devices_at(District& district) {
    District::sync(*district.centre);
    return district.centre->ask(R"({"op":"members"})")["members"].array()->size();
}

}  // namespace

TEST_CASE("a program killed amid a recovery gives the sheets when it is asked again", "[cli]") {
    District district;
    auto sheets = district.sheets;
    bool was_killed_in_time = false;
    for (int answers = 0;; ++answers) {
        REQUIRE(answers < 40);
        const auto file = district.folder.file("fresh" + std::to_string(answers) + ".db");
        const auto before = devices_at(district);
        {
            Repl repl(file);
            HeldLine line(district.server.port(), answers);
            REQUIRE(repl.process().write_line(recover(sheets, line.url())));
            const bool is_silent = line.fell_silent();
            repl.process().signal(SIGKILL);
            repl.process().wait();
            if (!is_silent) break;  // everything came through
        }
        // The server had it all, and its answer is what was lost.
        was_killed_in_time = was_killed_in_time || devices_at(district) > before;
        Repl repl(file);
        const auto reply = repl.ask(recover(sheets, district.server.url()));
        const auto fresh = sheets_in(repl.ask(R"({"op":"recovery_sheets"})"));
        REQUIRE(fresh.size() == 3);
        // Or it was killed after it had become a member, and before it could say so.
        if (reply["code"] != Json("conflict")) CHECK(sheets_in(reply) == fresh);
        sheets = fresh;
    }
    CHECK(was_killed_in_time);
}

TEST_CASE("a founder killed before it has shown the sheets shows them later", "[cli]") {
    const Folder folder;
    const auto file = folder.file("centre.db");
    Sheets shown;
    {
        Repl repl(file);
        shown = sheets_in(repl.ask(
            R"({"op":"org_create","name":"D","url":"ws://127.0.0.1:9/sync"})"));
        repl.process().signal(SIGKILL);
        repl.process().wait();
    }
    const auto again = run_trellis({"recovery-sheets", "--db", file, "--json"});
    CHECK(again.status == 0);
    CHECK(sheets_in(again.json()) == shown);
    CHECK(run_trellis({"recovery-kept", "--db", file}).status == 0);
    CHECK(sheets_in(run_trellis({"recovery-sheets", "--db", file, "--json"}).json()).empty());
    CHECK(run_trellis({"recovery-kept", "--db", file}).status == 1);
}
