// SPDX-License-Identifier: Apache-2.0
#include "clients/demo/stage.hpp"

namespace trellis::demo {

using clients::Colour;

void Stage::title(std::string_view text) const {
    out_.print("\n" + out_.paint(Colour::bold, text) + "\n");
}

void Stage::step(int number, std::string_view text) const {
    out_.print("\n" + out_.paint(Colour::cyan, std::to_string(number) + ". ") +
               out_.paint(Colour::bold, text) + "\n\n");
}

void Stage::say(std::string_view text) const { out_.print("  " + std::string(text) + "\n"); }

void Stage::command(std::string_view text) const {
    out_.print("  " + out_.paint(Colour::faint, "$ ") + out_.paint(Colour::cyan, text) + "\n");
}

void Stage::show(const clients::TextTable& table) const {
    out_.print("\n" + table.text(out_, 4) + "\n");
}

void Stage::promise(bool holds, std::string_view text) {
    const auto mark = holds ? out_.paint(Colour::green, "✓ ") : out_.paint(Colour::red, "✗ ");
    say(mark + std::string(text));
    if (holds) {
        ++kept_;
    } else {
        broken_.emplace_back(text);
    }
}

std::string count_text(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t i = digits.size(); i > 3;) {
        i -= 3;
        digits.insert(i, ",");
    }
    return digits;
}

std::string size_text(std::uint64_t bytes) {
    constexpr std::uint64_t unit = 1000;
    if (bytes < unit) return std::to_string(bytes) + " bytes";
    const bool is_large = bytes >= unit * unit;
    const auto tenths = (bytes * 10 + (is_large ? unit * unit : unit) / 2) /
                        (is_large ? unit * unit : unit);
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) +
           (is_large ? " MB" : " KB");
}

}  // namespace trellis::demo
