// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/table_print.hpp"

#include <algorithm>
#include <numeric>

#include "core/base/check.hpp"

namespace trellis::clients {
namespace {

constexpr std::size_t gap = 2;
constexpr std::size_t narrowest = 6;

std::string padded(const std::string& text, std::size_t width, bool is_last) {
    const auto cut = cut_to_width(text, width);
    const auto used = display_width(cut);
    return is_last || used >= width ? cut : cut + std::string(width - used, ' ');
}

}  // namespace

void TextTable::add(std::vector<Cell> row) {
    TRELLIS_CHECK(row.size() == header_.size());
    for (auto& cell : row) cell.text = tame(cell.text);
    rows_.push_back(std::move(row));
}

std::vector<std::size_t> TextTable::widths(std::size_t available) const {
    std::vector<std::size_t> widths;
    for (const auto& title : header_) widths.push_back(display_width(title));
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], display_width(row[i].text));
        }
    }
    if (available == 0) return widths;
    const auto gaps = gap * (widths.size() - 1);
    while (std::accumulate(widths.begin(), widths.end(), gaps) > available) {
        const auto widest = std::max_element(widths.begin(), widths.end());
        if (*widest <= narrowest) break;
        --*widest;
    }
    return widths;
}

std::string TextTable::text(const Terminal& terminal, std::size_t indent) const {
    const auto width = terminal.width();
    const auto columns = widths(width > indent ? width - indent : 0);
    const std::string margin(indent, ' ');
    const std::string between(gap, ' ');
    std::string out;
    const auto line = [&](const auto& cell_text) {
        out += margin;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (i > 0) out += between;
            out += cell_text(i, i + 1 == columns.size());
        }
        while (!out.empty() && out.back() == ' ') out.pop_back();
        out += '\n';
    };
    const bool has_header = std::any_of(header_.begin(), header_.end(),
                                        [](const auto& title) { return !title.empty(); });
    if (has_header) {
        line([&](std::size_t i, bool is_last) {
            return terminal.paint(Colour::faint, padded(header_[i], columns[i], is_last));
        });
    }
    for (const auto& row : rows_) {
        line([&](std::size_t i, bool is_last) {
            return terminal.paint(row[i].colour, padded(row[i].text, columns[i], is_last));
        });
    }
    return out;
}

}  // namespace trellis::clients
