// SPDX-License-Identifier: Apache-2.0
#include "core/base/limits.hpp"
#include "core/record/schema.hpp"

#include <catch2/catch.hpp>

namespace trellis::core {
namespace {

Schema schema() {
    return Schema::parse(parse_json(R"({"enums":{"e":{"values":[{"code":"a"}]}}})").value())
        .value();
}

Field field(ValueType type) {
    Field field;
    field.name = "f";
    field.value = type;
    field.enumeration = "e";
    return field;
}

std::string there_and_back(ValueType type, std::string_view json) {
    const auto value = value_from_json(parse_json(json).value(), field(type), schema());
    if (!value) {
        REQUIRE(value.error().message.find("'f'") != std::string::npos);
        return "refused";
    }
    CHECK(conform(*value, field(type)) == *value);
    return print_json(to_json(*value));
}

constexpr auto rec = R"("00112233445566778899aabbccddeeff")";

}  // namespace

TEST_CASE("values come out of JSON and go back", "[core]") {
    const std::vector<std::pair<ValueType, std::string>> samples{
        {ValueType::boolean, "true"},
        {ValueType::integer, "-9223372036854775808"},
        {ValueType::number, "2.5"},
        {ValueType::number, "7"},
        {ValueType::text, "\"é\""},
        {ValueType::instant, "1790000000000"},
        {ValueType::date, "\"2026-08-24\""},
        {ValueType::enumeration, "\"a\""},
        {ValueType::ref, rec},
        {ValueType::bytes, R"({"$bytes":"AAEC"})"},
        {ValueType::text, "null"}};
    for (const auto& [type, json] : samples)
        CHECK(there_and_back(type, json) == json);
    CHECK(there_and_back(ValueType::number, "-0.0") == "0");
    CHECK(value_from_json(Json(7), field(ValueType::number), schema()).value() == Value(7.0));
}

TEST_CASE("what a field cannot keep is refused by name", "[core]") {
    const std::vector<std::pair<ValueType, std::string>> samples{
        {ValueType::boolean, "1"},
        {ValueType::integer, "1.0"},
        {ValueType::integer, "\"1\""},
        {ValueType::integer, "9223372036854775808"},
        {ValueType::number, "9007199254740993"},
        {ValueType::number, "true"},
        {ValueType::text, "1"},
        {ValueType::text, "[]"},
        {ValueType::instant, "253402300800000"},
        {ValueType::instant, "-253402300800000"},
        {ValueType::instant, "\"2026-08-24\""},
        {ValueType::date, "\"2026-8-24\""},
        {ValueType::date, "20000"},
        {ValueType::enumeration, "\"b\""},
        {ValueType::enumeration, "1"},
        {ValueType::ref, "\"0011\""},
        {ValueType::ref, "{}"},
        {ValueType::bytes, "\"AAEC\""},
        {ValueType::bytes, R"({"$bytes":"AAE"})"},
        {ValueType::bytes, R"({"$bytes":"AAEC","more":1})"}};
    for (const auto& [type, json] : samples) {
        CAPTURE(json);
        CHECK(there_and_back(type, json) == "refused");
    }
}

TEST_CASE("any code goes where the enumeration is not listed", "[core]") {
    auto other = field(ValueType::enumeration);
    other.enumeration = "unlisted";
    CHECK(value_from_json(Json("b"), other, schema()).has_value());
}

TEST_CASE("texts and bytes are as long as their limit", "[core]") {
    const auto text = [](std::size_t size, const Field& where) {
        return value_from_json(Json(std::string(size, 'a')), where, schema());
    };
    auto notes = field(ValueType::text);
    CHECK(text(limits::text_max, notes).has_value());
    CHECK(text(limits::text_max + 1, notes).error().code == Code::too_large);
    notes.text_max = 3;
    CHECK(text(3, notes).has_value());
    CHECK(text(4, notes).error().code == Code::too_large);
    const auto bytes = [](std::size_t size) {
        Json json;
        json.set("$bytes", to_base64(Bytes(size)));
        return value_from_json(json, field(ValueType::bytes), schema());
    };
    CHECK(bytes(limits::value_bytes_max).has_value());
    CHECK(bytes(limits::value_bytes_max + 1).error().code == Code::too_large);
}

TEST_CASE("a value takes the one form that its field keeps", "[core]") {
    const auto kept = [](Value value, ValueType type) {
        const auto once = conform(std::move(value), field(type));
        CHECK(conform(once, field(type)) == once);
        return once;
    };
    CHECK(kept(Value("2026-08-24"), ValueType::date) == Value(parse_date("2026-08-24").value()));
    CHECK(kept(Value("soon"), ValueType::date) == Value("soon"));
    CHECK(kept(Value(Bytes(16, 1)), ValueType::ref) == Value(RecordId::from(Bytes(16, 1))));
    CHECK(kept(Value(Bytes(15, 1)), ValueType::ref) == Value(Bytes(15, 1)));
    CHECK(kept(Value(Bytes(16, 1)), ValueType::bytes) == Value(Bytes(16, 1)));
    CHECK(kept(Value(0), ValueType::boolean) == Value(false));
    CHECK(kept(Value(1), ValueType::boolean) == Value(true));
    CHECK(kept(Value(2), ValueType::boolean) == Value(2));
    CHECK(kept(Value(3), ValueType::number) == Value(3.0));
    CHECK(kept(Value((std::int64_t{1} << 53U) + 1), ValueType::number) ==
          Value((std::int64_t{1} << 53U) + 1));
    CHECK(kept(Value(3), ValueType::integer) == Value(3));
    CHECK(kept(Value(), ValueType::date) == Value());
    CHECK(kept(Value(true), ValueType::text) == Value(true));
}

}  // namespace trellis::core
