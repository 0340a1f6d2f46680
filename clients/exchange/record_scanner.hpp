// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trellis::clients {

/// One cell as it stands in the text; borrowed.
struct RawCell {
    std::string_view text;   ///< without its outer quotes, unless they are stray
    bool has_pairs = false;  ///< holds doubled quotes that stand for one
    bool has_stray = false;  ///< text goes on after a closing quote: `text` is all of it

    void append_to(std::string& out) const;
};

/// One record of the text.
struct RawRecord {
    std::size_t line = 0;        ///< physical line where it begins
    std::vector<RawCell> cells;  ///< the first limits::exchange_columns_max and one more
    std::size_t count = 0;       ///< of all cells
    std::size_t open_quote = 0;  ///< line of a quote that is never closed; 0: none
};

/// Cuts a text into records and cells (RFC 4180, and what people make of it). Total: any text
/// is some records.
class RecordScanner {
public:
    RecordScanner(std::string_view text, char delimiter, std::size_t first_line)
        : text_(text), delimiter_(delimiter), line_(first_line) {}

    /// False at the end of the text, and after a quote that is never closed.
    bool next(RawRecord& record);

private:
    void read_cell(RawRecord& record);
    void read_quoted(RawRecord& record);
    /// Takes one line break.
    void end_line();
    [[nodiscard]] bool ends_cell(std::size_t at) const;
    [[nodiscard]] std::size_t end_of_cell(std::size_t from) const;
    static void keep(RawRecord& record, const RawCell& cell);

    std::string_view text_;
    char delimiter_;
    std::size_t line_;
    std::size_t at_ = 0;
};

/// Whichever of comma, tab and semicolon gives the most constant number of cells over the
/// first records; a comma where none does.
char find_delimiter(std::string_view text);

}  // namespace trellis::clients
