// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/bytes.hpp"

// An example is a line that begins with its fixture in backticks, and the fenced block on the
// next line. ```hex is the fixture's bytes, or their beginning where it ends in "…"; in ```json
// and ```text every line stands in the fixture as it is.
namespace trellis {
namespace {

const std::string path_start = "`fixtures/";
const std::string fence = "```";
const std::string more = "…";

std::vector<std::string> pages() {
    return {"docs/format.md", "docs/protocol.md"};
}

std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) FAIL("cannot read " << path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::vector<std::string> lines_of(const std::string& path) {
    std::istringstream text(read(path));
    std::vector<std::string> lines;
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
}

/// Where the path in backticks that begins at `at` ends; nothing where it does not.
std::string path_at(const std::string& line, std::size_t at) {
    const auto end = line.find('`', at + 1);
    return end == std::string::npos ? "" : line.substr(at + 1, end - at - 1);
}

struct Example {
    std::string fixture;
    std::string language;
    std::vector<std::string> lines;
};

std::vector<Example> examples_of(const std::string& page) {
    std::vector<Example> examples;
    const auto lines = lines_of(page);
    for (std::size_t i = 0; i + 1 < lines.size(); ++i) {
        if (!lines[i].starts_with(path_start) || !lines[i + 1].starts_with(fence)) continue;
        Example example{path_at(lines[i], 0), lines[i + 1].substr(fence.size()), {}};
        for (i += 2; i < lines.size() && lines[i] != fence; ++i) {
            example.lines.push_back(lines[i]);
        }
        examples.push_back(std::move(example));
    }
    return examples;
}

/// The digits of some lines, and whether they end in "…".
std::string digits_of(const std::vector<std::string>& lines, bool& is_cut) {
    std::string digits;
    for (const auto& line : lines) digits += line;
    is_cut = digits.ends_with(more);
    if (is_cut) digits.resize(digits.size() - more.size());
    std::erase_if(digits, [](char c) { return c <= ' ' && c >= 0; });
    return digits;
}

void check_hex(const Example& example) {
    bool is_cut = false;
    const auto shown = from_hex(digits_of(example.lines, is_cut));
    bool is_fixture_cut = false;
    const auto kept = from_hex(digits_of(lines_of(example.fixture), is_fixture_cut));
    REQUIRE(shown.has_value());
    REQUIRE(kept.has_value());
    CHECK_FALSE(shown->empty());
    if (is_cut) {
        REQUIRE(shown->size() < kept->size());
        CHECK(*shown == Bytes(kept->begin(), kept->begin() + std::ptrdiff_t(shown->size())));
    } else {
        CHECK(*shown == *kept);
    }
}

void check_lines(const Example& example) {
    const auto kept = read(example.fixture);
    for (const auto& line : example.lines) {
        CAPTURE(line);
        if (line == more) continue;
        CHECK_FALSE(line.empty());
        CHECK(kept.find(line) != std::string::npos);
    }
}

/// "(97 bytes)" after a fixture's name says how long it is.
void check_length(const std::string& line) {
    const std::string unit = " bytes)";
    const auto end = line.find(unit);
    const auto start = line.find(" (");
    if (end == std::string::npos || start == std::string::npos) return;
    bool is_cut = false;
    const auto kept = from_hex(digits_of(lines_of(path_at(line, 0)), is_cut));
    REQUIRE(kept.has_value());
    CHECK(line.substr(start + 2, end - start - 2) == std::to_string(kept->size()));
}

}  // namespace

TEST_CASE("every fixture that the pages about bytes name is there", "[docs]") {
    for (const auto& page : pages()) {
        std::size_t count = 0;
        const auto text = read(page);
        for (auto at = text.find(path_start); at != std::string::npos;
             at = text.find(path_start, at + 1)) {
            const auto path = path_at(text, at);
            CAPTURE(page, path);
            CHECK(std::filesystem::exists(path));
            ++count;
        }
        CHECK(count > 5);
    }
}

TEST_CASE("every example of the pages about bytes is what its fixture holds", "[docs]") {
    for (const auto& page : pages()) {
        const auto examples = examples_of(page);
        CHECK(examples.size() > 5);
        for (const auto& example : examples) {
            CAPTURE(page, example.fixture, example.language);
            REQUIRE_FALSE(example.lines.empty());
            if (example.language == "hex") {
                check_hex(example);
            } else {
                CHECK((example.language == "json" || example.language == "text"));
                check_lines(example);
            }
        }
        for (const auto& line : lines_of(page)) {
            CAPTURE(page, line);
            if (line.starts_with(path_start)) check_length(line);
        }
    }
}

TEST_CASE("every fenced block of the pages about bytes belongs to a fixture", "[docs]") {
    for (const auto& page : pages()) {
        std::size_t fences = 0;
        for (const auto& line : lines_of(page)) fences += line.starts_with(fence) ? 1 : 0;
        CAPTURE(page);
        CHECK(fences == 2 * examples_of(page).size());
    }
}

TEST_CASE("every frame fixture is shown in the page about the protocol", "[docs]") {
    std::map<std::string, std::size_t> shown;
    for (const auto& example : examples_of("docs/protocol.md")) ++shown[example.fixture];
    std::set<std::uint8_t> types;
    for (const auto& entry : std::filesystem::directory_iterator("fixtures/frame/v1")) {
        if (entry.path().extension() != ".hex") continue;
        const auto path = entry.path().generic_string();
        bool is_cut = false;
        const auto frame = from_hex(digits_of(lines_of(path), is_cut));
        REQUIRE(frame.has_value());
        REQUIRE_FALSE(frame->empty());
        // Of a message with several fixtures one is enough.
        if (shown.contains(path)) types.insert(frame->front());
    }
    for (std::uint8_t type = 1; type <= 23; ++type) {
        CAPTURE(int{type});
        CHECK(types.contains(type));
    }
}

TEST_CASE("every verb has its place in the page about scripting, and no other is there", "[docs]") {
    std::set<std::string> verbs;
    for (const auto& line : lines_of("clients/verbs/verbs.cpp")) {
        const std::string row = "        {\"";
        if (!line.starts_with(row)) continue;
        const auto end = line.find('"', row.size());
        verbs.insert(line.substr(row.size(), end - row.size()));
    }
    CHECK(verbs.size() > 40);
    std::set<std::string> shown;
    for (const auto& line : lines_of("docs/scripting.md")) {
        if (!line.starts_with("| `")) continue;
        const auto cell = line.substr(0, line.find(" |"));
        for (std::size_t at = cell.find('`'); at != std::string::npos;) {
            const auto end = cell.find('`', at + 1);
            shown.insert(cell.substr(at + 1, end - at - 1));
            at = cell.find('`', end + 1);
        }
    }
    CHECK(shown == verbs);
}

}  // namespace trellis
