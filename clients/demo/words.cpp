// SPDX-License-Identifier: Apache-2.0
#include "clients/demo/words.hpp"

#include <array>
#include <string_view>

#include "core/base/check.hpp"

namespace trellis::demo {
namespace {

constexpr std::array<std::string_view, 10> starts{"Bren", "Quil", "Zor", "Vash", "Mirr",
                                                  "Thal", "Orv",  "Plim", "Drax", "Wend"};
constexpr std::array<std::string_view, 8> middles{"di", "ka", "lo", "mu", "ra", "ve", "xi", "zo"};
constexpr std::array<std::string_view, 10> ends{"wick", "thorpe", "vandel", "quist",  "bane",
                                                "mere", "lund",   "dotter", "fax", "holm"};
constexpr std::size_t phones_max = 100;  // 555-0100 to 555-0199 belong to nobody

}  // namespace

std::string PlantedWords::name() {
    TRELLIS_CHECK(taken_.size() < word_count);
    const auto i = names_++;
    // The third syllable moves on with every round of the first two, so that none comes twice.
    const auto round = i / (starts.size() * middles.size());
    std::string word(starts[i % starts.size()]);
    word += middles[i / starts.size() % middles.size()];
    word += ends[(i * 7 + round) % ends.size()];
    taken_.push_back(word);
    return word;
}

std::string PlantedWords::phone() {
    TRELLIS_CHECK(taken_.size() < word_count && phones_ < phones_max);
    const auto number = std::to_string(100 + phones_++);
    taken_.push_back("(361) 555-0" + number);
    return taken_.back();
}

}  // namespace trellis::demo
