// SPDX-License-Identifier: Apache-2.0
#include "core/base/limits.hpp"
#include "core/record/schema.hpp"

#include <algorithm>
#include <cmath>

namespace trellis::core {
namespace {

/// Integers up to here are doubles without loss, so that no two become one.
constexpr std::int64_t exact_max = std::int64_t{1} << 53U;
constexpr std::string_view bytes_key = "$bytes";

bool is_exact(std::int64_t integer) {
    return integer >= -exact_max && integer <= exact_max;
}

/// -0 equals 0 but has other bits: one of them must go.
double without_sign_of_zero(double number) {
    return number == 0 ? 0 : number;
}

Error expected(const Field& field, const std::string& what) {
    return {Code::invalid, "the field '" + field.name + "' takes " + what};
}

Result<Value> number_from(const Json& json, const Field& field) {
    if (const auto* number = json.number()) return Value(without_sign_of_zero(*number));
    const auto* integer = json.integer();
    if (integer == nullptr) return expected(field, "a number");
    if (!is_exact(*integer)) return expected(field, "a number of at most 2^53");
    return Value(static_cast<double>(*integer));
}

Result<Value> text_from(const Json& json, const Field& field) {
    const auto* text = json.string();
    if (text == nullptr) return expected(field, "a text");
    const std::size_t max = field.text_max == 0 ? limits::text_max : field.text_max;
    if (text->size() <= max) return Value(*text);
    return Error{
        Code::too_large,
        "the field '" + field.name + "' takes a text of at most " + std::to_string(max) + " bytes"};
}

Result<Value> code_from(const Json& json, const Field& field, const Schema& schema) {
    const auto* code = json.string();
    const auto& codes = schema.codes(field.enumeration);
    const bool is_known =
        code != nullptr &&
        (codes.empty() || std::find(codes.begin(), codes.end(), *code) != codes.end());
    if (is_known && code->size() <= limits::name_max) return Value(*code);
    return expected(field, "a code of the enumeration '" + field.enumeration + "'");
}

Result<Value> instant_from(const Json& json, const Field& field) {
    const auto* time = json.integer();
    if (time != nullptr && *time <= limits::time_max && *time >= -limits::time_max) {
        return Value(*time);
    }
    return expected(field, "an instant: an integer of milliseconds since 1970 UTC");
}

Result<Value> date_from(const Json& json, const Field& field) {
    const auto* text = json.string();
    const auto date = text == nullptr ? std::nullopt : parse_date(*text);
    if (date) return Value(*date);
    return expected(field, "a date such as \"2026-08-24\"");
}

Result<Value> ref_from(const Json& json, const Field& field) {
    const auto* text = json.string();
    const auto record = text == nullptr ? std::nullopt : RecordId::parse(*text);
    if (record) return Value(*record);
    return expected(field, "the name of a record, as 'rec' gives it");
}

Result<Value> bytes_from(const Json& json, const Field& field) {
    const auto* text = json[bytes_key].string();
    const bool is_alone = json.object() != nullptr && json.object()->size() == 1;
    auto bytes = text == nullptr || !is_alone ? std::nullopt : from_base64(*text);
    if (!bytes) return expected(field, R"(bytes, as {"$bytes":"base64"})");
    if (bytes->size() <= limits::value_bytes_max) return Value(std::move(*bytes));
    return Error{Code::too_large,
                 "the field '" + field.name + "' takes fewer bytes; attach them as a file instead"};
}

Value conform_integer(std::int64_t integer, const Field& field) {
    if (field.value == ValueType::boolean && (integer == 0 || integer == 1)) {
        return Value(integer == 1);
    }
    if (field.value == ValueType::number && is_exact(integer)) {
        return Value(static_cast<double>(integer));
    }
    return Value(integer);
}

struct Printer {
    Json operator()(std::monostate) const { return {}; }
    Json operator()(const Bytes& bytes) const {
        Json json;
        json.set(std::string(bytes_key), to_base64(bytes));
        return json;
    }
    Json operator()(Date date) const { return to_string(date); }
    Json operator()(const RecordId& record) const { return record.hex(); }
    template <class T>
    Json operator()(const T& value) const {
        return value;
    }
};

}  // namespace

Value conform(Value value, const Field& field) {
    if (const auto* integer = value.get<std::int64_t>()) return conform_integer(*integer, field);
    if (const auto* number = value.get<double>()) return Value(without_sign_of_zero(*number));
    if (const auto* text = value.get<std::string>(); text && field.value == ValueType::date) {
        const auto date = parse_date(*text);
        return date ? Value(*date) : value;
    }
    if (const auto* bytes = value.get<Bytes>(); bytes && field.value == ValueType::ref) {
        return bytes->size() == RecordId::size ? Value(RecordId::from(*bytes)) : value;
    }
    return value;
}

Result<Value> value_from_json(const Json& json, const Field& field, const Schema& schema) {
    if (json.is_null()) return Value();
    switch (field.value) {
        case ValueType::boolean:
            if (const auto* truth = json.boolean()) return Value(*truth);
            return expected(field, "true or false");
        case ValueType::integer:
            if (const auto* integer = json.integer()) return Value(*integer);
            return expected(field, "an integer");
        case ValueType::number:
            return number_from(json, field);
        case ValueType::text:
            return text_from(json, field);
        case ValueType::instant:
            return instant_from(json, field);
        case ValueType::date:
            return date_from(json, field);
        case ValueType::enumeration:
            return code_from(json, field, schema);
        case ValueType::ref:
            return ref_from(json, field);
        case ValueType::bytes:
            return bytes_from(json, field);
    }
    return expected(field, "another value");
}

Json to_json(const Value& value) {
    return std::visit(Printer{}, value.data);
}

}  // namespace trellis::core
