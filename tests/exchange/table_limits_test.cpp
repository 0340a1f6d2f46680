// SPDX-License-Identifier: Apache-2.0
#include "clients/exchange/table.hpp"
#include "core/base/limits.hpp"
#include "tests/exchange/files.hpp"

#include <catch2/catch.hpp>

namespace trellis::clients {
namespace {

/// The code of the first problem; empty where there is none.
std::string refusal(std::string_view text) {
    Problems problems;
    const auto table = read_table("a.csv", as_bytes(text), {}, problems);
    CHECK(table.has_value() == (problems.errors() == 0));
    return problems.kept().empty() ? "" : problems.kept()[0].code;
}

TEST_CASE("A file may have so many bytes and not one more", "[exchange]") {
    std::string text = "a\n";
    text.resize(limits::exchange_file_max, 'x');
    for (std::size_t at = 1; at < text.size(); at += limits::exchange_cell_max)
        text[at] = '\n';
    CHECK(refusal(text).empty());
    text += 'x';
    CHECK(refusal(text) == "too_large");
}

TEST_CASE("A table may have so many rows and not one more", "[exchange]") {
    std::string text = "a\n";
    for (std::size_t i = 0; i < limits::exchange_rows_max; ++i)
        text += "1\n";
    CHECK(refusal(text).empty());
    text += "1\n";
    CHECK(refusal(text) == "too_large");
}

TEST_CASE("A line may have so many cells and not one more", "[exchange]") {
    const std::string commas(limits::exchange_columns_max - 1, ',');
    CHECK(refusal("a" + commas + "\nb" + commas + "\n").empty());
    CHECK(refusal("a" + commas + ",\nb" + commas + "\n") == "too_large");
    CHECK(refusal("a" + commas + "\nb" + commas + ",\n") == "too_large");
    CHECK(refusal(std::string(5'000'000, ',')) == "too_large");
}

TEST_CASE("A cell may have so many bytes and not one more", "[exchange]") {
    const std::string cell(limits::exchange_cell_max, 'x');
    CHECK(refusal("a,b\n" + cell + ",2\n").empty());
    CHECK(refusal("a,b\n" + cell + "x,2\n") == "field_too_long");
}

TEST_CASE("So many problems are kept, and all are counted", "[exchange]") {
    std::string text = "a,b\n";
    for (std::size_t i = 0; i <= limits::exchange_problems_max; ++i)
        text += "1\n\"2\"x,3\n";
    Problems problems;
    const auto table = read_table("a.csv", as_bytes(text), {}, problems);
    REQUIRE_FALSE(table.has_value());
    CHECK(problems.errors() == limits::exchange_problems_max + 1);
    CHECK(problems.warnings() == limits::exchange_problems_max + 1);
    CHECK(problems.kept().size() == 2 * limits::exchange_problems_max);
    CHECK(table.error().message.find("(the first of 101 problems)") != std::string::npos);
}

}  // namespace
}  // namespace trellis::clients
