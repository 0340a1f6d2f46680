// SPDX-License-Identifier: Apache-2.0
#include "clients/demo/roster_sample.hpp"

#include <filesystem>
#include <functional>
#include <set>

#include "clients/cli/database_file.hpp"
#include "clients/exchange/table.hpp"

namespace trellis::demo {
namespace {

namespace fs = std::filesystem;
using clients::Table;

std::size_t column(const Table& table, std::string_view name) {
    for (std::size_t i = 0; i < table.header().size(); ++i) {
        if (table.header()[i] == name) return i;
    }
    return 0;
}

Result<Table> open(const std::string& folder, const std::string& file) {
    TRELLIS_TRY(const auto bytes, clients::read_file(folder + "/" + file));
    clients::Problems problems;
    return clients::read_table(file, bytes, {}, problems);
}

std::string quoted(std::string_view cell) {
    if (cell.find_first_of(",\"\n") == std::string_view::npos) return std::string(cell);
    std::string out = "\"";
    for (const char c : cell) out += c == '"' ? "\"\"" : std::string(1, c);
    return out + "\"";
}

Result<void> write_rows(const Table& table, const std::string& path,
                        const std::function<bool(std::size_t row)>& keeps) {
    std::string text;
    const auto line = [&](const auto& cell) {
        for (std::size_t i = 0; i < table.header().size(); ++i) {
            text += (i == 0 ? "" : ",") + quoted(cell(i));
        }
        text += '\n';
    };
    line([&](std::size_t i) { return std::string_view(table.header()[i]); });
    for (std::size_t row = 0; row < table.rows(); ++row) {
        if (keeps(row)) line([&](std::size_t i) { return table.cell(row, i); });
    }
    return clients::write_file(path, as_bytes(text));
}

/// Every one of the ids that a list in a cell names.
void add_ids(std::string_view cell, std::set<std::string, std::less<>>& ids) {
    while (!cell.empty()) {
        const auto comma = cell.find(',');
        if (!cell.substr(0, comma).empty()) ids.emplace(cell.substr(0, comma));
        cell = comma == std::string_view::npos ? "" : cell.substr(comma + 1);
    }
}

}  // namespace

Result<void> take_sample(const std::string& from, const std::string& to, std::size_t students) {
    std::error_code failure;
    fs::create_directories(to, failure);
    for (const auto& entry : fs::directory_iterator(from, failure)) {
        if (entry.path().extension() == ".csv") {
            fs::copy_file(entry.path(), to + "/" + entry.path().filename().string(),
                          fs::copy_options::overwrite_existing, failure);
        }
    }
    if (failure) return Error{Code::not_found, "copying " + from + ": " + failure.message()};
    TRELLIS_TRY(const auto users, open(from, "users.csv"));
    const auto id = column(users, "sourcedId");
    const auto role = column(users, "role");
    std::set<std::string, std::less<>> kept;
    for (std::size_t row = 0; row < users.rows(); ++row) {
        if (users.cell(row, role) == "teacher" || users.cell(row, role) == "administrator") {
            kept.emplace(users.cell(row, id));
        }
    }
    for (std::size_t row = 0; row < users.rows() && students > 0; ++row) {
        if (users.cell(row, role) != "student") continue;
        kept.emplace(users.cell(row, id));
        add_ids(users.cell(row, column(users, "agentSourcedIds")), kept);
        --students;
    }
    const auto keep_by = [&kept](const Table& table, std::string_view name) {
        return [&kept, &table, at = column(table, name)](std::size_t row) {
            return kept.count(table.cell(row, at)) > 0;
        };
    };
    TRELLIS_DO(write_rows(users, to + "/users.csv", keep_by(users, "sourcedId")));
    TRELLIS_TRY(const auto births, open(from, "demographics.csv"));
    TRELLIS_DO(write_rows(births, to + "/demographics.csv", keep_by(births, "sourcedId")));
    TRELLIS_TRY(const auto classes, open(from, "enrollments.csv"));
    return write_rows(classes, to + "/enrollments.csv", keep_by(classes, "userSourcedId"));
}

}  // namespace trellis::demo
