// SPDX-License-Identifier: Apache-2.0
// ARCHITECTURE.md is a map: what it names exists, and what exists at the top it names.
#include <catch2/catch.hpp>

#include <filesystem>
#include <regex>

#include "tests/house/source_tree.hpp"

using trellis::test::read_text;
using trellis::test::source_files;
using trellis::test::top_level;

TEST_CASE("every path that ARCHITECTURE.md names exists", "[house]") {
    const std::string text = read_text("ARCHITECTURE.md");
    REQUIRE_FALSE(text.empty());
    const std::regex path("`((?:core|crypto|sync|server|clients|tests|fixtures|docs|cmake|bench)/"
                          "[A-Za-z0-9_./-]*)`");
    std::size_t named = 0;
    for (std::sregex_iterator at(text.begin(), text.end(), path), end; at != end; ++at) {
        CAPTURE((*at)[1].str());
        CHECK(std::filesystem::exists((*at)[1].str()));
        ++named;
    }
    CHECK(named > 20);
}

TEST_CASE("ARCHITECTURE.md names every top-level folder", "[house]") {
    const std::string text = read_text("ARCHITECTURE.md");
    for (const auto& name : top_level()) {
        if (!std::filesystem::is_directory(name)) continue;
        CAPTURE(name);
        CHECK(text.find('`' + name + '`') != std::string::npos);
    }
}

TEST_CASE("every source file is built by a CMakeLists.txt", "[house]") {
    std::string lists;
    for (const auto* room : {"core", "crypto", "sync", "server", "clients", "tests", "bench"}) {
        for (const auto& entry : std::filesystem::recursive_directory_iterator(room)) {
            const auto extension = entry.path().extension();
            if (extension == ".txt" || extension == ".cmake") lists += read_text(entry.path().string());
        }
    }
    for (const auto& file : source_files()) {
        if (!file.path.ends_with(".cpp")) continue;
        const auto path = std::filesystem::path(file.path);
        const std::string folder = path.parent_path().filename().string();
        const std::string name = path.filename().string();
        CAPTURE(file.path);
        CHECK((lists.find(folder + "/" + name) != std::string::npos ||
               lists.find(" " + name) != std::string::npos));
    }
}
