// SPDX-License-Identifier: Apache-2.0
#include "clients/exchange/sheet.hpp"

#include "core/base/json.hpp"
#include "core/base/limits.hpp"
#include "core/record/value.hpp"

#include <algorithm>
#include <set>

namespace trellis::clients {
namespace {

/// As many ids as a person may have links.
constexpr std::size_t list_bytes_max = limits::roster_links_max * (limits::roster_id_max + 1);

bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
}

/// Some senders put a JSON array where a list belongs. Nothing where it is none.
std::optional<std::vector<std::string>> parts_of_array(std::string_view text) {
    const auto json = parse_json(text);
    if (!json || json->array() == nullptr) return std::nullopt;
    std::vector<std::string> parts;
    for (const auto& part : *json->array()) {
        if (part.string() == nullptr) return std::nullopt;
        const auto id = without_blanks(*part.string());
        if (!id.empty()) parts.emplace_back(id);
    }
    return parts;
}

std::vector<std::string> parts_of_list(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto comma = std::min(text.find(','), text.size());
        const auto part = without_blanks(text.substr(0, comma));
        if (!part.empty()) parts.emplace_back(part);
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return parts;
}

}  // namespace

std::string_view Sheet::Row::text(std::string_view column) const {
    const auto at = sheet_->column_of_.find(column);
    if (at == sheet_->column_of_.end()) return {};
    return without_blanks(sheet_->table_.cell(row_, at->second));
}

std::vector<std::string> Sheet::Row::list(std::string_view column, Problems& problems) const {
    const auto cell = text(column);
    std::vector<std::string> parts;
    if (cell.starts_with('[')) {
        auto array = parts_of_array(cell);
        if (!array) {
            report(problems, column, "bad_list", "the cell is neither a list nor a JSON array");
            return {};
        }
        parts = std::move(*array);
    } else {
        parts = parts_of_list(cell);
    }
    if (parts.size() <= limits::roster_links_max) {
        std::set<std::string_view> seen;
        std::vector<std::string> unique;
        for (const auto& part : parts) {
            if (seen.insert(part).second) unique.push_back(part);
        }
        return unique;
    }
    report(problems,
           column,
           "out_of_range",
           "the list has more than " + std::to_string(limits::roster_links_max) + " entries");
    return {};
}

std::string Sheet::Row::date(std::string_view column, Problems& problems) const {
    const auto cell = text(column);
    if (cell.empty() || core::parse_date(cell)) return std::string(cell);
    report(
        problems, column, "bad_date", std::string(column) + " is not a day written as YYYY-MM-DD");
    return {};
}

void Sheet::Row::report(Problems& problems,
                        std::string_view column,
                        std::string code,
                        std::string reason,
                        Severity severity) const {
    problems.add({sheet_->file_,
                  line(),
                  sheet_->number_of(column),
                  std::move(code),
                  std::move(reason),
                  severity});
}

std::optional<Sheet> Sheet::open(const std::string& file,
                                 ByteView bytes,
                                 const std::vector<ColumnRule>& rules,
                                 Problems& problems) {
    TableOptions options;
    options.delimiter = ',';
    options.strict_quotes = true;
    auto table = read_table(file, bytes, options, problems);
    if (!table) return std::nullopt;
    Sheet sheet(file, std::move(*table));
    if (!sheet.check_columns(rules, problems)) return std::nullopt;
    for (std::size_t index = 0; index < sheet.rows(); ++index) {
        const auto row = sheet.row(index);
        sheet.check_row(row, rules, problems);
        sheet.check_texts(index, problems);
        sheet.check_id(row, index, problems);
        sheet.check_status(row, problems);
    }
    return sheet;
}

bool Sheet::check_columns(const std::vector<ColumnRule>& rules, Problems& problems) {
    for (std::size_t i = 0; i < table_.header().size(); ++i) {
        column_of_.emplace(table_.header()[i], i);
    }
    longest_.assign(table_.header().size(), limits::roster_text_max);
    bool is_whole = true;
    for (const auto& rule : rules) {
        const auto number = number_of(rule.name);
        if (number > 0 && rule.is_list) longest_[number - 1] = list_bytes_max;
        if (number > 0 || !rule.is_required) continue;
        problems.add({file_,
                      table_.header_line(),
                      0,
                      "missing_column",
                      "the column " + std::string(rule.name) + " is missing",
                      Severity::error});
        is_whole = false;
    }
    return is_whole;
}

void Sheet::check_row(Row row, const std::vector<ColumnRule>& rules, Problems& problems) {
    for (const auto& rule : rules) {
        const bool is_blank = row.text(rule.name).empty();
        if (rule.is_required && is_blank) {
            row.report(problems,
                       rule.name,
                       "required_empty",
                       std::string(rule.name) + " must not be blank");
        }
        if (rule.is_left_out && !is_blank && !told_left_out_[rule.name]) {
            told_left_out_[rule.name] = true;
            row.report(problems,
                       rule.name,
                       "column_left_out",
                       "the column " + std::string(rule.name) + " is never imported",
                       Severity::warning);
        }
    }
}

void Sheet::check_texts(std::size_t index, Problems& problems) const {
    for (std::size_t i = 0; i < table_.header().size(); ++i) {
        const auto cell = table_.cell(index, i);
        if (has_control(cell)) {
            row(index).report(problems,
                              table_.header()[i],
                              "line_break_in_field",
                              "the cell holds a line break or another control character");
        }
        if (cell.size() > longest_[i]) {
            row(index).report(problems,
                              table_.header()[i],
                              "field_too_long",
                              "the cell is longer than " + std::to_string(longest_[i]) + " bytes");
        }
    }
}

void Sheet::check_id(Row row, std::size_t index, Problems& problems) {
    const auto id = row.id();
    if (id.empty()) return;  // already reported
    if (id.size() > limits::roster_id_max) {
        row.report(problems,
                   "sourcedId",
                   "field_too_long",
                   "a sourcedId has at most " + std::to_string(limits::roster_id_max) + " bytes");
    }
    if (id.find(',') != std::string::npos) {
        row.report(problems, "sourcedId", "bad_id", "a sourcedId must not hold a comma");
    }
    const auto [first, is_new] = row_of_.emplace(id, index);
    if (is_new) return;
    row.report(problems,
               "sourcedId",
               "duplicate_id",
               "this sourcedId is already on line " + std::to_string(table_.line(first->second)));
}

void Sheet::check_status(Row row, Problems& problems) {
    const auto status = row.text("status");
    if (status.empty()) return;
    if (status != "active") {
        row.report(problems,
                   "status",
                   "deletion_in_bulk",
                   "a bulk file lists what is current: leave status blank, or the row out");
    } else if (!told_status_) {
        told_status_ = true;
        row.report(problems,
                   "status",
                   "status_in_bulk",
                   "status is not read in a bulk file",
                   Severity::warning);
    }
}

std::size_t Sheet::number_of(std::string_view column) const {
    const auto at = column_of_.find(column);
    return at == column_of_.end() ? 0 : at->second + 1;
}

}  // namespace trellis::clients
