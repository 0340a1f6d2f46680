// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <csignal>

#include "tests/cli/run.hpp"

using namespace trellis;
using namespace trellis::clients::test;

namespace {

const std::string founding =
    R"({"op":"org_create","name":"District","url":"ws://127.0.0.1:9/sync"})";

/// A repl with an organisation and one space.
struct World {
    Folder folder;
    Repl repl{folder.file("a.db")};
    std::string space;

    World() {
        REQUIRE(repl.code(founding).empty());
        space = text_of(repl.ask(R"({"op":"space_create","name":"School"})"), "space");
    }
    Json put(const std::string& type, const std::string& fields) {
        return repl.ask(R"({"op":"put","space":")" + space + R"(","type":")" + type +
                        R"(","fields":)" + fields + "}");
    }
    std::string on(const std::string& op, const std::string& record, const std::string& rest) {
        return R"({"op":")" + op + R"(","rec":")" + record + R"(")" + rest + "}";
    }
};

}  // namespace

TEST_CASE("the repl answers every line once, with the id it was asked with", "[cli]") {
    const Folder folder;
    Repl repl(folder.file("a.db"));
    const auto hello = repl.ask(R"({"id":7,"op":"hello"})");
    CHECK(hello["id"] == Json(7));
    CHECK(hello["interface"] == Json(1));
    CHECK(hello["version"].string() != nullptr);
    CHECK_FALSE(hello.has("org"));
    const auto strange = repl.ask(R"({"id":{"a":[1,null]},"op":"hello"})");
    CHECK(strange["id"] == *parse_json(R"({"a":[1,null]})"));
    CHECK_FALSE(repl.ask(R"({"op":"hello"})").has("id"));
    CHECK(repl.ask(R"({"id":"x","op":"nonsense"})")["id"] == Json("x"));
}

TEST_CASE("a malformed line is answered invalid, and the repl goes on", "[cli]") {
    const Folder folder;
    Repl repl(folder.file("a.db"));
    for (const auto* line :
         {"{", "[]", "7", "null", "\"hello\"", "{\"op\":7}", "{\"op\":null}", "{}", "no json",
          "{\"op\":\"hello\"} x", "{\"op\":\"hello\",\"op\":\"hello\"}", "{\"op\":\"\"}",
          "\xff\xfe", "{\"op\":\"\\ud800\"}", "{\"op\":\"HELLO\"}"}) {
        CAPTURE(line);
        const auto reply = repl.line(line);
        CHECK(reply["ok"] == Json(false));
        CHECK(reply["code"] == Json("invalid"));
        CHECK_FALSE(text_of(reply, "message").empty());
    }
    CHECK(repl.code(std::string(40, '[')) == "invalid");
    CHECK(repl.code(R"({"op":"hello"})").empty());
}

TEST_CASE("the repl ends with its input, with quit, and reads a last line without a break",
          "[cli]") {
    const Folder folder;
    Repl ended(folder.file("a.db"));
    CHECK(ended.code(R"({"op":"hello"})").empty());
    CHECK(ended.process().wait() == 0);
    Repl told(folder.file("a.db"));
    CHECK(told.ask(R"({"op":"quit","id":1})")["ok"] == Json(true));
    CHECK(told.process().wait() == 0);
}

TEST_CASE("every writing verb of the repl does what it says", "[cli]") {
    World world;
    const auto made = world.put("household", R"({"display_name":"Ruiz","home_language":["es"]})");
    const auto record = text_of(made, "rec");
    CHECK(made["ack"] == Json("L0"));
    CHECK(made["dot"].string() != nullptr);
    auto& repl = world.repl;
    CHECK(repl.code(world.on("set", record, R"(,"fields":{"best_time":"mornings"})")).empty());
    CHECK(repl.code(world.on("add", record, R"(,"field":"home_language","values":["yue"])"))
              .empty());
    CHECK(repl.code(world.on("remove", record, R"(,"field":"home_language","values":["es"])"))
              .empty());
    const auto shown = repl.ask(world.on("get", record, ""));
    CHECK(shown["state"] == Json("live"));
    CHECK(shown["fields"]["best_time"] == Json("mornings"));
    CHECK(shown["fields"]["home_language"] == Json(Json::Array{Json("yue")}));
    CHECK(repl.code(world.on("delete", record, R"(,"reason":"twice")")).empty());
    CHECK(repl.ask(world.on("get", record, ""))["state"] == Json("deleted"));
    CHECK(repl.code(world.on("restore", record, "")).empty());
    CHECK(repl.ask(world.on("get", record, ""))["state"] == Json("live"));
    CHECK(repl.ask(world.on("history", record, ""))["history"].array()->size() == 6);
}

TEST_CASE("an alarm is raised, moved on and closed by its token", "[cli]") {
    World world;
    const auto record = text_of(world.put("escalation", R"({"reason":"heat is off"})"), "rec");
    auto& repl = world.repl;
    const auto raised =
        repl.ask(world.on("raise", record, R"(,"field":"status","level":"raised")"));
    const auto token = text_of(raised, "token");
    const std::string status_to = R"(,"field":"status","level":"owned","token":")";
    CHECK(repl.code(world.on("advance", record, status_to + token + "\"")).empty());
    const auto status = repl.ask(world.on("get", record, ""))["fields"]["status"];
    CHECK(status["level"] == Json("owned"));
    const auto open = text_of(status["tokens"].array()->at(0), "token");
    const auto closing = world.on("close", record,
                                  R"(,"field":"status","reason":"resolved","tokens":[")" + open +
                                      "\"]");
    CHECK(repl.code(closing).empty());
    CHECK(repl.ask(world.on("get", record, ""))["fields"]["status"]["tokens"].array()->empty());
    CHECK(repl.code(closing) == "conflict");
}

TEST_CASE("a batch is one change, all or nothing", "[cli]") {
    World world;
    const auto before = world.repl.ask(R"({"op":"digest"})")["digest"];
    const auto op = [&](const std::string& type) {
        return R"({"op":"put","space":")" + world.space + R"(","type":")" + type +
               R"(","fields":{"display_name":"A"}})";
    };
    CHECK(world.repl.code(R"({"op":"batch","ops":[)" + op("household") + "," + op("nothing") +
                          "]}") == "invalid");
    CHECK(world.repl.ask(R"({"op":"digest"})")["digest"] == before);
    const auto good = world.repl.ask(R"({"op":"batch","ops":[)" + op("household") + "," +
                                     op("student") + "]}");
    CHECK(good["results"].array()->size() == 2);
    CHECK(world.repl.code(R"({"op":"batch","ops":[]})") == "invalid");
}

TEST_CASE("reading verbs answer rows, and a query may only read", "[cli]") {
    World world;
    const auto record = text_of(world.put("household", R"({"display_name":"Ruiz"})"), "rec");
    auto& repl = world.repl;
    CHECK(repl.ask(R"({"op":"list","type":"household"})")["rows"].array()->size() == 1);
    const auto rows = repl.ask(R"({"op":"query","params":["Ruiz"],)"
                               R"("sql":"SELECT rec FROM household WHERE display_name=?1"})");
    CHECK(rows["rows"].array()->at(0)["rec"] == Json(record));
    for (const auto* sql : {"DELETE FROM household", "SELECT * FROM _meta", "PRAGMA user_version",
                            "ATTACH 'x' AS y", "SELECT * FROM sqlite_master"}) {
        CAPTURE(sql);
        CHECK(repl.code(R"({"op":"query","sql":")" + std::string(sql) + "\"}") == "denied");
    }
    CHECK(repl.code(R"({"op":"query","sql":"SELECT FROM WHERE"})") == "invalid");
    CHECK(repl.ask(R"({"op":"conflicts"})")["conflicts"].array()->empty());
    CHECK(repl.ask(R"({"op":"check"})")["problems"].array()->empty());
    CHECK(repl.ask(R"({"op":"stats"})")["records"] == Json(1));
}

TEST_CASE("a watch pushes what changed after the reply to the write", "[cli]") {
    World world;
    auto& repl = world.repl;
    const auto watch = repl.ask(R"({"op":"watch","type":"household"})");
    CHECK(watch["rows"].array()->empty());
    CHECK(world.put("household", R"({"display_name":"Ruiz"})")["ok"] == Json(true));
    const auto pushed = repl.process().read_line(std::chrono::minutes(1));
    REQUIRE(pushed);
    const auto event = parse_json(*pushed);
    REQUIRE(event);
    CHECK((*event)["event"] == Json("rows"));
    CHECK((*event)["watch"] == watch["watch"]);
    CHECK((*event)["added"].array()->size() == 1);
}

TEST_CASE("requests that name nothing are refused with the documented code", "[cli]") {
    World world;
    auto& repl = world.repl;
    const std::string nobody(32, '0');
    CHECK(repl.code(world.on("get", nobody, "")) == "not_found");
    CHECK(repl.code(world.on("get", "zz", "")) == "invalid");
    CHECK(repl.code(world.on("set", nobody, R"(,"fields":{"a":1})")) == "not_found");
    CHECK(world.put("nothing", "{}")["code"] == Json("invalid"));
    CHECK(world.put("household", R"({"no_such_field":1})")["code"] == Json("invalid"));
    CHECK(world.put("household", R"({"display_name":7})")["code"] == Json("invalid"));
    CHECK(repl.code(R"({"op":"put","space":")" + nobody + R"(","type":"household","fields":{}})") ==
          "not_found");
    CHECK(repl.code(R"({"op":"list"})") == "invalid");
    CHECK(repl.code(R"({"op":"list","type":"household","limit":-1})") == "invalid");
    CHECK(repl.code(founding) == "conflict");
    CHECK(repl.code(R"({"op":"join","invite":"TRL1:NONSENSE","name":"x"})") == "invalid");
    CHECK(repl.code(R"({"op":"sync"})") == "offline");
}
