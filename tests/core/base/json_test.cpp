// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.hpp"

#include "core/base/bytes.hpp"
#include "core/base/limits.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>

namespace trellis {
namespace {

std::string printed(std::string_view text) {
    const auto json = parse_json(text);
    return json ? print_json(*json) : "refused";
}

double from_bits(std::uint64_t bits) {
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

std::string nested(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

TEST_CASE("the JSON test suite is accepted and refused as it says", "[core]") {
    std::ifstream file("fixtures/json/suite.txt");
    REQUIRE(file.is_open());
    std::string name;
    std::string hex;
    int count = 0;
    while (file >> name >> hex) {
        CAPTURE(name);
        const Bytes bytes = hex == "-" ? Bytes{} : from_hex(hex).value();
        const auto json = parse_json(as_text(bytes));
        // RFC 8259 leaves repeated names open; RFC 8785 does not, and neither do we.
        const bool repeats_a_name = name.find("duplicated_key") != std::string::npos;
        if (name[0] == 'y') CHECK(json.has_value() == !repeats_a_name);
        if (name[0] == 'n') CHECK_FALSE(json.has_value());
        if (json) CHECK(printed(print_json(*json)) == print_json(*json));
        if (!json) CHECK(json.error().code == Code::invalid);
        ++count;
    }
    CHECK(count == 316);
}

TEST_CASE("a zero is zero, whatever power of ten follows it", "[core]") {
    for (const std::string_view text : {"0e0", "0e40", "0E400", "0.000e-400", "0e99999"}) {
        CAPTURE(text);
        const auto json = parse_json(text);
        REQUIRE(json.has_value());
        REQUIRE(json->number() != nullptr);
        CHECK(*json->number() == 0.0);
        CHECK_FALSE(std::signbit(*json->number()));
        const auto negative = parse_json("-" + std::string(text));
        REQUIRE(negative.has_value());
        CHECK(std::signbit(*negative->number()));
    }
    CHECK(printed(R"(["0e12 0e5","\"0e12","\\",10e2,0.1e1,[0e7,-0e7],-1])") ==
          R"(["0e12 0e5","\"0e12","\\",1000,1,[0,0],-1])");
    CHECK_FALSE(parse_json("00e1").has_value());
    CHECK_FALSE(parse_json("0e1e1").has_value());
    CHECK(parse_json("0").value().integer() != nullptr);
    CHECK_FALSE(parse_json("1e400").has_value());
    CHECK_FALSE(parse_json("0e").has_value());
}

TEST_CASE("a hundred thousand openings are refused", "[core]") {
    CHECK_FALSE(parse_json(std::string(100'000, '[')).has_value());
    std::string objects;
    for (int i = 0; i < 100'000; ++i)
        objects += "[{\"\":";
    CHECK_FALSE(parse_json(objects).has_value());
}

TEST_CASE("JSON may be as deep and as long as its limits", "[core]") {
    CHECK(parse_json(nested(limits::json_depth_max)).has_value());
    CHECK_FALSE(parse_json(nested(limits::json_depth_max + 1)).has_value());
    const std::string longest(limits::json_bytes_max - 1, ' ');
    CHECK(parse_json(longest + "1").has_value());
    CHECK(parse_json(longest + " 1").error().code == Code::too_large);
}

TEST_CASE("what is not quite JSON is refused", "[core]") {
    CHECK_FALSE(parse_json(R"({"a":1,"b":2,"a":3})").has_value());
    CHECK_FALSE(parse_json(R"({"a":1,"\u0061":3})").has_value());
    CHECK_FALSE(parse_json(R"("\udc00")").has_value());
    CHECK_FALSE(parse_json(R"({"\ud800":1})").has_value());
    CHECK_FALSE(parse_json("\"\xED\xB0\x80\"").has_value());
    CHECK_FALSE(parse_json("\xEF\xBB\xBF{}").has_value());
    CHECK_FALSE(parse_json(std::string_view("1\0", 2)).has_value());
    CHECK_FALSE(parse_json(std::string_view("1\0 2", 4)).has_value());
    CHECK_FALSE(parse_json("1e999").has_value());
    CHECK_FALSE(parse_json("// note\n1").has_value());
    CHECK_FALSE(parse_json("[1] 2").has_value());
    CHECK_FALSE(parse_json("").has_value());
}

TEST_CASE("integers that fit 64 bits stay integers", "[core]") {
    CHECK(*parse_json("9223372036854775807").value().integer() == INT64_MAX);
    CHECK(*parse_json("-9223372036854775808").value().integer() == INT64_MIN);
    CHECK(parse_json("9223372036854775808").value().number() != nullptr);
    CHECK(parse_json("1.0").value().number() != nullptr);
    CHECK(Json(std::uint64_t{1} << 63U).number() != nullptr);
    CHECK(*Json(std::uint64_t{5}).integer() == 5);
}

TEST_CASE("numbers print as RFC 8785 says", "[core]") {
    // The samples of its appendix B.
    const std::vector<std::pair<std::uint64_t, std::string>> samples{
        {0x0000000000000000, "0"},
        {0x8000000000000000, "0"},
        {0x0000000000000001, "5e-324"},
        {0x8000000000000001, "-5e-324"},
        {0x7fefffffffffffff, "1.7976931348623157e+308"},
        {0xffefffffffffffff, "-1.7976931348623157e+308"},
        {0x4340000000000000, "9007199254740992"},
        {0xc340000000000000, "-9007199254740992"},
        {0x4430000000000000, "295147905179352830000"},
        {0x44b52d02c7e14af5, "9.999999999999997e+22"},
        {0x44b52d02c7e14af6, "1e+23"},
        {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
        {0x444b1ae4d6e2ef4e, "999999999999999700000"},
        {0x444b1ae4d6e2ef4f, "999999999999999900000"},
        {0x444b1ae4d6e2ef50, "1e+21"},
        {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
        {0x3eb0c6f7a0b5ed8d, "0.000001"},
        {0x41b3de4355555553, "333333333.3333332"},
        {0x41b3de4355555554, "333333333.33333325"},
        {0x41b3de4355555555, "333333333.3333333"},
        {0x41b3de4355555556, "333333333.3333334"},
        {0x41b3de4355555557, "333333333.33333343"},
        {0xbecbf647612f3696, "-0.0000033333333333333333"},
        {0x43143ff3c1cb0959, "1424953923781206.2"}};
    for (const auto& [bits, text] : samples)
        CHECK(print_json(from_bits(bits)) == text);
}

TEST_CASE("printed doubles read back as the same bits", "[core]") {
    std::uint64_t bits = 88'172'645'463'325'252;
    for (int i = 0; i < 20'000; ++i) {
        bits ^= bits << 13U;
        bits ^= bits >> 7U;
        bits ^= bits << 17U;
        const double value = from_bits(bits);
        if (!std::isfinite(value)) continue;
        const auto json = parse_json(print_json(value)).value();
        const double back =
            json.integer() != nullptr ? static_cast<double>(*json.integer()) : *json.number();
        if (back != value) FAIL(print_json(value));
    }
}

/// The digits alone: without sign, point, exponent and the zeros at either end.
std::string digits_of(std::string text) {
    text.resize(std::min(text.find('e'), text.size()));
    std::erase_if(text, [](char c) { return c == '.' || c == '-'; });
    text.erase(0, text.find_first_not_of('0'));
    text.erase(text.find_last_not_of('0') + 1);
    return text;
}

std::string standard_digits_of(double value) {
    std::array<char, 40> buffer{};
    auto* const begin = buffer.data();
    const auto end =
        std::to_chars(begin, begin + buffer.size(), value, std::chars_format::scientific);
    return digits_of(std::string(begin, end.ptr));
}

TEST_CASE("doubles print the digits of the standard library", "[core]") {
    std::vector<double> values;
    // Around powers of two the neighbours are not equally far away.
    for (int power = -1074; power < 1024; ++power) {
        const double value = std::ldexp(1.0, power);
        for (const double beside : {value, 0.0, static_cast<double>(INFINITY)})
            values.push_back(std::nextafter(value, beside));
    }
    std::uint64_t bits = 2'685'821'657'736'338'717;
    for (int i = 0; i < 50'000; ++i) {
        bits ^= bits << 13U;
        bits ^= bits >> 7U;
        bits ^= bits << 17U;
        values.push_back(std::fabs(from_bits(bits)));
        values.push_back(static_cast<double>(bits % 1'000'000'007) / 1000);
    }
    for (const double value : values) {
        if (!std::isfinite(value)) continue;
        if (digits_of(print_json(value)) != standard_digits_of(value)) FAIL(print_json(value));
    }
}

TEST_CASE("objects print in the order of their UTF-16 names", "[core]") {
    // RFC 8785 section 3.2.3
    CHECK(printed(R"({"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew","1":"One",)"
                  R"("\ud83d\ude00":"Emoji","\u0080":"Control","\u00f6":"O"})") ==
          "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xC2\x80\":\"Control\",\"\xC3\xB6\":\"O\","
          "\"\xE2\x82\xAC\":\"Euro Sign\",\"\xF0\x9F\x98\x80\":\"Emoji\","
          "\"\xEF\xAC\xB3\":\"Hebrew\"}");
}

TEST_CASE("names above U+FFFF come before U+E000 and after U+D7FF", "[core]") {
    CHECK(printed(R"({"\ue000":1,"\ud83d\ude00":2,"\ud7ff":3,"\uffff":4})") ==
          "{\"\xED\x9F\xBF\":3,\"\xF0\x9F\x98\x80\":2,\"\xEE\x80\x80\":1,"
          "\"\xEF\xBF\xBF\":4}");
}

TEST_CASE("strings print with the fewest escapes", "[core]") {
    CHECK(printed(R"("\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/\b\t\f\r\u007f")") ==
          "\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\\b\\t\\f\\r\x7F\"");
    CHECK(printed(" { } ") == "{}");
    CHECK(printed("[ null , true,false , [ ] ]") == "[null,true,false,[]]");
}

TEST_CASE("members are found, set and pushed", "[core]") {
    Json json;
    json.set("b", 1);
    json.set("b", "two");
    Json list;
    list.push(Json());
    json.set("a", std::move(list));
    CHECK(print_json(json) == R"({"a":[null],"b":"two"})");
    CHECK(json.has("a"));
    CHECK_FALSE(json.has("c"));
    CHECK(json["c"]["d"].is_null());
    CHECK(Json(3)["a"].is_null());
}

}  // namespace trellis
