// SPDX-License-Identifier: Apache-2.0
#include "clients/exchange/table.hpp"

#include "tests/exchange/files.hpp"

#include <catch2/catch.hpp>

namespace trellis::clients {
namespace {

Result<Table> read_text(std::string_view text, Problems& problems, TableOptions options = {}) {
    return read_table("a.csv", as_bytes(text), options, problems);
}

TEST_CASE("Rows know the line they begin on, past line breaks inside quotes", "[exchange]") {
    Problems problems;
    const auto table = read_text("a,b\n1,\"x\r\ny\rz\"\n\n2,\"w\"\"\n\"\r3,4", problems);
    REQUIRE(table.has_value());
    REQUIRE(table->rows() == 3);
    CHECK(table->line(0) == 2);
    CHECK(table->cell(0, 1) == "x\r\ny\rz");
    CHECK(table->line(1) == 6);
    CHECK(table->cell(1, 1) == "w\"\n");
    CHECK(table->line(2) == 8);
    CHECK(table->blank_lines() == 1);
}

TEST_CASE("A quote that is never closed is told where it was opened", "[exchange]") {
    Problems problems;
    const auto table = read_text("a,b\n1,2\n3,\"4\n5,6\n", problems);
    REQUIRE_FALSE(table.has_value());
    REQUIRE(problems.kept().size() == 1);
    CHECK(to_string(problems.kept()[0]) ==
          "a.csv, line 3, column 2: a quote is opened here and never closed; the rest was not "
          "read");
    CHECK(table.error().code == Code::invalid);
    CHECK(table.error().message == "nothing was imported: " + to_string(problems.kept()[0]));
}

TEST_CASE("Every problem of a file is told, not only the first", "[exchange]") {
    Problems problems;
    using namespace std::string_view_literals;
    const auto table = read_text("a,b\n1\n1,2,3\n1,\xFF\n\0,2\n"sv, problems);
    REQUIRE_FALSE(table.has_value());
    REQUIRE(problems.errors() == 4);
    const auto place = [&](std::size_t i) {
        const auto& each = problems.kept()[i];
        return each.code + " " + std::to_string(each.line) + ":" + std::to_string(each.column);
    };
    CHECK(place(0) == "too_few_fields 2:0");
    CHECK(place(1) == "too_many_fields 3:0");
    CHECK(place(2) == "invalid_utf8 4:2");
    CHECK(place(3) == "nul_byte 5:1");
    CHECK(table.error().message ==
          "nothing was imported: a.csv, line 2: the line has 1 cells, but there are 2 columns "
          "(the first of 4 problems)");
}

TEST_CASE("A stray quote is an error where the file must be strict", "[exchange]") {
    Problems problems;
    TableOptions options;
    options.strict_quotes = true;
    CHECK_FALSE(read_text("a,b\n\"x\"y,2\n", problems, options).has_value());
    CHECK(problems.kept()[0].code == "quote_inside_field");
    CHECK(problems.kept()[0].severity == Severity::error);
}

TEST_CASE("The separator that cuts most evenly is the one", "[exchange]") {
    const auto found = [](std::string_view text) {
        Problems problems;
        const auto table = read_text(text, problems);
        REQUIRE(table.has_value());
        return table->delimiter();
    };
    CHECK(found("a,b\n1;2,3;4\n5,6\n") == ',');
    CHECK(found("a;b\n1,2;3\n4;5\n") == ';');
    CHECK(found("a\tb\n1,2\t3\n") == '\t');
    CHECK(found("one column\nonly\n") == ',');
    CHECK(found("sep=|\na|b\n1|2\n") == '|');
}

TEST_CASE("Half a character in UTF-16 is refused with its line", "[exchange]") {
    using namespace std::string_view_literals;
    for (const auto text : {"\xFF\xFE"
                            "a\0\n\0b\0\n\0\x00\xD8"sv,
                            "\xFF\xFE"
                            "a\0\n\0b\0\n\0c"sv,
                            "\xFF\xFE"
                            "a\0\n\0b\0\n\0\x00\xDC"
                            "c\0"sv}) {
        Problems problems;
        CHECK_FALSE(read_text(text, problems).has_value());
        REQUIRE(problems.kept().size() == 1);
        CHECK(problems.kept()[0].code == "bad_encoding");
        CHECK(problems.kept()[0].line == 3);
    }
}

TEST_CASE("A character beyond the first plane survives UTF-16", "[exchange]") {
    using namespace std::string_view_literals;
    Problems problems;
    const auto table = read_text("\xFE\xFF\0a\0\n\xD8\x3D\xDE\x00"sv, problems);
    REQUIRE(table.has_value());
    CHECK(table->cell(0, 0) == "\xF0\x9F\x98\x80");
}

TEST_CASE("Column names are tidy and told apart", "[exchange]") {
    Problems problems;
    const auto table = read_text(
        "\xEF\xBB\xBF\" Home\xC2\xA0\t Language \",Phone,Phone,Phone,,\n1,2,3,4,5,6\n", problems);
    REQUIRE(table.has_value());
    CHECK(table->header() ==
          std::vector<std::string>{"Home Language", "Phone", "Phone (2)", "Phone (3)", "", ""});
    CHECK(problems.warnings() == 2);
    CHECK(is_same_name("Home Language", "home LANGUAGE"));
    CHECK_FALSE(is_same_name("Home", "Homer"));
}

TEST_CASE("A problem never repeats what a cell says", "[exchange]") {
    Problems problems;
    CHECK_FALSE(read_text("a,b\nSecret\xFF,\"Secret\"x\"\nSecret\n", problems).has_value());
    for (const auto& each : problems.kept()) {
        CHECK(each.reason.find("Secret") == std::string::npos);
    }
}

}  // namespace
}  // namespace trellis::clients
