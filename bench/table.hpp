// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace trellis::bench {

/// One figure: what was measured, beside its baseline from the same process, and the target.
struct Line {
    std::string what;
    std::string figure;
    std::string baseline;
    std::string ratio;     ///< or the figure itself where there is no baseline
    std::string target;
    bool met = false;
    std::string note;      ///< what dominates, where the target is missed
};

using Table = std::vector<Line>;

std::string number(double value, int digits = 2);
/// With thousands separated.
std::string whole(double value);

/// Adds a line whose ratio must be at least `target`.
void at_least(Table& table, Line line, double ratio, double target);
/// Adds a line whose figure must be at most `target`.
void at_most(Table& table, Line line, double figure, double target);

std::string to_markdown(const Table& table);

}  // namespace trellis::bench
