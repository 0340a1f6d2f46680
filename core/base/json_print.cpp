// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.hpp"

#include "core/base/check.hpp"

#define FMT_ASSERT(condition, message) TRELLIS_CHECK(condition)
#include <fmt/format.h>

#include <cmath>

namespace trellis {
namespace {

struct Decimal {
    bool negative = false;
    std::string digits;  ///< without a point, no trailing zeros
    int point = 0;       ///< the value is 0.digits times ten to the power `point`
};

/// The shortest digits that read back as `value`, and of these the nearest. Requires: finite, not
/// zero. fmt's, because those of libc++ bring tables of 100 KB into the browser.
Decimal shortest(double value) {
    const auto found = fmt::detail::dragonbox::to_decimal(std::abs(value));
    Decimal decimal{std::signbit(value), std::to_string(found.significand), 0};
    decimal.point = found.exponent + static_cast<int>(decimal.digits.size());
    while (decimal.digits.size() > 1 && decimal.digits.back() == '0')
        decimal.digits.pop_back();
    return decimal;
}

/// ECMAScript's Number::toString, which RFC 8785 asks for.
void print_number(double value, std::string& out) {
    TRELLIS_CHECK(std::isfinite(value));
    if (value == 0) {
        out += '0';
        return;
    }
    auto [negative, digits, point] = shortest(value);
    const int count = static_cast<int>(digits.size());
    if (negative) out += '-';
    if (count <= point && point <= 21) {
        out += digits + std::string(static_cast<std::size_t>(point - count), '0');
    } else if (0 < point && point <= 21) {
        out += digits.insert(static_cast<std::size_t>(point), 1, '.');
    } else if (-6 < point && point <= 0) {
        out += "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
    } else {
        if (count > 1) digits.insert(1, 1, '.');
        const int exponent = point - 1;
        out += digits + (exponent < 0 ? "e-" : "e+") + std::to_string(std::abs(exponent));
    }
}

void print_array(const Json::Array& items, std::string& out) {
    out += '[';
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) out += ',';
        print_json(items[i], out);
    }
    out += ']';
}

void print_object(const Json::Object& members, std::string& out) {
    out += '{';
    bool first = true;
    for (const auto& [name, value] : members) {
        if (!first) out += ',';
        first = false;
        print_json_string(name, out);
        out += ':';
        print_json(value, out);
    }
    out += '}';
}

}  // namespace

void print_json_string(std::string_view text, std::string& out) {
    constexpr std::string_view hex = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte >= 0x20) {
            out += c;
        } else if (byte >= 8 && byte <= 13 && byte != 11) {
            out += '\\';
            out += "btn_fr"[byte - 8];
        } else {
            out += "\\u00";
            out += hex[byte >> 4U];
            out += hex[byte & 15U];
        }
    }
    out += '"';
}

void print_json(const Json& value, std::string& out) {
    if (const auto* truth = value.boolean()) {
        out += *truth ? "true" : "false";
    } else if (const auto* integer = value.integer()) {
        out += std::to_string(*integer);
    } else if (const auto* number = value.number()) {
        print_number(*number, out);
    } else if (const auto* string = value.string()) {
        print_json_string(*string, out);
    } else if (const auto* array = value.array()) {
        print_array(*array, out);
    } else if (const auto* object = value.object()) {
        print_object(*object, out);
    } else {
        out += "null";
    }
}

std::string print_json(const Json& value) {
    std::string out;
    print_json(value, out);
    return out;
}

}  // namespace trellis
