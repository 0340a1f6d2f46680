// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/field_text.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>

namespace trellis::clients {
namespace {

using core::Field;
using core::FieldKind;
using core::ValueType;

Error wrong(const Field& field, std::string_view expected) {
    return {Code::invalid, field.name + " must be " + std::string(expected)};
}

template <class Number>
std::optional<Number> number_in(const std::string& word) {
    Number number{};
    const auto* end = word.data() + word.size();
    const auto read = std::from_chars(word.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return number;
}

Result<Json> boolean_of(const Field& field, const std::string& word) {
    if (word == "yes" || word == "true") return Json(true);
    if (word == "no" || word == "false") return Json(false);
    return wrong(field, "yes or no");
}

Result<Json> instant_of(Desk& desk, const Field& field, const std::string& word) {
    if (word == "now") return Json(desk.host().env().wall_time());
    if (const auto number = number_in<std::int64_t>(word)) return Json(*number);
    std::tm parts{};
    for (const auto* form : {"%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"}) {
        parts = {};
        parts.tm_isdst = -1;
        const char* end = ::strptime(word.c_str(), form, &parts);
        if (end != nullptr && *end == '\0') return Json(std::int64_t{std::mktime(&parts)} * 1000);
    }
    return wrong(field, "a moment: now, or such as \"2026-09-01 08:30\"");
}

std::string today(Desk& desk) {
    const std::time_t now = desk.host().env().wall_time() / 1000;
    std::tm parts{};
    char text[16];
    std::strftime(text, sizeof text, "%Y-%m-%d", ::localtime_r(&now, &parts));
    return text;
}

Result<Json> bytes_of(const Field& field, const std::string& word) {
    if (!word.starts_with('@')) return wrong(field, "a file, as @PATH");
    TRELLIS_TRY(const auto bytes, read_file(word.substr(1)));
    Json json;
    json.set("$bytes", to_base64(bytes));
    return json;
}

struct Pair {
    std::string name;
    std::string value;
    bool is_json = false;
};

Result<Pair> pair_of(const std::string& word) {
    const auto sign = word.find('=');
    if (sign == std::string::npos || sign == 0) {
        return Error{Code::invalid, "'" + word + "' is not of the form field=value"};
    }
    const bool is_json = word[sign - 1] == ':';
    return Pair{word.substr(0, is_json ? sign - 1 : sign), word.substr(sign + 1), is_json};
}

std::string names_of(const std::vector<Field>& fields) {
    std::string names;
    for (const auto& field : fields) names += (names.empty() ? "" : ", ") + field.name;
    return names;
}

std::string joined(Desk& desk, const Field* field, const Json::Array& list) {
    std::string text;
    for (const auto& each : list) {
        text += (text.empty() ? "" : ", ") + text_of_value(desk, field, each);
    }
    return text;
}

std::string text_of_entry(Desk& desk, const Field* field, const Json& entry) {
    std::string text;
    if (entry.object()->empty()) return "";
    if (field == nullptr) return print_json(entry);
    for (const auto& part : field->entry) {
        if (!entry.has(part.name)) continue;
        text += (text.empty() ? "" : " · ") + text_of_value(desk, &part, entry[part.name]);
    }
    return text.empty() ? print_json(entry) : text;
}

}  // namespace

Result<const core::Type*> type_named(Desk& desk, const std::string& name) {
    if (const auto* type = desk.schema().type(name)) return type;
    std::string near;
    for (const auto& type : desk.schema().types()) {
        if (name.size() >= 2 && type.name.find(name.substr(0, 3)) != std::string::npos) {
            near += (near.empty() ? "" : ", ") + type.name;
        }
    }
    return Error{Code::invalid, "there is no record type '" + name + "'" +
                                    (near.empty() ? "; `trellis types` lists them"
                                                  : "; did you mean " + near + "?")};
}

Result<const Field*> field_named(const core::Type& type, const std::string& name) {
    if (const auto* field = type.field(name)) return field;
    return Error{Code::invalid, type.name + " has no field '" + name + "'; `trellis types " +
                                    type.name + "` lists its fields"};
}

Result<Json> value_of_word(Desk& desk, const Field& field, const std::string& word) {
    if (field.kind == FieldKind::text) return Json(word);
    if (word.empty()) return Json();
    switch (field.value) {
        case ValueType::boolean: return boolean_of(field, word);
        case ValueType::instant: return instant_of(desk, field, word);
        case ValueType::date: return Json(word == "today" ? today(desk) : word);
        case ValueType::bytes: return bytes_of(field, word);
        case ValueType::integer:
            if (const auto number = number_in<std::int64_t>(word)) return Json(*number);
            return wrong(field, "a whole number");
        case ValueType::number:
            if (const auto number = number_in<double>(word)) return Json(*number);
            return wrong(field, "a number");
        case ValueType::ref: {
            TRELLIS_TRY(auto record, desk.record(word));
            return Json(std::move(record));
        }
        default: return Json(word);
    }
}

Result<Json> fields_of_words(Desk& desk, const std::vector<Field>& fields,
                             const std::string& type_name, const std::vector<std::string>& words) {
    Json result{Json::Object{}};
    for (const auto& word : words) {
        TRELLIS_TRY(const auto pair, pair_of(word));
        const auto field = std::find_if(fields.begin(), fields.end(),
                                        [&](const Field& each) { return each.name == pair.name; });
        if (field == fields.end()) {
            return Error{Code::invalid, type_name + " has no field '" + pair.name +
                                            "'; it has: " + names_of(fields)};
        }
        if (pair.is_json) {
            auto value = parse_json(pair.value);
            if (!value) return Error{Code::invalid, pair.name + ": " + value.error().message};
            result.set(pair.name, std::move(*value));
            continue;
        }
        TRELLIS_TRY(auto value, value_of_word(desk, *field, pair.value));
        if (field->kind != FieldKind::set) {
            result.set(pair.name, std::move(value));
            continue;
        }
        Json list = result.has(pair.name) ? result[pair.name] : Json(Json::Array{});
        if (!value.is_null()) list.push(std::move(value));
        result.set(pair.name, std::move(list));
    }
    return result;
}

std::string text_of_instant(std::int64_t unix_ms) {
    const std::time_t seconds = unix_ms / 1000;
    std::tm parts{};
    char text[32];
    if (::localtime_r(&seconds, &parts) == nullptr ||
        std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts) == 0) {
        return std::to_string(unix_ms);
    }
    return text;
}

std::string text_of_value(Desk& desk, const Field* field, const Json& value) {
    if (value.is_null()) return "–";
    if (const auto* flag = value.boolean()) return *flag ? "yes" : "no";
    if (const auto* list = value.array()) return joined(desk, field, *list);
    if (value.has("tokens")) {
        const auto open = value["tokens"].array()->size();
        if (open == 0) return "closed";
        return *value["level"].string() + " (" + std::to_string(open) + " open)";
    }
    if (value.has("$bytes")) {
        return std::to_string(value["$bytes"].string()->size() * 3 / 4) + " bytes";
    }
    if (value.object() != nullptr) return text_of_entry(desk, field, value);
    const bool is_instant = field != nullptr && field->value == ValueType::instant;
    if (const auto* number = value.integer()) {
        return is_instant ? text_of_instant(*number) : std::to_string(*number);
    }
    if (const auto* text = value.string()) {
        if (field == nullptr) return *text;
        if (field->value == ValueType::ref) return desk.name_of_record(*text);
        if (field->value == ValueType::enumeration && field->kind != FieldKind::status) {
            return std::string(desk.schema().label(field->enumeration, *text, "en"));
        }
        return *text;
    }
    return print_json(value);
}

}  // namespace trellis::clients
