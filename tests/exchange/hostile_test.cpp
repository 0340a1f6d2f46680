// SPDX-License-Identifier: Apache-2.0
// Whatever the bytes are, they are an error or a roster, never a crash.
#include "clients/exchange/table.hpp"
#include "tests/exchange/files.hpp"

#include <catch2/catch.hpp>

#include <random>

namespace trellis::clients {
namespace {

/// Reads, and where there is a roster also makes its edits.
bool survives(const Files& files) {
    Problems problems;
    const auto roster = read_oneroster(files, problems);
    if (roster) to_edits(*roster, SpaceId{}, real_ids());
    return roster.has_value() == (problems.errors() == 0);
}

TEST_CASE("A package cut anywhere is a roster or an error", "[exchange]") {
    const auto whole = small_package();
    for (const auto& [name, bytes] : whole) {
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            auto files = whole;
            files[name].resize(size);
            REQUIRE(survives(files));
        }
    }
}

TEST_CASE("A package with any byte changed is a roster or an error", "[exchange]") {
    const auto whole = small_package();
    std::mt19937 random(20'260'824);
    constexpr std::string_view nasty("\0\xFF\",\r\n;\t[]{}\x80\xEF|", 15);
    for (int round = 0; round < 4000; ++round) {
        auto files = whole;
        for (auto& [name, bytes] : files) {
            if (random() % 3 != 0) continue;
            auto& byte = bytes[random() % bytes.size()];
            byte = static_cast<std::uint8_t>(nasty[random() % nasty.size()]);
        }
        REQUIRE(survives(files));
    }
}

TEST_CASE("Any bytes are a table or an error", "[exchange]") {
    std::mt19937 random(7);
    constexpr std::string_view letters("a1\",\r\n;\t \xC3\xA9\xFF\xFE\0", 15);
    for (int round = 0; round < 20'000; ++round) {
        std::string text;
        for (auto size = random() % 40; size > 0; --size) {
            text += letters[random() % letters.size()];
        }
        Problems problems;
        const auto table = read_table("a.csv", as_bytes(text), {}, problems);
        REQUIRE(table.has_value() == (problems.errors() == 0));
        for (std::size_t row = 0; table && row < table->rows(); ++row) {
            for (std::size_t i = 0; i < table->header().size(); ++i) {
                REQUIRE(is_utf8(table->cell(row, i)));
            }
        }
    }
}

}  // namespace
}  // namespace trellis::clients
