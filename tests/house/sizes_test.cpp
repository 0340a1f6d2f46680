// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/house/source_tree.hpp"

using trellis::test::source_files;

TEST_CASE("every source file says its licence first", "[house]") {
    for (const auto& file : source_files()) {
        CAPTURE(file.path);
        REQUIRE_FALSE(file.lines.empty());
        CHECK(file.lines[0] == "// SPDX-License-Identifier: Apache-2.0");
    }
}

TEST_CASE("no file is longer than a reader's patience", "[house]") {
    for (const auto& file : source_files()) {
        CAPTURE(file.path);
        CHECK(file.lines.size() <= 420);
    }
}

TEST_CASE("no line is wider than 110 columns", "[house]") {
    // Bytes, not columns: texts in other scripts are given twice the room.
    for (const auto& file : source_files()) {
        for (std::size_t i = 0; i < file.lines.size(); ++i) {
            const auto& line = file.lines[i];
            const bool is_ascii =
                std::all_of(line.begin(), line.end(), [](char c) { return (c & 0x80) == 0; });
            if (!is_ascii || line.size() <= 110) continue;
            CAPTURE(file.path, i + 1);
            CHECK(line.size() <= 110);
        }
    }
}

TEST_CASE("nothing is left unfinished in the sources", "[house]") {
    const std::string marks[] = {std::string("TO") + "DO", std::string("FIX") + "ME"};
    for (const auto& file : source_files()) {
        for (const auto& line : file.lines) {
            for (const auto& mark : marks) {
                if (line.find(mark) == std::string::npos) continue;
                CAPTURE(file.path, line);
                FAIL_CHECK("an unfinished mark");
            }
        }
    }
}
