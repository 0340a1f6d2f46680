// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/values.hpp"

#include <array>
#include <limits>
#include <string_view>

#include "core/base/limits.hpp"

namespace trellis::sim {
namespace {

using namespace std::string_view_literals;

constexpr std::array texts = {
    ""sv,
    "sleeps in a car"sv,
    "\0NUL inside\0"sv,
    "caf\u00e9"sv,
    "cafe\u0301"sv,
    "\u05e9\u05dc\u05d5\u05dd \u202Eabc\u202C"sv,
    "\U0001F469\u200D\U0001F467\u200D\U0001F466"sv,
    "\u5f35 \u6c34"sv,
    "Robert'); DROP TABLE families;--"sv,
    "<script>alert(1)</script>"sv,
    "\uFEFFstarts with a mark"sv,
    "\uFFFF\uFDD0"sv,
    "line\r\nbreak\ttab\x7F\x01"sv,
    "%s%n %00 ${jndi:x}"sv,
    "  spaces  "sv,
};

constexpr std::array<std::int64_t, 9> integers = {
    0, 1, -1, 42, std::int64_t{1} << 53U, (std::int64_t{1} << 53U) + 1, 253'402'300'799'999,
    std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()};

constexpr std::array<double, 10> numbers = {
    0.0, -0.0, 0.1, -1.5, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308,
    9007199254740992.0, 1e21, -3.0e-7};

constexpr std::array dates = {"2026-08-24"sv, "1970-01-01"sv, "0001-01-01"sv, "9999-12-31"sv,
                              "2024-02-29"sv};

/// One of a thousand is as long as a text may be.
std::string padding(Random& random) {
    if (!random.chance(15)) return {};
    const auto size = static_cast<std::size_t>(random.log_uniform(16, 15 * 1024));
    return std::string(size, static_cast<char>('a' + random.below(26)));
}

}  // namespace

std::string canary_of(std::uint64_t seed) {
    std::string word = "Kanarienvogel";
    for (auto rest = spread(seed); word.size() < 24; rest >>= 5U) {
        word += static_cast<char>('A' + rest % 26);
    }
    return word;
}

Json Values::text() {
    std::string text(random_.pick(texts));
    if (!random_.chance(100)) text = canary_ + " " + text;
    text += padding(random_);
    return text;
}

Json Values::of(const core::Field& field, const core::Schema& schema) {
    using core::ValueType;
    switch (field.value) {
        case ValueType::boolean: return random_.chance(500);
        case ValueType::integer:
            return random_.chance(300) ? Json(random_.pick(integers)) : Json(random_.between(-99, 99));
        case ValueType::number:
            return random_.chance(300) ? Json(random_.pick(numbers))
                                       : Json(static_cast<double>(random_.between(-999, 999)) / 8);
        case ValueType::instant: return random_.between(-limits::time_max, limits::time_max);
        case ValueType::date: return random_.pick(dates);
        case ValueType::enumeration: return random_.pick(schema.codes(field.enumeration));
        case ValueType::ref: {
            std::string hex;
            for (int i = 0; i < 32; ++i) hex += "0123456789abcdef"[random_.below(16)];
            return hex;
        }
        case ValueType::bytes: {
            Bytes bytes(static_cast<std::size_t>(random_.below(40)));
            for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random_.below(256));
            Json json;
            json.set("$bytes", to_base64(bytes));
            return json;
        }
        default: return text();
    }
}

}  // namespace trellis::sim
