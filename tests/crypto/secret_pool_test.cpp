// SPDX-License-Identifier: Apache-2.0
#include "crypto/primitive/secret_pool.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <thread>
#include <vector>

#include "crypto/primitive/secret_bytes.hpp"

using namespace trellis;
using namespace trellis::crypto;

namespace {

bool holds_only(const std::uint8_t* cell, std::uint8_t what) {
    return std::all_of(cell, cell + secret_cell_size, [&](auto byte) { return byte == what; });
}

}  // namespace

TEST_CASE("no two cells overlap, and each begins empty", "[crypto]") {
    std::set<std::uint8_t*> cells;
    for (std::size_t i = 0; i < 2 * secret_slab_cells + 1; ++i) {
        auto* cell = take_secret_cell();
        REQUIRE(cell != nullptr);
        REQUIRE(holds_only(cell, 0));
        std::fill_n(cell, secret_cell_size, std::uint8_t{0xA5});
        REQUIRE(cells.insert(cell).second);
    }
    for (auto at = cells.begin(); std::next(at) != cells.end(); ++at) {
        REQUIRE(*std::next(at) - *at >= static_cast<std::ptrdiff_t>(secret_cell_size));
    }
    for (auto* cell : cells) REQUIRE(holds_only(cell, 0xA5));
    for (auto* cell : cells) give_secret_cell(cell);
}

TEST_CASE("what was in a cell is gone when it is given back", "[crypto]") {
    auto* cell = take_secret_cell();
    std::fill_n(cell, secret_cell_size, std::uint8_t{0xA5});
    give_secret_cell(cell);
    // But for the pointer to the next free one.
    CHECK(std::count(cell, cell + secret_cell_size, std::uint8_t{0xA5}) <=
          static_cast<std::ptrdiff_t>(sizeof(void*)));
    CHECK(std::count(cell + sizeof(void*), cell + secret_cell_size, 0) ==
          static_cast<std::ptrdiff_t>(secret_cell_size - sizeof(void*)));
    auto* again = take_secret_cell();
    CHECK(again == cell);
    CHECK(holds_only(again, 0));
    give_secret_cell(again);
}

TEST_CASE("threads that take and give at once never share a cell", "[crypto]") {
    const auto work = [](std::uint8_t mark, bool& good) {
        for (int round = 0; round < 2'000; ++round) {
            std::vector<std::uint8_t*> mine;
            for (int i = 0; i < 7; ++i) {
                mine.push_back(take_secret_cell());
                good = good && holds_only(mine.back(), 0);
                std::fill_n(mine.back(), secret_cell_size, mark);
            }
            for (auto* cell : mine) good = good && holds_only(cell, mark);
            for (auto* cell : mine) give_secret_cell(cell);
        }
    };
    constexpr std::size_t count = 4;
    bool good[count] = {true, true, true, true};
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i) {
        threads.emplace_back(work, static_cast<std::uint8_t>(0x11 * (i + 1)), std::ref(good[i]));
    }
    for (auto& thread : threads) thread.join();
    for (const bool one : good) CHECK(one);
}

TEST_CASE("a hundred thousand keys live at once", "[crypto]") {
    std::vector<Key> keys(100'000);
    keys.front().span()[0] = 1;
    CHECK(keys.back().view()[0] == 0);
}

TEST_CASE("a secret is in a shared page up to the size of a cell, and else has its own", "[crypto]") {
    // Both have to be free of what was there before.
    const auto check = [](auto made) {
        std::fill(made.span().begin(), made.span().end(), std::uint8_t{7});
        const auto* before = made.view().data();
        { const auto gone = std::move(made); }
        return before;
    };
    const auto* cell = check(SecretBytes<secret_cell_size>());
    CHECK(SecretBytes<secret_cell_size>().view().data() == cell);
    check(SecretBytes<secret_cell_size + 1>());
    const SecretBytes<secret_cell_size + 1> own;
    CHECK(std::all_of(own.view().begin(), own.view().end(), [](auto byte) { return byte == 0; }));
}
