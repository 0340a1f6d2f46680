// SPDX-License-Identifier: Apache-2.0
// A family's whole record and the sign of a compartment, with real programs, files and sockets.
#include <catch2/catch.hpp>

#include "tests/cli/run.hpp"

using namespace trellis;
using namespace trellis::clients::test;

namespace {

void sync(Repl& repl) {
    const auto reply = repl.ask(R"({"op":"sync"})");
    INFO(print_json(reply));
    REQUIRE(reply["ok"] == Json(true));
}

std::string put(Repl& repl, const std::string& space, const std::string& type,
                const std::string& fields) {
    return text_of(repl.ask(R"({"op":"put","space":")" + space + R"(","type":")" + type +
                            R"(","fields":)" + fields + "}"),
                   "rec");
}

std::string about(const std::string& field, const std::string& record,
                  const std::string& more = "") {
    return "{\"" + field + "\":\"" + record + "\"" + more + "}";
}

/// Whether a request is answered, or with which code it is refused.
std::string answer(const Json& reply) {
    return reply["ok"] == Json(true) ? "ok" : text_of(reply, "code");
}

}  // namespace

TEST_CASE("a custodian hands out a family's record, a liaison sees that more is restricted",
          "[cli]") {
    Folder folder;
    const Server server(folder);
    Repl centre(folder.file("centre.db"));
    REQUIRE(answer(centre.ask(R"({"op":"org_create","name":"D","device_name":"Dr Osei","url":")" +
                              server.url() + "\"}")) == "ok");
    const auto school = text_of(centre.ask(R"({"op":"space_create","name":"School"})"), "space");
    const auto hidden = text_of(
        centre.ask(R"({"op":"space_create","name":"Thistlemere","class":"compartment"})"), "space");
    const auto invite = text_of(
        centre.ask(R"({"op":"invite","role":"liaison","spaces":[{"space":")" + school + "\"}]}"),
        "invite");
    sync(centre);
    Repl tablet(folder.file("tablet.db"));
    REQUIRE(answer(tablet.ask(R"({"op":"join","name":"tablet","invite":")" + invite + "\"}")) ==
            "ok");
    sync(tablet);
    sync(centre);

    const auto family = put(tablet, school, "household", R"({"display_name":"Ruiz"})");
    put(tablet, school, "check_in", about("household", family, R"(,"notes":"<b>Went well</b>")"));
    const auto other = put(tablet, school, "household", R"({"display_name":"Nobody's business"})");
    put(tablet, school, "check_in", about("household", other));
    sync(tablet);
    sync(centre);
    const auto concern = about("about", family, R"(,"facts":"Harrowfell")");
    CHECK(answer(centre.ask(R"({"op":"put","space":")" + school +
                            R"(","type":"safety_concern","fields":)" + concern + "}")) == "denied");
    const auto secret = put(centre, hidden, "safety_concern", concern);
    sync(centre);
    sync(tablet);

    // Outside: a sign, and whom to ask.
    const auto signs = tablet.ask(R"({"op":"list","type":"restricted_sign"})");
    REQUIRE(signs["rows"].array()->size() == 1);
    const auto& sign = signs["rows"].array()->front()["fields"];
    CHECK(sign["about"] == Json(family));
    CHECK(print_json(sign["ask"]) == R"(["Dr Osei"])");
    const auto everything = text_of(tablet.ask(R"({"op":"export"})"), "canonical");
    for (const auto& word : {std::string("Harrowfell"), std::string("Thistlemere"), secret, hidden}) {
        CHECK(everything.find(word) == std::string::npos);
    }

    const auto order = R"({"op":"export_family","rec":")" + family + "\"";
    CHECK(answer(centre.ask(order + "}")) == "invalid");
    CHECK(answer(tablet.ask(order + R"(,"reason":"curious"})")) == "denied");
    const auto path = folder.file("ruiz.json");
    const auto done = centre.ask(order + R"(,"reason":"asked by the parent","to_whom":"A. Ruiz",)" +
                                 R"("path":")" + path + "\"}");
    INFO(print_json(done));
    REQUIRE(answer(done) == "ok");
    CHECK(done["records"] == Json(5));  // family, visit, concern, sign, and that it was handed out
    const auto document = folder.read("ruiz.json");
    for (const auto* word : {"Harrowfell", "Went well", "asked by the parent", "Dr Osei"}) {
        CAPTURE(word);
        CHECK(document.find(word) != std::string::npos);
    }
    CHECK(document.find("Nobody") == std::string::npos);
    CHECK(document.find(other) == std::string::npos);
    const auto page = folder.read("ruiz.json.html");
    CHECK(page.find("&lt;b&gt;Went well") != std::string::npos);
    for (const auto* word : {"<b>", "<script", "http:", "https:", "src=\"", "href="}) {
        CAPTURE(word);
        CHECK(page.find(word) == std::string::npos);
    }
    sync(centre);
    sync(tablet);
    const auto disclosed = tablet.ask(R"({"op":"list","type":"disclosure"})");
    REQUIRE(disclosed["rows"].array()->size() == 1);
    CHECK(disclosed["rows"].array()->front()["fields"]["to_whom"] == Json("A. Ruiz"));

    // The same for people, at the command line.
    REQUIRE(answer(centre.ask(R"({"op":"quit"})")) == "ok");
    REQUIRE(centre.process().wait() == 0);
    const std::vector<std::string> words = {"export-family", family, "--db",
                                            folder.file("centre.db")};
    CHECK(run_trellis(words).status != 0);
    const auto shown = run_trellis({"get", family, "--db", folder.file("centre.db")});
    CHECK(shown.out.find("Something is restricted. Ask: Dr Osei") != std::string::npos);
    auto with_reason = words;
    with_reason.insert(with_reason.end(), {"--reason", "transfer", "--path",
                                           folder.file("again.json")});
    const auto ended = run_trellis(with_reason);
    INFO(ended.err);
    CHECK(ended.status == 0);
    CHECK(folder.read("again.json").find("transfer") != std::string::npos);
}
