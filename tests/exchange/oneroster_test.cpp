// SPDX-License-Identifier: Apache-2.0
#include "tests/exchange/files.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace trellis::clients {
namespace {

using Role = Roster::Role;

Roster read_whole(const Files& files) {
    Problems problems;
    auto roster = read_oneroster(files, problems);
    for (const auto& each : problems.kept()) {
        if (each.severity == Severity::error) UNSCOPED_INFO(to_string(each));
    }
    REQUIRE(roster.has_value());
    return std::move(*roster);
}

std::size_t count_of(const Roster& roster, bool (*is_one)(Role)) {
    return static_cast<std::size_t>(
        std::count_if(roster.users.begin(), roster.users.end(), [&](const auto& each) {
            return is_one(each.second.role);
        }));
}

TEST_CASE("The Grand Bend district is read whole and without a complaint", "[exchange]") {
    Problems problems;
    const auto roster = read_oneroster(grand_bend(), problems);
    REQUIRE(roster.has_value());
    CHECK(problems.kept().empty());
    CHECK(roster->orgs.size() == 4);
    CHECK(roster->users.size() == 2900);
    CHECK(count_of(*roster, [](Role role) { return role == Role::student; }) == 960);
    CHECK(count_of(*roster, is_contact) == 1872);
    CHECK(count_of(*roster, is_staff) == 68);
}

TEST_CASE("Every Grand Bend student has a grade, a birth date, a homeroom and family",
          "[exchange]") {
    const auto roster = read_whole(grand_bend());
    std::size_t links = 0;
    for (const auto& [id, user] : roster.users) {
        if (user.role != Role::student) continue;
        INFO(id);
        CHECK(user.grade.size() == 2);
        CHECK(user.birth_date.size() == 10);
        CHECK_FALSE(user.homeroom.empty());
        CHECK(roster.users.at(user.homeroom_teacher).role == Role::teacher);
        CHECK_FALSE(user.contacts.empty());
        links += user.contacts.size();
    }
    CHECK(links == 144 * 1 + 720 * 2 + 96 * 3);
}

TEST_CASE("A student is read with all that the files say", "[exchange]") {
    const auto roster = read_whole(small_package());
    const auto& kim = roster.users.at("K1");
    CHECK(kim.given == "Kim");
    CHECK(kim.middle == "J");
    CHECK(kim.family == "Reyes");
    CHECK(kim.identifier == "0012345");
    CHECK(kim.grade == "01");
    CHECK(kim.birth_date == "2019-02-28");
    CHECK(kim.homeroom == "Room 12");
    CHECK(kim.homeroom_teacher == "T1");
    CHECK(kim.first_day.at("S1") == "2026-08-17");
    CHECK(kim.contacts == std::set<std::string>{"P1", "P2"});
    const auto& lee = roster.users.at("K2");
    CHECK(lee.homeroom.empty());
    CHECK(lee.orgs == std::vector<std::string>{"D1", "S1"});
}

TEST_CASE("A link that only the relative's row names counts as well", "[exchange]") {
    const auto roster = read_whole(small_package());
    CHECK(roster.users.at("K3").contacts == std::set<std::string>{"P3"});
    CHECK(roster.users.at("K2").contacts == std::set<std::string>{"P1", "P2"});
}

TEST_CASE("The files may lie in a folder, and lists may be JSON", "[exchange]") {
    Files files;
    for (const auto& [name, bytes] :
         small_package_with("users.csv", R"("P1,P2")", R"("[""P1"", ""P2"", """"]")")) {
        files["export/" + name] = bytes;
    }
    CHECK(read_whole(files).users.at("K1").contacts == std::set<std::string>{"P1", "P2"});
}

TEST_CASE("Grades are read as senders write them", "[exchange]") {
    const auto grade = [](const std::string& written) {
        return read_whole(small_package_with("users.csv", ",09,", "," + written + ","))
            .users.at("K3")
            .grade;
    };
    CHECK(grade("9") == "09");
    CHECK(grade("9th") == "09");
    CHECK(grade("Grade 12") == "12");
    CHECK(grade("1st") == "01");
    CHECK(grade("K") == "KG");
    CHECK(grade("0") == "KG");
    CHECK(grade("PR") == "PK");
    CHECK(grade("Other") == "other");
    CHECK(grade("\"10,11\"") == "10");
    CHECK(grade("").empty());
}

TEST_CASE("What must not be stored is told and never read", "[exchange]") {
    Problems told;
    const auto files = small_package_with("users.csv", ",KG,\r\n", ",KG,hunter2\r\n");
    REQUIRE(read_oneroster(files, told).has_value());
    REQUIRE(told.kept().size() == 2);
    CHECK(to_string(told.kept()[0]) ==
          "users.csv, line 5, column 18: the column password is never imported");
    CHECK(to_string(told.kept()[1]) ==
          "demographics.csv, line 2, column 5: the column sex is never imported");
    CHECK(told.errors() == 0);
}

}  // namespace
}  // namespace trellis::clients
