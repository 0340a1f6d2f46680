// SPDX-License-Identifier: Apache-2.0
#include "core/record/value.hpp"

#include <cstring>

namespace trellis::core {
namespace {

constexpr std::int64_t days_of_era = 146'097;   // 400 years
constexpr std::int64_t epoch_offset = 719'468;  // 0000-03-01 to 1970-01-01

/// Years that start in March put the leap day at their end; 400 of them are one era.
std::int64_t days_from(std::int64_t year, int month, int day) {
    if (month <= 2) --year;
    const std::int64_t era = year / 400;
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const std::int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * days_of_era + day_of_era - epoch_offset;
}

int days_in(std::int64_t year, int month) {
    if (month == 2) return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

int number_at(std::string_view text, std::size_t at, std::size_t size) {
    int number = 0;
    for (const char c : text.substr(at, size)) {
        if (c < '0' || c > '9') return -1;
        number = number * 10 + (c - '0');
    }
    return number;
}

void append_padded(std::string& out, std::int64_t number, std::size_t width) {
    const auto digits = std::to_string(number);
    if (digits.size() < width) out.append(width - digits.size(), '0');
    out += digits;
}

/// The bits of a double as a number that grows as the double does.
std::uint64_t rank(double value) {
    std::uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    const std::uint64_t sign = std::uint64_t{1} << 63U;
    return (bits & sign) != 0 ? ~bits : bits | sign;
}

struct Less {
    bool operator()(std::monostate, std::monostate) const { return false; }
    bool operator()(double a, double b) const { return rank(a) < rank(b); }
    bool operator()(Date a, Date b) const { return a.days < b.days; }
    template <class T>
    bool operator()(const T& a, const T& b) const {
        return a < b;
    }
    template <class T, class U>
    bool operator()(const T&, const U&) const {
        return false;
    }
};

}  // namespace

std::optional<Date> parse_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
    const int year = number_at(text, 0, 4);
    const int month = number_at(text, 5, 2);
    const int day = number_at(text, 8, 2);
    if (year < 1 || month < 1 || month > 12 || day < 1) return std::nullopt;
    if (day > days_in(year, month)) return std::nullopt;
    return Date{static_cast<std::int32_t>(days_from(year, month, day))};
}

std::string to_string(Date date) {
    const std::int64_t shifted = std::int64_t{date.days} + epoch_offset;
    const std::int64_t era = (shifted >= 0 ? shifted : shifted - days_of_era + 1) / days_of_era;
    const std::int64_t day_of_era = shifted - era * days_of_era;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
    const std::int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
    std::string text;
    append_padded(text, year_of_era + era * 400 + (month <= 2 ? 1 : 0), 4);
    text += '-';
    append_padded(text, month, 2);
    text += '-';
    append_padded(text, day_of_year - (153 * shifted_month + 2) / 5 + 1, 2);
    return text;
}

bool operator<(const Value& a, const Value& b) {
    if (a.data.index() != b.data.index()) return a.data.index() < b.data.index();
    return std::visit(Less{}, a.data, b.data);
}

}  // namespace trellis::core
