// SPDX-License-Identifier: Apache-2.0
// What is wrong with a package is told with its file, line, column and reason; nothing comes in.
#include "core/base/limits.hpp"
#include "tests/exchange/files.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace trellis::clients {
namespace {

using Told = std::vector<std::string>;

/// Every error, as a person reads it.
Told errors_of(const Files& files) {
    Problems problems;
    const auto roster = read_oneroster(files, problems);
    CHECK(roster.has_value() == (problems.errors() == 0));
    if (!roster) CHECK(roster.error() == problems.summary());
    Told told;
    for (const auto& each : problems.kept()) {
        if (each.severity == Severity::error) told.push_back(to_string(each));
    }
    return told;
}

Told errors_with(const std::string& file, std::string_view text, std::string_view replacement) {
    return errors_of(small_package_with(file, text, replacement));
}

TEST_CASE("A package without a mistake has no problem", "[exchange]") {
    CHECK(errors_of(small_package()).empty());
}

TEST_CASE("An unknown word is told with the words that are known", "[exchange]") {
    CHECK(errors_with("users.csv", ",teacher,", ",wizard,") ==
          Told{"users.csv, line 2, column 6: role must be one of administrator, aide, guardian, "
               "parent, proctor, relative, student, teacher"});
    CHECK(errors_with("orgs.csv", ",district,", ",galaxy,") ==
          Told{"orgs.csv, line 2, column 5: type must be one of department, district, local, "
               "national, school, state"});
    CHECK(errors_with("classes.csv", ",homeroom,", ",room,") ==
          Told{"classes.csv, line 2, column 8: classType must be one of homeroom, scheduled"});
    CHECK(errors_with("enrollments.csv", ",true,", ",yes,") ==
          Told{"enrollments.csv, line 2, column 8: primary must be one of false, true"});
    CHECK(errors_with("users.csv", ",09,", ",14,") ==
          Told{"users.csv, line 6, column 17: grades must be IT, PR, PK, TK, KG, 01 to 13, PS, "
               "UG or Other"});
}

TEST_CASE("A missing column is told once", "[exchange]") {
    CHECK(errors_with("users.csv", ",role,", ",roles,") ==
          Told{"users.csv, line 1: the column role is missing"});
    CHECK(errors_with("orgs.csv", "sourcedId,", "sourcedid,") ==
          Told{"orgs.csv, line 1: the column sourcedId is missing"});
}

TEST_CASE("A required cell that is blank is told", "[exchange]") {
    CHECK(errors_with("users.csv", ",Lee,Reyes,", ",Lee, ,") ==
          Told{"users.csv, line 5, column 10: familyName must not be blank"});
    CHECK(errors_with("orgs.csv", "S2,", ",") ==
          Told{"orgs.csv, line 4, column 1: sourcedId must not be blank",
               "users.csv, line 6, column 5: orgSourcedIds names a sourcedId that is not in the "
               "package",
               "users.csv, line 9, column 5: orgSourcedIds names a sourcedId that is not in the "
               "package",
               "users.csv, line 10, column 5: orgSourcedIds names a sourcedId that is not in the "
               "package"});
}

TEST_CASE("A sourcedId that is there twice is told with the line of the first", "[exchange]") {
    CHECK(errors_with("users.csv", "\r\nP4,", "\r\nP1,") ==
          Told{"users.csv, line 10, column 1: this sourcedId is already on line 7"});
    CHECK(errors_with("orgs.csv", "\r\nS2,", "\r\n\"S,2\",").front() ==
          "orgs.csv, line 4, column 1: a sourcedId must not hold a comma");
}

TEST_CASE("A reference to nothing is told", "[exchange]") {
    const std::string nothing = " names a sourcedId that is not in the package";
    CHECK(errors_with("users.csv", "true,S2,student", "true,\"S1,S9\",student") ==
          Told{"users.csv, line 6, column 5: orgSourcedIds" + nothing});
    CHECK(errors_with("users.csv", "\"P1,P2\"", "\"P1,P9\"") ==
          Told{"users.csv, line 4, column 16: agentSourcedIds" + nothing});
    CHECK(errors_with("orgs.csv", "1001,D1", "1001,D9") ==
          Told{"orgs.csv, line 3, column 7: parentSourcedId" + nothing});
    CHECK(errors_with("classes.csv", ",S1,Y1,", ",S1,Y9,") ==
          Told{"classes.csv, line 2, column 11: termSourcedIds" + nothing});
    CHECK(errors_with("demographics.csv", "K2,", "K9,") ==
          Told{"demographics.csv, line 3, column 1: sourcedId" + nothing});
    CHECK(errors_with("enrollments.csv", ",H1,S1,K1,", ",H9,S9,K9,") ==
          Told{"enrollments.csv, line 3, column 4: classSourcedId" + nothing,
               "enrollments.csv, line 3, column 5: schoolSourcedId" + nothing,
               "enrollments.csv, line 3, column 6: userSourcedId" + nothing});
}

TEST_CASE("A day that does not exist is told without repeating it", "[exchange]") {
    CHECK(errors_with("demographics.csv", "2020-02-29", "2019-02-29") ==
          Told{"demographics.csv, line 3, column 4: birthDate is not a day written as "
               "YYYY-MM-DD"});
    CHECK(errors_with("enrollments.csv", "2026-08-18,2027-06-04", "8/18/2026,2027-06-04") ==
          Told{"enrollments.csv, line 3, column 9: beginDate is not a day written as "
               "YYYY-MM-DD"});
    CHECK(errors_with("academicSessions.csv", "2026-08-17,2027-06-04", "2027-06-05,2027-06-04") ==
          Told{"academicSessions.csv, line 2, column 7: endDate is before startDate"});
}

TEST_CASE("A file that was cut short is told at the line where it ends", "[exchange]") {
    auto files = small_package();
    auto& users = files["users.csv"];
    const auto text = std::string(as_text(users));
    users = bytes_of(text.substr(0, text.find("P3,,,true") + 6));
    CHECK(errors_of(files) ==
          Told{"users.csv, line 9: the line has 4 cells, but there are 18 columns"});
    users = bytes_of(text.substr(0, text.find("\"P1,P2\"") + 3));
    CHECK(errors_of(files) == Told{"users.csv, line 4, column 16: a quote is opened here and "
                                   "never closed; the rest was not read"});
    files.erase("users.csv");
    CHECK(errors_of(files) == Told{"manifest.csv, line 11, column 2: users.csv is declared and "
                                   "not in the package"});
}

TEST_CASE("Only bulk files of version 1.1 are read", "[exchange]") {
    CHECK(errors_with("manifest.csv", "version,1.1", "version,1.2") ==
          Told{"manifest.csv, line 3, column 2: oneroster.version must be 1.1; no other version "
               "is read"});
    CHECK(errors_with("manifest.csv", "oneroster.version,1.1\r\n", "") ==
          Told{"manifest.csv: oneroster.version must be 1.1; no other version is read"});
    CHECK(errors_with("manifest.csv", "manifest.version,1.0", "manifest.version,2.0") ==
          Told{"manifest.csv, line 2, column 2: manifest.version must be 1.0; no other version "
               "is read"});
    CHECK(errors_with("manifest.csv", "file.classes,bulk", "file.classes,delta") ==
          Told{"manifest.csv, line 6, column 2: classes.csv is a delta; only bulk files are "
               "read"});
    CHECK(errors_with("manifest.csv", "file.classes,bulk", "file.classes,some") ==
          Told{"manifest.csv, line 6, column 2: file.classes must be absent, bulk or delta"});
}

TEST_CASE("The manifest and the files must agree", "[exchange]") {
    CHECK(errors_with("manifest.csv", "file.classes,bulk", "file.classes,absent") ==
          Told{"classes.csv: the file is in the package, but manifest.csv does not declare it"});
    CHECK(errors_with("manifest.csv", "file.categories,absent", "file.categories,bulk") ==
          Told{"manifest.csv, line 5, column 2: categories.csv is declared and not in the "
               "package"});
    CHECK(errors_with("manifest.csv", "file.orgs,bulk", "file.users,bulk").front() ==
          "manifest.csv, line 11, column 1: this property is there twice");
    auto files = small_package();
    files["copy/users.csv"] = files["users.csv"];
    CHECK(errors_of(files) == Told{"users.csv: the package holds two files of this name"});
    files = small_package();
    files.erase("manifest.csv");
    CHECK(errors_of(files) == Told{"manifest.csv: the package has no manifest.csv, so its "
                                   "version is not known"});
    CHECK(errors_of({}).size() == 1);
}

TEST_CASE("A roster without organisations or people is no roster", "[exchange]") {
    auto files = small_package_with("manifest.csv", "file.orgs,bulk", "file.orgs,absent");
    files.erase("orgs.csv");
    CHECK(errors_of(files) ==
          Told{"manifest.csv, line 10, column 2: orgs.csv is needed: declare it as bulk"});
}

TEST_CASE("A row that says it is deleted does not belong in a bulk file", "[exchange]") {
    CHECK(errors_with("users.csv", "P4,,", "P4,tobedeleted,") ==
          Told{"users.csv, line 10, column 2: a bulk file lists what is current: leave status "
               "blank, or the row out"});
    Problems problems;
    CHECK(read_oneroster(small_package_with("users.csv", "P4,,", "P4,active,"), problems));
    CHECK(problems.kept()[0].code == "status_in_bulk");
}

TEST_CASE("Organisations that stand above each other are told once", "[exchange]") {
    CHECK(errors_with("orgs.csv", ",1000,\r\n", ",1000,S1\r\n") ==
          Told{"orgs.csv, line 2, column 7: this organisation stands above itself"});
    CHECK(errors_with("orgs.csv", ",1000,\r\n", ",1000,D1\r\n") ==
          Told{"orgs.csv, line 2, column 7: this organisation stands above itself"});
}

TEST_CASE("A line break in a cell is told", "[exchange]") {
    CHECK(errors_with("users.csv", ",Ana,", ",\"An\na\",") ==
          Told{"users.csv, line 7, column 9: the cell holds a line break or another control "
               "character"});
}

TEST_CASE("All problems of all files are told at once", "[exchange]") {
    auto files = small_package_with("users.csv", ",teacher,", ",wizard,");
    files["orgs.csv"] = small_package_with("orgs.csv", ",school,", ",pool,").at("orgs.csv");
    files["demographics.csv"] =
        small_package_with("demographics.csv", "2019-", "19-").at("demographics.csv");
    CHECK(errors_of(files).size() == 3);
}

TEST_CASE("Ids, texts and lists may be so long and no longer", "[exchange]") {
    const auto count = [](std::string_view text, const std::string& replacement) {
        return errors_with("users.csv", text, replacement).size();
    };
    CHECK(count("\r\nP4,", "\r\n" + std::string(limits::roster_id_max, 'x') + ",") == 0);
    CHECK(count("\r\nP4,", "\r\n" + std::string(limits::roster_id_max + 1, 'x') + ",") == 1);
    CHECK(count(",Fay,", "," + std::string(limits::roster_text_max, 'x') + ",") == 0);
    CHECK(count(",Fay,", "," + std::string(limits::roster_text_max + 1, 'x') + ",") == 1);
    std::string list = "\"K1";
    for (std::size_t i = 1; i < limits::roster_links_max; ++i)
        list += ",K1";
    CHECK(count("555|0104,,", "555|0104," + list + "\",") == 0);
    CHECK(count("555|0104,,", "555|0104," + list + ",K1\",") == 1);
}

TEST_CASE("The name of a site may be so long and no longer", "[exchange]") {
    CHECK(errors_with("orgs.csv", "Hill School", std::string(120, 'x')).empty());
    CHECK(errors_with("orgs.csv", "Hill School", std::string(121, 'x')) ==
          Told{"orgs.csv, line 4, column 4: the name of an organisation has at most 120 bytes"});
}

}  // namespace
}  // namespace trellis::clients
