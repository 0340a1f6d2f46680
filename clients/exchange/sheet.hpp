// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/exchange/table.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trellis::clients {

struct ColumnRule {
    std::string_view name;
    bool is_required = false;  ///< the column must be there and no cell of it blank
    bool is_list = false;      ///< several ids in one cell
    bool is_left_out = false;  ///< never read, whatever it holds: passwords, race, sex
};

/// One data file of a OneRoster package: its rows by sourcedId, its cells by column name.
class Sheet {
public:
    /// One row, to be read cell by cell and to complain about.
    class Row {
    public:
        Row(const Sheet& sheet, std::size_t row) : sheet_(&sheet), row_(row) {}

        /// Without outer blanks; empty where there is no such column. Borrowed from the sheet.
        [[nodiscard]] std::string_view text(std::string_view column) const;
        [[nodiscard]] std::string string(std::string_view column) const {
            return std::string(text(column));
        }
        [[nodiscard]] std::string id() const { return string("sourcedId"); }
        /// The parts of a list cell ("a,b" or a JSON array), without blank ones. Reports a
        /// malformed or a too long one.
        [[nodiscard]] std::vector<std::string> list(std::string_view column,
                                                    Problems& problems) const;
        /// Empty where the cell is; reports one that is no day.
        [[nodiscard]] std::string date(std::string_view column, Problems& problems) const;
        [[nodiscard]] std::size_t line() const { return sheet_->table_.line(row_); }
        void report(Problems& problems,
                    std::string_view column,
                    std::string code,
                    std::string reason,
                    Severity severity = Severity::error) const;

    private:
        const Sheet* sheet_;
        std::size_t row_;
    };

    /// Reads and checks what every data file has in common: columns, required cells, lengths,
    /// unique sourcedIds, the blank status of a bulk file. Nothing where it is no table.
    static std::optional<Sheet> open(const std::string& file,
                                     ByteView bytes,
                                     const std::vector<ColumnRule>& rules,
                                     Problems& problems);

    [[nodiscard]] std::size_t rows() const { return table_.rows(); }
    [[nodiscard]] Row row(std::size_t index) const { return {*this, index}; }
    [[nodiscard]] bool has(std::string_view id) const { return row_of_.find(id) != row_of_.end(); }
    /// Requires: has(id).
    [[nodiscard]] Row find(std::string_view id) const { return row(row_of_.find(id)->second); }

private:
    Sheet(std::string file, Table table) : file_(std::move(file)), table_(std::move(table)) {}
    bool check_columns(const std::vector<ColumnRule>& rules, Problems& problems);
    void check_row(Row row, const std::vector<ColumnRule>& rules, Problems& problems);
    void check_id(Row row, std::size_t index, Problems& problems);
    void check_status(Row row, Problems& problems);
    void check_texts(std::size_t index, Problems& problems) const;
    [[nodiscard]] std::size_t number_of(std::string_view column) const;

    std::string file_;
    Table table_;
    std::map<std::string, std::size_t, std::less<>> column_of_;
    std::vector<std::size_t> longest_;  ///< bytes that a cell may have, by column
    std::map<std::string, std::size_t, std::less<>> row_of_;
    bool told_status_ = false;
    std::map<std::string_view, bool> told_left_out_;
};

}  // namespace trellis::clients
