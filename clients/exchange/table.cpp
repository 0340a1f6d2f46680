// SPDX-License-Identifier: Apache-2.0
#include "clients/exchange/table.hpp"

#include "clients/exchange/record_scanner.hpp"
#include "core/base/limits.hpp"

#include <algorithm>
#include <set>

namespace trellis::clients {

std::string_view Table::cell(std::size_t row, std::size_t column) const {
    const auto at = row * header_.size() + column;
    const std::size_t begin = at == 0 ? 0 : ends_[at - 1];
    return std::string_view(text_).substr(begin, ends_[at] - begin);
}

class TableReader {
public:
    TableReader(const std::string& file, const TableOptions& options, Problems& problems)
        : file_(file), options_(options), problems_(problems), errors_before_(problems.errors()) {}

    Result<Table> read(ByteView bytes) {
        if (take(bytes)) read_records();
        if (problems_.errors() > errors_before_) return own_.summary();
        return std::move(table_);
    }

private:
    /// Everything goes to the whole import's list; the first also into this file's answer.
    void report(std::size_t line,
                std::size_t column,
                std::string code,
                std::string reason,
                Severity severity = Severity::error) {
        Problem problem{file_, line, column, std::move(code), std::move(reason), severity};
        own_.add(problem);
        problems_.add(std::move(problem));
    }

    /// Finds the text in the bytes and how it is cut. False where there is nothing to read.
    bool take(ByteView bytes) {
        if (bytes.size() > limits::exchange_file_max) {
            report(0,
                   0,
                   "too_large",
                   "the file is larger than " + std::to_string(limits::exchange_file_max) +
                       " bytes; split it");
            return false;
        }
        const auto beginning = beginning_of(bytes);
        table_.encoding_ = beginning.encoding;
        bytes = bytes.subspan(beginning.mark_size);
        if (!decode(bytes) || !looks_like_text()) return false;
        if (without_blanks(text_).empty()) {
            report(0, 0, "empty_file", "the file is empty");
            return false;
        }
        table_.delimiter_ = options_.delimiter;
        take_separator_line();
        if (table_.delimiter_ == '\0') table_.delimiter_ = find_delimiter(text_);
        return true;
    }

    bool decode(ByteView bytes) {
        if (table_.encoding_ == Encoding::utf8) {
            text_ = as_text(bytes);
            is_utf8_ = is_utf8(text_);
            return true;
        }
        auto decoded = decode_utf16(bytes, table_.encoding_ == Encoding::utf16_big);
        decoded_ = std::move(decoded.text);
        text_ = decoded_;
        if (decoded.is_whole) return true;
        report(count_line_breaks(text_) + 1,
               0,
               "bad_encoding",
               "the file says it is UTF-16, but here it is not; save it again as UTF-8");
        return false;
    }

    bool looks_like_text() {
        const bool is_zip = text_.starts_with("PK\x03\x04");
        if (!is_zip && !text_.starts_with("\xD0\xCF\x11\xE0")) return true;
        report(0,
               0,
               "bad_encoding",
               is_zip ? "this is a zip or a workbook, not a text table; save it as CSV"
                      : "this is an old Excel workbook, not a text table; save it as CSV");
        return false;
    }

    /// "sep=;" alone on the first line is Excel's directive, not data.
    void take_separator_line() {
        constexpr std::size_t size = 5;
        if (!text_.starts_with("sep=") || text_.size() <= size) return;
        const auto rest = text_.substr(size);
        if (rest.front() != '\r' && rest.front() != '\n') return;
        if (text_[size - 1] == '"') return;
        if (table_.delimiter_ == '\0') table_.delimiter_ = text_[size - 1];
        text_ = rest.substr(rest.starts_with("\r\n") ? 2 : 1);
        first_line_ = 2;
    }

    void read_records() {
        RecordScanner scanner(text_, table_.delimiter_, first_line_);
        RawRecord record;
        while (scanner.next(record)) {
            if (record.line < options_.header_line) continue;
            if (record.open_quote > 0) {
                report(record.open_quote,
                       record.count,
                       "unterminated_quote",
                       "a quote is opened here and never closed; the rest was not read");
                return;
            }
            if (is_blank(record)) {
                ++table_.blank_lines_;
            } else if (!take_record(record)) {
                return;
            }
        }
        if (table_.header_.empty()) {
            report(0, 0, "empty_file", "the file has no line with column names");
        } else if (table_.rows() == 0 && own_.errors() == 0) {
            report(table_.header_line_,
                   0,
                   "no_data_rows",
                   "the file has column names and no rows",
                   Severity::warning);
        }
    }

    static bool is_blank(const RawRecord& record) {
        return record.count == record.cells.size() &&
               std::all_of(record.cells.begin(), record.cells.end(), [](const RawCell& cell) {
                   return without_blanks(cell.text).empty();
               });
    }

    /// False where there is no point in reading on.
    bool take_record(const RawRecord& record) {
        if (record.count > limits::exchange_columns_max) {
            report(record.line,
                   0,
                   "too_large",
                   "the line has more than " + std::to_string(limits::exchange_columns_max) +
                       " cells");
            return false;
        }
        check_cells(record);
        if (table_.header_.empty()) {
            take_header(record);
            return true;
        }
        if (record.count != table_.header_.size()) {
            const bool is_short = record.count < table_.header_.size();
            report(record.line,
                   0,
                   is_short ? "too_few_fields" : "too_many_fields",
                   "the line has " + std::to_string(record.count) + " cells, but there are " +
                       std::to_string(table_.header_.size()) + " columns");
            return true;
        }
        if (table_.rows() == limits::exchange_rows_max) {
            report(record.line,
                   0,
                   "too_large",
                   "the file has more than " + std::to_string(limits::exchange_rows_max) +
                       " rows; split it");
            return false;
        }
        for (const auto& cell : record.cells) {
            cell.append_to(table_.text_);
            table_.ends_.push_back(static_cast<std::uint32_t>(table_.text_.size()));
        }
        table_.lines_.push_back(static_cast<std::uint32_t>(record.line));
        return true;
    }

    void check_cells(const RawRecord& record) {
        for (std::size_t i = 0; i < record.cells.size(); ++i) {
            const auto& cell = record.cells[i];
            if (cell.text.size() > limits::exchange_cell_max) {
                report(record.line,
                       i + 1,
                       "field_too_long",
                       "the cell is longer than " + std::to_string(limits::exchange_cell_max) +
                           " bytes");
            }
            if (!is_utf8_ && !is_utf8(cell.text)) {
                report(record.line,
                       i + 1,
                       "invalid_utf8",
                       "the cell is not UTF-8; save the file as \"CSV UTF-8\"");
            }
            if (cell.text.find('\0') != std::string_view::npos) {
                report(record.line,
                       i + 1,
                       "nul_byte",
                       "the cell holds a NUL byte; save the file as \"CSV UTF-8\"");
            }
            if (cell.has_stray) {
                report(record.line,
                       i + 1,
                       "quote_inside_field",
                       "text goes on after the closing quote; double the quotes inside a cell",
                       options_.strict_quotes ? Severity::error : Severity::warning);
            }
        }
    }

    void take_header(const RawRecord& record) {
        table_.header_line_ = record.line;
        std::set<std::string, std::less<>> taken;
        for (const auto& cell : record.cells) {
            std::string raw;
            cell.append_to(raw);
            auto name = tidy_name(raw);
            const auto plain = name;
            for (int number = 2; !name.empty() && !taken.insert(name).second; ++number) {
                name = plain + " (" + std::to_string(number) + ")";
            }
            table_.header_.push_back(std::move(name));
            if (table_.header_.back() == plain) continue;
            report(record.line,
                   table_.header_.size(),
                   "duplicate_header",
                   "an earlier column has the same name; this one is numbered",
                   Severity::warning);
        }
    }

    const std::string& file_;
    const TableOptions& options_;
    Problems& problems_;
    std::size_t errors_before_;
    Problems own_;
    std::string decoded_;
    std::string_view text_;
    bool is_utf8_ = true;
    std::size_t first_line_ = 1;
    Table table_;
};

Result<Table> read_table(const std::string& file,
                         ByteView bytes,
                         const TableOptions& options,
                         Problems& problems) {
    return TableReader(file, options, problems).read(bytes);
}

}  // namespace trellis::clients
