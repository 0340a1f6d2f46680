// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/cli/run.hpp"

using namespace trellis;
using namespace trellis::clients::test;

namespace {

/// A district whose tablet Ana and Ben share.
struct Shared {
    Folder folder;
    Server server{folder};
    Repl centre{folder.file("centre.db")};
    std::string space;

    Shared() {
        folder.write("ana.pin", "830517\n");
        folder.write("ben.pin", "raven copper lily torch\n");
        folder.write("new.pin", "274910\n");
        folder.write("wrong.pin", "948372\n");
        REQUIRE(centre.code(R"({"op":"org_create","name":"D","url":")" + server.url() + "\"}") == "");
        space = text_of(centre.ask(R"({"op":"space_create","name":"School"})"), "space");
        REQUIRE(centre.code(R"({"op":"sync"})") == "");
    }
    std::string invite() {
        const auto made = centre.ask(R"({"op":"invite","role":"liaison","spaces":[{"space":")" +
                                     space + R"(","rights":["read","write"]}]})");
        REQUIRE(centre.code(R"({"op":"sync"})") == "");
        return text_of(made, "invite");
    }
    Ended seats(std::vector<std::string> words, const std::string& pin = "ana.pin") const {
        words.insert(words.begin(), "seats");
        for (const auto* more : {"--json", "--seats"}) words.emplace_back(more);
        words.push_back(folder.file("seats"));
        words.emplace_back("--pin-file");
        words.push_back(folder.file(pin));
        return run_trellis(words);
    }
    /// An ordinary command in a seat.
    Ended in_seat(const std::string& name, const std::string& pin,
                  std::vector<std::string> words) const {
        const std::vector<std::string> first = {"--seats", folder.file("seats"), "--seat", name,
                                                "--pin-file", folder.file(pin)};
        words.insert(words.begin(), first.begin(), first.end());
        return run_trellis(words);
    }
    void add(const std::string& name, const std::string& pin) {
        REQUIRE(seats({"add", name}, pin).status == 0);
        REQUIRE(in_seat(name, pin, {"join", invite(), "--name", name, "--json"}).status == 0);
    }
    std::int64_t households() {
        REQUIRE(centre.code(R"({"op":"sync"})") == "");
        return *centre.ask(R"({"op":"query","sql":"SELECT count(*) AS n FROM household"})")["rows"]
                    .array()
                    ->front()["n"]
                    .integer();
    }
};

}  // namespace

TEST_CASE("two people share a tablet at the command line", "[cli]") {
    Shared shared;
    shared.add("Ana", "ana.pin");
    shared.add("Ben", "ben.pin");
    CHECK(shared.in_seat("Ana", "ana.pin", {"put", "household", "display_name=Ruiz"}).status == 0);
    CHECK(shared.in_seat("Ana", "ben.pin", {"spaces"}).status != 0);
    CHECK(shared.in_seat("Zoe", "ben.pin", {"spaces"}).status != 0);
    const auto tried = shared.seats({"unlock", "Ben"}, "ben.pin");
    REQUIRE(tried.status == 0);
    CHECK(tried.json()["unlock_ms"].integer() != nullptr);
    const auto list = shared.seats({"list"}).json();
    REQUIRE(list["seats"].array()->size() == 2);
    CHECK(text_of(list["seats"].array()->front(), "name") == "Ana");
    CHECK(shared.households() == 0);  // a command writes here; syncing is another
    CHECK(shared.in_seat("Ana", "ana.pin", {"sync"}).status == 0);
    CHECK(shared.households() == 1);
}

TEST_CASE("sealed work of a locked seat is handed in without its PIN", "[cli]") {
    Shared shared;
    shared.add("Ana", "ana.pin");
    {
        // A repl that never syncs, as on the road.
        Repl ana(shared.folder.file("unused"),
                 {"--seats", shared.folder.file("seats"), "--seat", "Ana", "--pin-file",
                  shared.folder.file("ana.pin")});
        for (const auto* name : {"Ruiz", "Kim", "Diaz"}) {
            const auto put = R"({"op":"put","space":")" + shared.space +
                             R"(","type":"household","fields":{"display_name":")" +
                             std::string(name) + "\"}}";
            REQUIRE(ana.code(put).empty());
        }
        REQUIRE(ana.code(R"({"op":"quit"})").empty());
        REQUIRE(ana.process().wait() == 0);
    }
    CHECK(shared.households() == 0);
    REQUIRE(shared.seats({"destroy", "Ana"}).status == 0);  // nobody opens it any more
    const auto sent = shared.seats({"upload"});
    INFO(sent.err << sent.out);
    REQUIRE(sent.status == 0);
    CHECK(*sent.json()["sent"].integer() > 0);
    CHECK(shared.households() == 3);
    CHECK(*shared.seats({"upload"}).json()["sent"].integer() == 0);
}

TEST_CASE("a supervisor's device answers a seat that forgot its PIN", "[cli]") {
    Shared shared;
    shared.add("Ana", "ana.pin");
    CHECK(shared.in_seat("Ana", "ana.pin", {"put", "household", "display_name=Ruiz"}).status == 0);
    const auto asked = shared.seats({"rescue-request", "Ana"}).json();
    CHECK(shared.centre.code(R"({"op":"quit"})").empty());
    shared.centre.process().wait();
    const auto answered = run_trellis({"seats", "rescue-answer", text_of(asked, "request"), "--db",
                                       shared.folder.file("centre.db"), "--json"});
    INFO(answered.err);
    REQUIRE(answered.status == 0);
    CHECK(text_of(answered.json(), "spoken") == text_of(asked, "spoken"));
    REQUIRE(shared.seats({"rescue-finish", "Ana", text_of(answered.json(), "answer")},
                         "new.pin").status == 0);
    CHECK(shared.in_seat("Ana", "ana.pin", {"spaces"}).status != 0);
    CHECK(shared.in_seat("Ana", "new.pin", {"spaces"}).status == 0);
}

TEST_CASE("no PIN is taken from the arguments, and none is guessed for free", "[cli]") {
    Shared shared;
    CHECK(run_trellis({"seats", "add", "Ana", "--seats", shared.folder.file("seats"), "--pin",
                       "830517"}).status == 2);
    REQUIRE(shared.seats({"add", "Ana"}).status == 0);
    for (int i = 0; i < 4; ++i) {
        const auto refused = shared.seats({"unlock", "Ana"}, "wrong.pin");
        CHECK(text_of(refused.json(), "code") == "wrong_key");
    }
    CHECK(text_of(shared.seats({"unlock", "Ana"}).json(), "code") == "busy");
}

TEST_CASE("recovery sheets become a page for the printer with nothing from outside", "[cli]") {
    Folder folder;
    const auto page_file = folder.file("sheets.html");
    const auto made = run_trellis({"init", "A <b>& \"District\"", "--url", "ws://127.0.0.1:1/sync",
                                   "--db", folder.file("a.db"), "--recovery-page", page_file});
    REQUIRE(made.status == 0);
    CHECK(made.out.find("TRELLIS-RECOVERY") == std::string::npos);
    const auto page = folder.read("sheets.html");
    CHECK(page.find("A &lt;b&gt;&amp; &quot;District&quot;") != std::string::npos);
    CHECK(page.find("<b>&") == std::string::npos);
    for (const auto* outside : {"<script", "http:", "https:", "src=", "href=", "url(", "@import"}) {
        CAPTURE(outside);
        CHECK(page.find(outside) == std::string::npos);
    }
    for (const auto* sheet : {"TRELLIS-RECOVERY-1 1/3\n", "TRELLIS-RECOVERY-1 2/3\n",
                              "TRELLIS-RECOVERY-1 3/3\n"}) {
        CHECK(page.find(sheet) != std::string::npos);
    }
    std::size_t codes = 0;
    for (auto at = page.find("<svg"); at != std::string::npos; at = page.find("<svg", at + 1)) {
        ++codes;
    }
    CHECK(codes == 3);
}
