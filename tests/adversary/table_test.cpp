// SPDX-License-Identifier: Apache-2.0
// README.md of this folder, held to the truth.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace {

const std::string folder = "tests/adversary/";

std::string read(const std::string& path) {
    std::ifstream file(path);
    if (!file) FAIL("cannot read " << path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// The names of the tests of a source file, their pieces joined.
std::set<std::string> tests_of(const std::string& path) {
    const auto text = read(path);
    std::set<std::string> names;
    for (auto at = text.find("TEST_CASE("); at != std::string::npos;
         at = text.find("TEST_CASE(", at + 1)) {
        std::string name;
        for (auto from = text.find('"', at);;) {
            const auto to = text.find('"', from + 1);
            name += text.substr(from + 1, to - from - 1);
            from = text.find_first_not_of(" \n", to + 1);
            if (from == std::string::npos || text[from] != '"') break;
        }
        names.insert(name);
    }
    return names;
}

struct Row {
    std::string how;
    std::string where;
};

std::string trimmed(const std::string& text) {
    const auto from = text.find_first_not_of(' ');
    if (from == std::string::npos) return "";
    return text.substr(from, text.find_last_not_of(' ') - from + 1);
}

/// The rows whose first cell is an id, by id.
std::multimap<std::string, Row> rows() {
    std::multimap<std::string, Row> rows;
    std::istringstream text(read(folder + "README.md"));
    for (std::string line; std::getline(text, line);) {
        const bool is_row = line.size() > 8 && line[0] == '|' && line[2] >= 'A' && line[3] == '-';
        if (!is_row) continue;
        std::vector<std::string> cells;
        std::istringstream in(line.substr(1));
        for (std::string cell; std::getline(in, cell, '|');) cells.push_back(trimmed(cell));
        CAPTURE(line);
        REQUIRE(cells.size() == 4);
        rows.insert({cells[0], {cells[2], cells[3]}});
    }
    return rows;
}

/// What stands between two marks, each time.
std::vector<std::string> between(const std::string& text, char mark) {
    std::vector<std::string> found;
    for (auto from = text.find(mark); from != std::string::npos;) {
        const auto to = text.find(mark, from + 1);
        if (to == std::string::npos) break;
        found.push_back(text.substr(from + 1, to - from - 1));
        from = text.find(mark, to + 1);
    }
    return found;
}

std::set<std::string> tests_named_in(const std::string& where) {
    std::set<std::string> tests;
    for (const auto& word : between(where, '`')) {
        if (!word.ends_with("_test.cpp")) continue;
        const auto path = word.find('/') == std::string::npos ? folder + word : word;
        tests.merge(tests_of(path));
    }
    return tests;
}

bool has_id(const std::string& name, const std::string& id) {
    const auto at = (" " + name + " ").find(" " + id + " ");
    return at != std::string::npos;
}

}  // namespace

TEST_CASE("every attack of the catalogue stands in the table once", "[adversary]") {
    const std::map<char, int> groups{{'A', 5},  {'B', 23}, {'E', 9},  {'F', 9},
                                     {'G', 6},  {'K', 7},  {'L', 16}, {'M', 6},
                                     {'N', 21}, {'P', 10}, {'R', 13}, {'V', 13},
                                     {'W', 11}, {'X', 8}};
    const auto all = rows();
    std::size_t count = 0;
    for (const auto& [group, last] : groups) {
        for (int number = 1; number <= last; ++number, ++count) {
            const auto id = std::string(1, group) + (number < 10 ? "-0" : "-") +
                            std::to_string(number);
            CAPTURE(id);
            CHECK(all.count(id) == 1);
        }
    }
    CHECK(all.size() == count);
}

TEST_CASE("what the table says is tested is the name of a test there", "[adversary]") {
    for (const auto& [id, row] : rows()) {
        CAPTURE(id, row.how, row.where);
        REQUIRE_FALSE(row.where.empty());
        const bool is_tested = row.how == "real" || row.how == "parts";
        CHECK((is_tested || row.how == "not yet" || row.how == "none"));
        const auto tests = tests_named_in(row.where);
        for (const auto& title : between(row.where, '"')) CHECK(tests.count(title) == 1);
        if (!is_tested) continue;
        const auto names_it = [&](const std::string& name) { return has_id(name, id); };
        const bool is_named = std::any_of(tests.begin(), tests.end(), names_it);
        CHECK((is_named || !between(row.where, '"').empty()));
        if (row.how != "real") continue;
        CHECK(row.where.starts_with("`real_"));
        const auto first = tests_of(folder + between(row.where, '`').front());
        CHECK(std::any_of(first.begin(), first.end(), names_it));
    }
}

TEST_CASE("every test that is named after an attack stands in the table", "[adversary]") {
    const auto all = rows();
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const auto path = entry.path().string();
        if (!path.ends_with("_test.cpp")) continue;
        for (const auto& name : tests_of(path)) {
            std::istringstream words(name);
            for (std::string word; words >> word;) {
                const bool is_id = word.size() == 4 && word[1] == '-' && word[2] >= '0' &&
                                   word[2] <= '9';
                CAPTURE(path, name, word);
                if (is_id) CHECK(all.count(word) == 1);
            }
        }
    }
}
