// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <sys/stat.h>

#include "tests/cli/run.hpp"

using namespace trellis;
using namespace trellis::clients::test;

namespace {

/// A person at a terminal with one database.
struct Person {
    Folder folder;
    std::string database = folder.file("district/a.db");

    Ended operator()(std::vector<std::string> words) const {
        words.insert(words.end(), {"--db", database});
        return run_trellis(words);
    }
    void found() const {
        REQUIRE((*this)({"init", "District", "--url", "ws://127.0.0.1:9/sync"}).status == 0);
        REQUIRE((*this)({"space", "High school"}).status == 0);
    }
    std::string make(std::vector<std::string> words) const {
        words.insert(words.begin(), "put");
        words.emplace_back("--json");
        const auto ended = (*this)(words);
        INFO(ended.out << ended.err);
        REQUIRE(ended.status == 0);
        return text_of(ended.json(), "rec");
    }
};

}  // namespace

TEST_CASE("a person founds, writes, reads and settles, all offline", "[cli]") {
    const Person person;
    const auto made = person({"init", "District", "--url", "ws://127.0.0.1:9/sync"});
    REQUIRE(made.status == 0);
    CHECK(made.out.find("TRELLIS-RECOVERY-1") != std::string::npos);
    CHECK(made.err.find("not sent to the server yet") != std::string::npos);
    struct stat key {};
    REQUIRE(::stat((person.database + ".key").c_str(), &key) == 0);
    CHECK((key.st_mode & 0777) == 0600);
    REQUIRE(person({"space", "High school"}).status == 0);
    const auto household = person.make({"household", "display_name=Ruiz", "home_language=es",
                                        "home_language=yue"});
    const auto check_in = person.make({"check_in", "--space", "High school",
                                       "household=" + household.substr(0, 4) + "-1", "when=now",
                                       "method=phone", "notes=All is well"});
    const auto shown = person({"get", check_in});
    CHECK(shown.status == 0);
    CHECK(shown.out.find("Ruiz") != std::string::npos);
    CHECK(shown.out.find("Phone call") != std::string::npos);
    CHECK(person({"set", household, "best_time=mornings"}).status == 0);
    CHECK(person({"add", household, "home_language", "vi"}).status == 0);
    CHECK(person({"remove", household, "home_language", "es", "yue"}).status == 0);
    const auto fields = person({"get", household, "--json"}).json()["fields"];
    CHECK(fields["home_language"] == Json(Json::Array{Json("vi")}));
    CHECK(fields["best_time"] == Json("mornings"));
    CHECK(person({"resolve", household, "best_time", "evenings"}).status == 0);
    CHECK(person({"delete", household, "--reason", "twice"}).status == 0);
    CHECK(person({"restore", household}).status == 0);
    CHECK(person({"history", household}).status == 0);
    CHECK(person({"check"}).status == 0);
}

TEST_CASE("an alarm is raised and closed by a person without naming tokens", "[cli]") {
    const Person person;
    person.found();
    const auto alarm = person.make({"escalation", "reason=heat is off"});
    CHECK(person({"close", alarm, "status", "--reason", "resolved"}).status == 1);
    CHECK(person({"raise", alarm, "status", "raised"}).status == 0);
    CHECK(person({"advance", alarm, "status", "owned"}).status == 0);
    CHECK(person({"get", alarm}).out.find("owned (1 open)") != std::string::npos);
    CHECK(person({"close", alarm, "status", "--reason", "resolved"}).status == 0);
    CHECK(person({"get", alarm}).out.find("closed") != std::string::npos);
}

TEST_CASE("every reading command prints JSON on request, and never a colour into a file", "[cli]") {
    const Person person;
    person.found();
    person.make({"household", "display_name=Ruiz"});
    const std::vector<std::vector<std::string>> commands = {
        {"spaces"}, {"members"}, {"list", "household"}, {"conflicts"}, {"reviews"}, {"status"},
        {"stats"}, {"digest"}, {"export"}, {"check"}, {"types"}, {"types", "household"},
        {"query", "SELECT display_name FROM household"}};
    for (auto words : commands) {
        CAPTURE(words);
        const auto plain = person(words);
        CHECK(plain.status == 0);
        CHECK_FALSE(plain.out.empty());
        CHECK(plain.out.find('\x1b') == std::string::npos);
        words.emplace_back("--json");
        const auto json = person(words);
        CHECK(json.status == 0);
        CHECK(parse_json(json.out.substr(0, json.out.size() - 1)).has_value());
        CHECK(json.err.empty());
    }
}

TEST_CASE("help is there for everything and ends well", "[cli]") {
    const auto all = run_trellis({"--help"});
    CHECK(all.status == 0);
    for (const auto* name : {"init", "invite", "join", "put", "get", "list", "query", "conflicts",
                             "resolve", "sync", "status", "watch", "import", "repl"}) {
        CAPTURE(name);
        CHECK(all.out.find(name) != std::string::npos);
        CHECK(run_trellis({name, "--help"}).status == 0);
    }
    CHECK(run_trellis({"--version"}).status == 0);
    CHECK(run_trellis({}).status == 2);
    CHECK(run_trellis({"nonsense"}).status == 2);
    CHECK(run_trellis({"put"}).status == 2);
}

TEST_CASE("people join, sync and see how far their writes have come", "[cli]") {
    const Person centre;
    const Server server(centre.folder);
    REQUIRE(centre({"init", "District", "--url", server.url()}).status == 0);
    REQUIRE(centre({"space", "High school"}).status == 0);
    centre.make({"household", "display_name=Ruiz"});
    REQUIRE(centre({"sync"}).status == 0);
    const auto invite = text_of(centre({"invite", "--json"}).json(), "invite");
    const Person ana;
    REQUIRE(ana({"join", invite, "--name", "Ana"}).status == 0);
    CHECK(ana({"list", "household"}).out.find("Ruiz") != std::string::npos);
    CHECK(centre({"sync"}).status == 0);
    CHECK(centre({"members"}).out.find("Ana") != std::string::npos);
    const auto status = centre({"status", "--json"}).json();
    CHECK(status["pending"] == Json(0));
    CHECK(status["last_sync"] != Json("never"));
    CHECK(ana({"digest"}).out == centre({"digest"}).out);
    CHECK(ana({"join", invite}).status == 1);
}
