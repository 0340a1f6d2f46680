// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/cli/run.hpp"

using namespace trellis;
using namespace trellis::clients::test;

namespace {

namespace fs = std::filesystem;

const std::string roster = "fixtures/exchange/oneroster-grand-bend-1.1";

struct District {
    Folder folder;
    std::string database = folder.file("a.db");

    District() {
        REQUIRE(run({"init", "District", "--url", "ws://127.0.0.1:9/sync"}).status == 0);
        REQUIRE(run({"space", "Families"}).status == 0);
    }
    Ended run(std::vector<std::string> words) const {
        words.insert(words.end(), {"--db", database});
        return run_trellis(words);
    }
};

}  // namespace

TEST_CASE("a roster is imported whole, and a second time changes nothing", "[cli]") {
    const District district;
    const auto first = district.run({"import", "oneroster", roster, "--json"});
    INFO(first.err);
    REQUIRE(first.status == 0);
    CHECK(first.json()["created"]["student"] == Json(960));
    CHECK(first.json()["created"]["site"] == Json(4));
    const auto digest = district.run({"digest"}).out;
    const auto second = district.run({"import", "oneroster", roster, "--space", "Families"});
    CHECK(second.status == 0);
    CHECK(second.out.find("Nothing is new") != std::string::npos);
    CHECK(district.run({"digest"}).out == digest);
}

TEST_CASE("an unreadable line is named by file, line and column, and nothing is imported",
          "[cli]") {
    const District district;
    const auto copy = district.folder.file("roster");
    fs::copy(roster, copy);
    std::ifstream in(roster + "/users.csv");
    std::ostringstream text;
    std::string line;
    for (int number = 1; std::getline(in, line); ++number) {
        if (number == 12) {
            const auto role = line.find("teacher");
            REQUIRE(role != std::string::npos);
            line.replace(role, 7, "wizard!");
        }
        text << line << "\n";
    }
    std::ofstream(copy + "/users.csv") << text.str();
    const auto before = district.run({"digest"}).out;
    const auto people = district.run({"import", "oneroster", copy});
    CHECK(people.status != 0);
    CHECK(people.out.find("users.csv") != std::string::npos);
    CHECK(people.out.find(" 12 ") != std::string::npos);
    CHECK(people.err.find("nothing was imported") != std::string::npos);
    CHECK(people.err.find("line 12, column 6") != std::string::npos);
    CHECK(district.run({"digest"}).out == before);
    CHECK(district.run({"list", "student", "--json"}).json()["rows"].array()->empty());
}

TEST_CASE("an import of nothing is refused in one sentence", "[cli]") {
    const District district;
    fs::create_directory(district.folder.file("empty"));
    CHECK(district.run({"import", "oneroster", district.folder.file("empty")}).err.find(
              "not_found") != std::string::npos);
    CHECK(district.run({"import", "oneroster", "/nowhere"}).err.find("not_found") !=
          std::string::npos);
    CHECK(district.run({"import", "sorcery", roster}).err.find("unsupported") !=
          std::string::npos);
    district.folder.write("bad.zip", "PK\x03\x04 and then nothing");
    CHECK(district.run({"import", "oneroster", district.folder.file("bad.zip")}).status != 0);
}
