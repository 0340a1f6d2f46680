// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/exchange/problems.hpp"
#include "clients/exchange/table_text.hpp"
#include "core/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace trellis::clients {

struct TableOptions {
    char delimiter = '\0';        ///< '\0': whichever of comma, tab and semicolon fits best
    std::size_t header_line = 0;  ///< physical line; 0: the first line that is not blank
    /// A quote in the middle of a quoted cell is an error (RFC 4180), not a warning.
    bool strict_quotes = false;
};

/// A table out of a text file: well-formed UTF-8, every row as wide as the header.
/// All its texts lie in one buffer, so a large file costs little more than its own size.
class Table {
public:
    /// Tidy, and each name once: a repeated one is called "Phone (2)".
    [[nodiscard]] const std::vector<std::string>& header() const { return header_; }
    [[nodiscard]] std::size_t header_line() const { return header_line_; }
    [[nodiscard]] std::size_t rows() const { return lines_.size(); }
    /// The physical line where a row begins. Requires: row < rows().
    [[nodiscard]] std::size_t line(std::size_t row) const { return lines_[row]; }
    /// As it stands in the file, blanks included; borrowed.
    /// Requires: row < rows(), column < header().size().
    [[nodiscard]] std::string_view cell(std::size_t row, std::size_t column) const;

    [[nodiscard]] char delimiter() const { return delimiter_; }
    [[nodiscard]] Encoding encoding() const { return encoding_; }
    /// Lines left out because every cell was blank.
    [[nodiscard]] std::size_t blank_lines() const { return blank_lines_; }

private:
    friend class TableReader;
    std::vector<std::string> header_;
    std::size_t header_line_ = 0;
    std::string text_;
    std::vector<std::uint32_t> ends_;  ///< of each cell, in text_
    std::vector<std::uint32_t> lines_;
    char delimiter_ = ',';
    Encoding encoding_ = Encoding::utf8;
    std::size_t blank_lines_ = 0;
};

/// Reads CSV or TSV with its habits: quotes, CRLF, LF or CR, a byte order mark, UTF-8 or marked
/// UTF-16, a first line "sep=;", blank lines. `file` names the bytes in what is added to
/// `problems`; where that is an error, the result is its summary.
Result<Table> read_table(const std::string& file,
                         ByteView bytes,
                         const TableOptions& options,
                         Problems& problems);

}  // namespace trellis::clients
