// SPDX-License-Identifier: Apache-2.0
// The files that spreadsheets and student systems really write, against what each must give.
#include "clients/exchange/table.hpp"
#include "tests/exchange/files.hpp"

#include <catch2/catch.hpp>

namespace trellis::clients {
namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(const Table& table) {
    Rows rows{table.header()};
    for (std::size_t row = 0; row < table.rows(); ++row) {
        auto& cells = rows.emplace_back();
        for (std::size_t i = 0; i < table.header().size(); ++i) {
            cells.emplace_back(table.cell(row, i));
        }
    }
    return rows;
}

Rows rows_of(const Json& json) {
    Rows rows;
    for (const auto& row : *json.array()) {
        auto& cells = rows.emplace_back();
        for (const auto& cell : *row.array())
            cells.push_back(*cell.string());
    }
    return rows;
}

/// The place and kind of a problem; a column that is not expected is not compared.
std::vector<std::string> marks_of(const Json& problems) {
    std::vector<std::string> marks;
    if (problems.is_null()) return marks;
    for (const auto& each : *problems.array()) {
        marks.push_back(std::to_string(*each["line"].integer()) + " " + *each["code"].string() +
                        " " + *each["severity"].string());
    }
    return marks;
}

std::vector<std::string> marks_of(const Problems& problems) {
    std::vector<std::string> marks;
    for (const auto& each : problems.kept()) {
        marks.push_back(std::to_string(each.line) + " " + each.code + " " +
                        (each.severity == Severity::error ? "error" : "warning"));
    }
    return marks;
}

void check_columns(const Json& expected, const Problems& problems) {
    if (expected.is_null()) return;
    REQUIRE(expected.array()->size() == problems.kept().size());
    for (std::size_t i = 0; i < problems.kept().size(); ++i) {
        const auto* column = (*expected.array())[i]["column"].integer();
        if (column == nullptr) continue;
        CHECK(problems.kept()[i].column == static_cast<std::size_t>(*column));
    }
}

/// What these files ask of the step after this one: other encodings than Unicode, a header that
/// a person chooses, dates and numbers.
bool is_for_later(const std::string& name) {
    return name == "windows1252.csv" || name == "big5.csv" || name == "title-rows.csv" ||
           name == "dates.csv" || name == "excel-mangled.csv";
}

Result<Table> read_shared(const std::string& path, Problems& problems, TableOptions options = {}) {
    return read_table(path, file_bytes(shared_data + path), options, problems);
}

void check_file(const std::string& name, const Json& expected) {
    INFO(name);
    Problems problems;
    const auto table = read_shared("csv-encodings/" + name, problems);
    CHECK(marks_of(problems) == marks_of(expected["problems"]));
    check_columns(expected["problems"], problems);
    if (expected["rows"].is_null()) {
        CHECK_FALSE(table.has_value());
        return;
    }
    REQUIRE(table.has_value());
    CHECK(rows_of(*table) == rows_of(expected["rows"]));
    if (const auto* delimiter = expected["delimiter"].string()) {
        CHECK(std::string(1, table->delimiter()) == *delimiter);
    }
}

TEST_CASE("Every encoding, separator and line ending gives the same rows", "[exchange]") {
    const auto expected = file_json(shared_data + "csv-encodings/expected.json");
    std::size_t checked = 0;
    for (const auto& [name, each] : *expected["files"].object()) {
        if (is_for_later(name)) continue;
        check_file(name, each);
        ++checked;
    }
    CHECK(checked == 21);
}

TEST_CASE("An old encoding is refused at the first cell that shows it", "[exchange]") {
    for (const std::string name : {"windows1252.csv", "big5.csv"}) {
        INFO(name);
        Problems problems;
        CHECK_FALSE(read_shared("csv-encodings/" + name, problems).has_value());
        REQUIRE_FALSE(problems.kept().empty());
        CHECK(problems.kept()[0].code == "invalid_utf8");
        CHECK(problems.kept()[0].line == (name == "big5.csv" ? 1 : 2));
        CHECK(problems.kept()[0].column == 2);
    }
}

TEST_CASE("A title above the column names is left out where a person says so", "[exchange]") {
    const auto expected = file_json(shared_data + "csv-encodings/expected.json");
    const auto& file = expected["files"]["title-rows.csv"];
    TableOptions options;
    options.header_line = static_cast<std::size_t>(*file["header_line"].integer());
    Problems problems;
    const auto table = read_shared("csv-encodings/title-rows.csv", problems, options);
    REQUIRE(table.has_value());
    auto rows = rows_of(*table);
    CHECK(rows.back() == std::vector<std::string>{"Total", "6", "", "", "", ""});
    rows.pop_back();
    CHECK(rows == rows_of(file["rows"]));
    CHECK(table->header_line() == 4);
    CHECK(table->line(0) == 5);
    CHECK(table->blank_lines() == 1);
}

TEST_CASE("The torture tables give the rows of their JSON twins", "[exchange]") {
    // Not location_coordinates and newlines_crlf, whose twins say something else than they do.
    for (const std::string name : {"comma_in_quotes",
                                   "empty",
                                   "empty_crlf",
                                   "escaped_quotes",
                                   "json",
                                   "newlines",
                                   "quotes_and_newlines",
                                   "simple",
                                   "simple_crlf",
                                   "utf8"}) {
        INFO(name);
        Problems problems;
        const auto table = read_shared("csv-torture/spectrum/csvs/" + name + ".csv", problems);
        REQUIRE(table.has_value());
        CHECK(problems.kept().empty());
        const auto twin = file_json(shared_data + "csv-torture/spectrum/json/" + name + ".json");
        Json rows = Json::Array{};
        for (std::size_t row = 0; row < table->rows(); ++row) {
            Json each;
            for (std::size_t i = 0; i < table->header().size(); ++i) {
                each.set(table->header()[i], table->cell(row, i));
            }
            rows.push(std::move(each));
        }
        CHECK(print_json(rows) == print_json(twin));
    }
}

TEST_CASE("Lines may end in any way, even in several ways in one file", "[exchange]") {
    for (const std::string name : {"cr-line-endings",
                                   "crlf-line-endings",
                                   "lf-line-endings",
                                   "inconsistent-line-endings",
                                   "inconsistent-line-endings-unquoted"}) {
        INFO(name);
        Problems problems;
        const auto table = read_shared("csv-torture/csvlint/" + name + ".csv", problems);
        REQUIRE(table.has_value());
        CHECK(problems.kept().empty());
        CHECK(rows_of(*table)[1] == std::vector<std::string>{"Biff", "Baff", "Boff"});
        CHECK(rows_of(*table)[2] == std::vector<std::string>{"Qux", "Teaspoon", "Doge"});
        CHECK(table->line(1) == 3);
    }
}

TEST_CASE("Text after a closing quote is kept as it stands and told", "[exchange]") {
    Problems problems;
    const auto table = read_shared("csv-torture/csvlint/invalid_many_rows.csv", problems);
    REQUIRE(table.has_value());
    CHECK(marks_of(problems) == std::vector<std::string>{"4 quote_inside_field warning"});
    CHECK(problems.kept()[0].column == 3);
    CHECK(table->cell(2, 2) == "\"3\" \"");
    CHECK(table->blank_lines() == 2);
    CHECK(table->line(table->rows() - 1) == 12);
}

TEST_CASE("Workbooks are told apart from text", "[exchange]") {
    for (const std::string name : {"spreadsheet.xls", "spreadsheet.xlsx"}) {
        Problems problems;
        CHECK_FALSE(read_shared("csv-torture/csvlint/" + name, problems).has_value());
        CHECK(marks_of(problems) == std::vector<std::string>{"0 bad_encoding error"});
    }
}

}  // namespace
}  // namespace trellis::clients
