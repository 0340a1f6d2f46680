// SPDX-License-Identifier: Apache-2.0
// Recovery sheets are never lost between their making and the word that they are printed.
#include <catch2/catch.hpp>

#include "tests/verbs/paper_host.hpp"

using namespace trellis;
using namespace trellis::test;
using Break = PaperHost::Break;
using Sheets = std::vector<std::string>;

namespace {

Sheets sheets_in(const Json& reply) {
    Sheets sheets;
    REQUIRE(reply["recovery"].array() != nullptr);
    for (const auto& sheet : *reply["recovery"].array()) sheets.push_back(*sheet.string());
    return sheets;
}

Json verb(const std::string& op) {
    Json request;
    request.set("op", op);
    return request;
}

Json recover(PaperHost& host, const Sheets& sheets) {
    auto request = verb("recover");
    Json list{Json::Array{}};
    for (const auto& sheet : sheets) list.push(sheet);
    request.set("sheets", std::move(list));
    request.set("name", "New office");
    request.set("url", "ws://127.0.0.1:1/sync");
    return host.ask(request);
}

/// An organisation whose first device has put its log on paper.
struct Town {
    FakeEnv env;
    PaperLog log;
    PaperHost centre{log, "centre", env};
    Sheets sheets;

    Town() {
        auto request = verb("org_create");
        request.set("name", "Valley");
        request.set("url", "ws://127.0.0.1:1/sync");
        const auto made = centre.ask(request);
        REQUIRE(made["ok"] == Json(true));
        sheets = sheets_in(made);
        while (auto entry = centre.replica().next_entry()) {
            log.entries.push_back(*entry);
            REQUIRE(centre.replica().entry_accepted().has_value());
        }
    }
};

}  // namespace

TEST_CASE("new sheets are given again wherever the line broke, and are those of the log",
          "[verbs]") {
    Town town;
    PaperHost fresh(town.log, "fresh", town.env);
    fresh.breaks = GENERATE(Break::before_entries, Break::amid_entries, Break::before_answer);
    const bool dies = GENERATE(false, true);
    CHECK(recover(fresh, town.sheets)["code"] == Json("offline"));
    CHECK(sheets_in(fresh.ask(verb("recovery_sheets"))).empty());  // it belongs to nobody yet
    if (dies) fresh.restart();
    fresh.breaks = Break::never;
    const auto reply = recover(fresh, town.sheets);
    INFO(print_json(reply));
    REQUIRE(reply["ok"] == Json(true));
    const auto sheets = sheets_in(reply);
    REQUIRE(sheets.size() == 3);
    // They open the organisation, and those before them do not.
    PaperHost other(town.log, "other", town.env);
    CHECK(recover(other, town.sheets)["code"] == Json("denied"));
    CHECK(recover(other, {sheets[0], sheets[2]})["ok"] == Json(true));
}

TEST_CASE("an attempt that comes through late finds the sheets of the later one", "[verbs]") {
    Town town;
    PaperHost fresh(town.log, "fresh", town.env);
    const auto before = town.log.entries;
    fresh.breaks = Break::before_answer;
    CHECK(recover(fresh, town.sheets)["code"] == Json("offline"));
    const auto first = town.log.entries;
    // The relay that the second attempt reaches has not heard of the first, which wins later.
    town.log.entries = before;
    CHECK(recover(fresh, town.sheets)["code"] == Json("offline"));
    town.log.entries = first;
    fresh.breaks = Break::never;
    const auto reply = recover(fresh, town.sheets);
    REQUIRE(reply["ok"] == Json(true));
    PaperHost other(town.log, "other", town.env);
    CHECK(recover(other, sheets_in(reply))["ok"] == Json(true));
}

TEST_CASE("sheets are shown until somebody says that they are printed, and then gone",
          "[verbs]") {
    Town town;
    auto& centre = town.centre;
    CHECK(centre.ask(verb("hello"))["recovery_waiting"] == Json(true));
    centre.restart();
    CHECK(sheets_in(centre.ask(verb("recovery_sheets"))) == town.sheets);
    CHECK(centre.ask(verb("recovery_kept"))["ok"] == Json(true));
    CHECK_FALSE(centre.ask(verb("hello")).has("recovery_waiting"));
    CHECK(sheets_in(centre.ask(verb("recovery_sheets"))).empty());
    CHECK(centre.ask(verb("recovery_kept"))["code"] == Json("not_found"));
    const auto left = centre.replica().store().database.integer(
        "SELECT count(*) FROM _meta WHERE CAST(value AS TEXT) LIKE '%TRELLIS-RECOVERY%'");
    CHECK(*left == 0);
    // They are on paper, and work.
    PaperHost fresh(town.log, "fresh", town.env);
    CHECK(recover(fresh, town.sheets)["ok"] == Json(true));
}

TEST_CASE("sheets that another recovery has killed are shown to nobody", "[verbs]") {
    Town town;
    PaperHost fresh(town.log, "fresh", town.env);
    REQUIRE(recover(fresh, town.sheets)["ok"] == Json(true));
    REQUIRE(town.centre.replica().receive_entries(0, town.log.entries).has_value());
    CHECK(sheets_in(town.centre.ask(verb("recovery_sheets"))).empty());
    CHECK(town.centre.ask(verb("recovery_kept"))["code"] == Json("not_found"));
}

TEST_CASE("live sync that hears of a removal erases a lost device, outside its own callback",
          "[verbs]") {
    Town town;
    PaperHost fresh(town.log, "fresh", town.env);
    REQUIRE(recover(fresh, town.sheets)["ok"] == Json(true));
    auto& centre = town.centre.replica();
    REQUIRE(centre.receive_entries(0, town.log.entries).has_value());
    const bool is_lost = GENERATE(true, false);
    REQUIRE(centre.revoke(fresh.replica().device(),
                          is_lost ? crypto::removed_lost : crypto::removed_left).has_value());
    while (auto entry = centre.next_entry()) {
        town.log.entries.push_back(*entry);
        REQUIRE(centre.entry_accepted().has_value());
    }
    REQUIRE(fresh.replica().receive_entries(0, town.log.entries).has_value());
    Json event;
    event.set("event", "sync");
    event.set("former", true);
    fresh.verbs().push_event(event);
    CHECK(fresh.erased == 0);
    std::vector<Json> events;
    while (auto each = fresh.verbs().next_event()) events.push_back(*each);
    CHECK(fresh.erased == (is_lost ? 1 : 0));
    REQUIRE(events.size() == (is_lost ? 2U : 1U));
    CHECK(events.front() == event);
    if (is_lost) CHECK(events.back()["erased"] == Json(true));
    CHECK(fresh.replica().has_org() == !is_lost);
}
