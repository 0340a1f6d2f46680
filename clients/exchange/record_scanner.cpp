// SPDX-License-Identifier: Apache-2.0
#include "clients/exchange/record_scanner.hpp"

#include "clients/exchange/table_text.hpp"
#include "core/base/limits.hpp"

#include <array>
#include <map>

namespace trellis::clients {
namespace {

constexpr std::array<char, 3> delimiters{',', '\t', ';'};
constexpr std::size_t sample_records = 50;

/// How many of the first records have the same number of cells, more than one, and the number.
struct Fit {
    std::size_t records = 0;
    std::size_t cells = 0;

    bool operator<(const Fit& other) const {
        return records != other.records ? records < other.records : cells < other.cells;
    }
};

Fit fit_of(std::string_view text, char delimiter) {
    RecordScanner scanner(text, delimiter, 1);
    RawRecord record;
    std::map<std::size_t, std::size_t> records_by_count;
    for (std::size_t i = 0; i < sample_records && scanner.next(record); ++i) {
        if (record.count > 1) ++records_by_count[record.count];
    }
    Fit best;
    for (const auto& [count, records] : records_by_count) {
        const Fit fit{records, count};
        if (best < fit) best = fit;
    }
    return best;
}

}  // namespace

void RawCell::append_to(std::string& out) const {
    if (!has_pairs || has_stray) {
        out += text;
        return;
    }
    for (std::size_t at = 0; at < text.size(); ++at) {
        out += text[at];
        if (text[at] == '"') ++at;
    }
}

bool RecordScanner::next(RawRecord& record) {
    record.cells.clear();
    record.count = 0;
    record.open_quote = 0;
    record.line = line_;
    if (at_ == text_.size()) return false;
    while (true) {
        read_cell(record);
        if (at_ == text_.size()) return true;
        if (text_[at_] != delimiter_) break;
        ++at_;
    }
    end_line();
    return true;
}

void RecordScanner::read_cell(RawRecord& record) {
    if (at_ < text_.size() && text_[at_] == '"') {
        read_quoted(record);
        return;
    }
    const auto end = end_of_cell(at_);
    keep(record, {text_.substr(at_, end - at_), false, false});
    at_ = end;
}

void RecordScanner::read_quoted(RawRecord& record) {
    const auto begin = at_;
    bool has_pairs = false;
    auto quote = text_.find('"', begin + 1);
    while (quote != std::string_view::npos && quote + 1 < text_.size() && text_[quote + 1] == '"') {
        has_pairs = true;
        quote = text_.find('"', quote + 2);
    }
    if (quote == std::string_view::npos) {
        record.open_quote = line_;
        keep(record, {});
        at_ = text_.size();
        return;
    }
    line_ += count_line_breaks(text_.substr(begin, quote - begin));
    at_ = quote + 1;
    if (ends_cell(at_)) {
        keep(record, {text_.substr(begin + 1, quote - begin - 1), has_pairs, false});
        return;
    }
    at_ = end_of_cell(at_);
    keep(record, {text_.substr(begin, at_ - begin), has_pairs, true});
}

void RecordScanner::end_line() {
    const bool is_pair = text_.substr(at_).starts_with("\r\n");
    at_ += is_pair ? 2 : 1;
    ++line_;
}

bool RecordScanner::ends_cell(std::size_t at) const {
    return at == text_.size() || text_[at] == delimiter_ || text_[at] == '\r' || text_[at] == '\n';
}

std::size_t RecordScanner::end_of_cell(std::size_t from) const {
    while (!ends_cell(from))
        ++from;
    return from;
}

void RecordScanner::keep(RawRecord& record, const RawCell& cell) {
    ++record.count;
    if (record.cells.size() <= limits::exchange_columns_max) record.cells.push_back(cell);
}

char find_delimiter(std::string_view text) {
    char found = delimiters.front();
    Fit best;
    for (const char delimiter : delimiters) {
        const auto fit = fit_of(text, delimiter);
        if (!(best < fit)) continue;
        best = fit;
        found = delimiter;
    }
    return found;
}

}  // namespace trellis::clients
