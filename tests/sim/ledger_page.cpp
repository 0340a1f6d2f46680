// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/ledger_page.hpp"

#include <array>
#include <map>

#include "core/base/json.hpp"

namespace trellis::sim {
namespace {

constexpr std::int64_t hours_per_year = 8'766;

/// What a line says under this name; 0 where it says nothing.
std::int64_t number_in(const Json& line, std::string_view name) {
    const auto* number = line[name].integer();
    return number == nullptr ? 0 : *number;
}

std::string text_in(const Json& line, std::string_view name, std::string otherwise) {
    const auto* text = line[name].string();
    return text == nullptr ? std::move(otherwise) : *text;
}

/// Lines without a kind are from trellis-sim.
std::string kind_of(const Json& line) { return text_in(line, "kind", "simulation"); }

/// 1,234,567
std::string grouped(std::int64_t number) {
    const std::string digits = std::to_string(number);
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
        text += digits[i];
    }
    return text;
}

std::string command_of(const Json& line) {
    return text_in(line, "command",
                   "trellis-sim --seeds " + std::to_string(number_in(line, "first_seed")) + ".." +
                       std::to_string(number_in(line, "last_seed")));
}

std::string result_of(const Json& line) {
    const auto kind = kind_of(line);
    if (kind == "mutants") {
        return grouped(number_in(line, "killed")) + " of " + grouped(number_in(line, "mutants")) +
               " bugs found, " + grouped(number_in(line, "median_seeds")) + " seeds (median)";
    }
    if (kind == "fuzz") {
        return grouped(number_in(line, "executions")) + " inputs, " +
               grouped(number_in(line, "crashes")) + " crashes";
    }
    if (kind == "syscalls") {
        return grouped(number_in(line, "programs")) + " programs killed at " +
               grouped(number_in(line, "kills")) + " system calls, " +
               grouped(number_in(line, "failures")) + " failures";
    }
    return grouped(number_in(line, "seeds")) + " seeds, " +
           grouped(number_in(line, "device_hours")) + " device-hours, " +
           grouped(number_in(line, "kills") + number_in(line, "power_cuts")) +
           " kills and power cuts, " + grouped(number_in(line, "failures")) + " failures";
}

struct Row {
    std::string_view what;
    std::string_view kind;
    std::string_view name;  ///< of the member that is summed up
};

constexpr std::array rows = {
    Row{"simulated worlds (seeds)", "simulation", "seeds"},
    Row{"device-hours in them", "simulation", "device_hours"},
    Row{"changes acknowledged", "simulation", "changes"},
    Row{"processes killed", "simulation", "kills"},
    Row{"power cuts", "simulation", "power_cuts"},
    Row{"restores and copies", "simulation", "restores"},
    Row{"promises broken", "simulation", "failures"},
    Row{"fuzzed inputs", "fuzz", "executions"},
    Row{"crashes of them", "fuzz", "crashes"},
    Row{"bugs put in on purpose", "mutants", "mutants"},
    Row{"of them found", "mutants", "killed"},
    Row{"programs killed at a system call", "syscalls", "kills"},
    Row{"of these sweeps failed", "syscalls", "failures"},
};

std::string sums_of(const std::vector<Json>& lines) {
    std::string text = "| sum of all runs | |\n|---|---:|\n";
    for (const auto& row : rows) {
        std::int64_t sum = 0;
        for (const auto& line : lines) {
            if (kind_of(line) == row.kind) sum += number_in(line, row.name);
        }
        text += "| " + std::string(row.what) + " | " + grouped(sum);
        if (row.name == "device_hours") {
            text += " (" + std::to_string(sum / hours_per_year) + "." +
                    std::to_string(sum % hours_per_year * 10 / hours_per_year) + " years)";
        }
        text += " |\n";
    }
    std::int64_t seconds = 0;
    for (const auto& line : lines) seconds += number_in(line, "cpu_seconds");
    return text + "| CPU minutes | " + grouped(seconds / 60) + " |\n";
}

}  // namespace

Result<std::string> ledger_page(std::string_view text) {
    std::vector<Json> lines;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto one = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (one.empty()) continue;
        auto line = parse_json(one);
        if (!line || line->object() == nullptr) {
            return Error{Code::invalid,
                         "line " + std::to_string(number) + " of the ledger is no JSON object"};
        }
        lines.push_back(std::move(*line));
    }
    std::string page =
        "# Ledger\n\n"
        "What has been run, added up. Each row is one line of `tests/ledger.jsonl`, appended by\n"
        "`trellis-sim`, `tests/sim/mutants/run`, `tests/fuzz/run` or `tests/faultlab/sweep`, each\n"
        "with `--ledger`; this page is what `trellis-sim --page tests/ledger.jsonl` makes of "
        "them.\n\n";
    page += sums_of(lines);
    page += "\n| command | commit | came to |\n|---|---|---|\n";
    for (const auto& line : lines) {
        page += "| `" + command_of(line) + "` | " + text_in(line, "commit", "not said") + " | " +
                result_of(line) + " |\n";
    }
    return page;
}

}  // namespace trellis::sim
