// SPDX-License-Identifier: Apache-2.0
#include "bench/table.hpp"

#include <cstdio>

namespace trellis::bench {

std::string number(double value, int digits) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, value);
    return text;
}

std::string whole(double value) {
    std::string digits = number(value, 0);
    for (auto at = static_cast<int>(digits.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3) {
        digits.insert(static_cast<std::size_t>(at), ",");
    }
    return digits;
}

void at_least(Table& table, Line line, double ratio, double target) {
    line.ratio = number(ratio);
    line.target = ">= " + number(target);
    line.met = ratio >= target;
    table.push_back(std::move(line));
}

void at_most(Table& table, Line line, double figure, double target) {
    line.target = "<= " + number(target, target < 10 ? 2 : 0);
    line.met = figure <= target;
    table.push_back(std::move(line));
}

std::string to_markdown(const Table& table) {
    std::string text =
        "| what | here | baseline in the same process | ratio | target | met | note |\n"
        "|---|---|---|---|---|---|---|\n";
    for (const auto& line : table) {
        text += "| " + line.what + " | " + line.figure + " | " + line.baseline + " | " +
                line.ratio + " | " + line.target + " | " + (line.met ? "yes" : "**missed**") +
                " | " + line.note + " |\n";
    }
    return text;
}

}  // namespace trellis::bench
