// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "core/base/bytes.hpp"
#include "core/base/record_id.hpp"

namespace trellis::core {

/// A day of the proleptic Gregorian calendar, as days since 1970-01-01.
struct Date {
    std::int32_t days = 0;
    bool operator==(const Date&) const = default;
};

/// "YYYY-MM-DD", years 0001 to 9999; nothing for any other text or a day that does not exist.
std::optional<Date> parse_date(std::string_view text);
std::string to_string(Date date);

/// One value of a field. Instants are integers (milliseconds since 1970 UTC), enumeration
/// values are texts (their codes). Texts are well-formed UTF-8.
struct Value {
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Bytes, Date, RecordId>
        data;

    Value() = default;
    template <class T>
    explicit Value(T given) : data(std::move(given)) {}

    [[nodiscard]] bool is_null() const { return data.index() == 0; }
    template <class T>
    [[nodiscard]] const T* get() const {
        return std::get_if<T>(&data);
    }

    bool operator==(const Value&) const = default;
};

/// A total order on values: by kind, then by value; doubles by their bits' numeric order.
bool operator<(const Value& a, const Value& b);

}  // namespace trellis::core
