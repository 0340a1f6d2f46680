// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "clients/cli/terminal.hpp"

namespace trellis::clients {

/// One cell: its text is made tame when it is printed.
struct Cell {
    std::string text;
    Colour colour = Colour::plain;

    Cell(std::string from) : text(std::move(from)) {}  // NOLINT: texts read as cells
    Cell(const char* from) : text(from) {}             // NOLINT
    Cell(std::string from, Colour in) : text(std::move(from)), colour(in) {}
};

/// Rows of cells in aligned columns. On a terminal the widest columns give way until a row fits
/// on a line; elsewhere nothing is cut.
class TextTable {
public:
    explicit TextTable(std::vector<std::string> header) : header_(std::move(header)) {}

    /// Requires: one cell for each column.
    void add(std::vector<Cell> row);
    [[nodiscard]] bool is_empty() const { return rows_.empty(); }
    [[nodiscard]] std::size_t rows() const { return rows_.size(); }

    /// Every line ends in a line break and begins with `indent` blanks.
    [[nodiscard]] std::string text(const Terminal& terminal, std::size_t indent = 0) const;

private:
    [[nodiscard]] std::vector<std::size_t> widths(std::size_t available) const;

    std::vector<std::string> header_;
    std::vector<std::vector<Cell>> rows_;
};

}  // namespace trellis::clients
