// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/result.hpp"

namespace trellis {

/// A JSON value. Integers that fit 64 bits stay integers; all other numbers are doubles.
/// Objects are sorted by the UTF-16 code units of their names, as RFC 8785 prints them.
class Json {
public:
    struct NameLess {
        using is_transparent = void;
        bool operator()(std::string_view a, std::string_view b) const;
    };
    using Array = std::vector<Json>;
    using Object = std::map<std::string, Json, NameLess>;

    Json() = default;
    Json(std::nullptr_t) {}                                   // NOLINT: literals read as JSON
    Json(bool value) : value_(value) {}                       // NOLINT
    Json(std::int64_t value) : value_(value) {}               // NOLINT
    Json(int value) : value_(std::int64_t{value}) {}          // NOLINT
    Json(std::uint64_t value);                                // NOLINT; over 2^63-1: a double
    Json(double value) : value_(value) {}                     // NOLINT
    Json(std::string value) : value_(std::move(value)) {}     // NOLINT
    Json(std::string_view value) : value_(std::string(value)) {}  // NOLINT
    Json(const char* value) : value_(std::string(value)) {}   // NOLINT
    Json(Array value) : value_(std::move(value)) {}           // NOLINT
    Json(Object value) : value_(std::move(value)) {}          // NOLINT

    [[nodiscard]] bool is_null() const { return value_.index() == 0; }
    [[nodiscard]] const bool* boolean() const { return std::get_if<bool>(&value_); }
    [[nodiscard]] const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
    [[nodiscard]] const double* number() const { return std::get_if<double>(&value_); }
    [[nodiscard]] const std::string* string() const { return std::get_if<std::string>(&value_); }
    [[nodiscard]] const Array* array() const { return std::get_if<Array>(&value_); }
    [[nodiscard]] const Object* object() const { return std::get_if<Object>(&value_); }
    [[nodiscard]] Array* array() { return std::get_if<Array>(&value_); }
    [[nodiscard]] Object* object() { return std::get_if<Object>(&value_); }

    /// The member of an object; null where there is none or this is no object.
    [[nodiscard]] const Json& operator[](std::string_view name) const;
    [[nodiscard]] bool has(std::string_view name) const;
    /// Makes this an object where it is null. Requires: null or object.
    void set(std::string name, Json value);
    /// Makes this an array where it is null. Requires: null or array.
    void push(Json value);

    /// Written out: defaulted, it makes clang 19 believe that a Json may be moved bytewise, and
    /// libc++ then breaks the objects in an array that grows.
    bool operator==(const Json& other) const { return value_ == other.value_; }

private:
    std::variant<std::monostate, bool, std::int64_t, double, std::string, Array, Object> value_;
};

/// Strict RFC 8259: well-formed UTF-8, no comments, no trailing text, no repeated name in an
/// object, at most limits::json_depth_max deep and limits::json_bytes_max long.
/// `invalid` with the offset and the reason.
Result<Json> parse_json(std::string_view text);

/// RFC 8785 (canonical JSON): sorted names, no insignificant space, shortest numbers.
std::string print_json(const Json& value);
void print_json(const Json& value, std::string& out);

/// Appends `text` as a JSON string, with RFC 8785's escapes.
void print_json_string(std::string_view text, std::string& out);

}  // namespace trellis
