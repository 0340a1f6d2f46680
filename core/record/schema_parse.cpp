// SPDX-License-Identifier: Apache-2.0
#include "core/base/limits.hpp"
#include "core/record/schema.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <set>

namespace trellis::core {
namespace {

template <class Enum>
struct Word {
    std::string_view name;
    Enum value;
};

constexpr std::array<Word<FieldKind>, 6> kinds{{{"register", FieldKind::scalar_register},
                                                {"set", FieldKind::set},
                                                {"counter", FieldKind::counter},
                                                {"log", FieldKind::log},
                                                {"text", FieldKind::text},
                                                {"status", FieldKind::status}}};
constexpr std::array<Word<ValueType>, 9> value_types{{{"bool", ValueType::boolean},
                                                      {"integer", ValueType::integer},
                                                      {"number", ValueType::number},
                                                      {"text", ValueType::text},
                                                      {"instant", ValueType::instant},
                                                      {"date", ValueType::date},
                                                      {"enum", ValueType::enumeration},
                                                      {"ref", ValueType::ref},
                                                      {"bytes", ValueType::bytes}}};
constexpr std::array<Word<Resolver>, 5> resolvers{{{"latest", Resolver::latest},
                                                   {"manual", Resolver::manual},
                                                   {"max", Resolver::max},
                                                   {"min", Resolver::min},
                                                   {"protect", Resolver::protect}}};
constexpr std::array<Word<DataClass>, 5> data_classes{{{"C0", DataClass::directory},
                                                       {"C1", DataClass::staff},
                                                       {"C2", DataClass::family},
                                                       {"C3", DataClass::care_team},
                                                       {"C4", DataClass::named_people}}};
constexpr std::array<Word<TypeUse>, 5> uses{{{"plain", TypeUse::plain},
                                             {"family", TypeUse::family},
                                             {"person", TypeUse::person},
                                             {"sign", TypeUse::sign},
                                             {"disclosure", TypeUse::disclosure}}};
constexpr std::array<std::string_view, 5> reserved{"rec", "space", "type", "state", "same_as"};

/// Ids made from names lie above the ids that people hand out.
constexpr unsigned derived_id_bits = 28;

/// FNV-1a, folded. Part of the format: it must never change.
std::uint32_t derived_id(std::string_view name) {
    std::uint32_t hash = 2'166'136'261U;
    for (const char c : name)
        hash = (hash ^ static_cast<std::uint8_t>(c)) * 16'777'619U;
    constexpr std::uint32_t base = std::uint32_t{1} << derived_id_bits;
    return base + ((hash >> derived_id_bits) ^ (hash & (base - 1)));
}

bool is_name(std::string_view name) {
    const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
    return !name.empty() && name.size() <= limits::name_max && is_lower(name[0]) &&
           std::all_of(name.begin(), name.end(), [&](char c) {
               return is_lower(c) || (c >= '0' && c <= '9') || c == '_';
           });
}

/// One object of the file, and what to call it when it is wrong.
struct Item {
    const Json& json;
    std::string place;  ///< such as "type 'case', field 'lead'"

    [[nodiscard]] Error wrong(const std::string& what) const {
        return {Code::invalid, "in the schema, " + place + ": " + what};
    }
    Result<std::string> text(std::string_view key, std::string_view otherwise) const {
        if (!json.has(key)) return std::string(otherwise);
        if (const auto* given = json[key].string()) return *given;
        return wrong("'" + std::string(key) + "' must be a text");
    }
    Result<bool> flag(std::string_view key) const {
        if (!json.has(key)) return false;
        if (const auto* given = json[key].boolean()) return *given;
        return wrong("'" + std::string(key) + "' must be true or false");
    }
    Result<std::uint32_t> number(std::string_view key,
                                 std::uint32_t otherwise,
                                 std::int64_t max) const {
        if (!json.has(key)) return otherwise;
        const auto* given = json[key].integer();
        if (given != nullptr && *given >= 1 && *given <= max) {
            return static_cast<std::uint32_t>(*given);
        }
        return wrong("'" + std::string(key) + "' must be an integer from 1 to " +
                     std::to_string(max));
    }
    template <class Enum, std::size_t N>
    Result<Enum> word(std::string_view key,
                      const std::array<Word<Enum>, N>& words,
                      Enum otherwise) const {
        if (!json.has(key)) return otherwise;
        TRELLIS_TRY(const auto given, text(key, ""));
        for (const auto& word : words) {
            if (word.name == given) return word.value;
        }
        return wrong("'" + std::string(key) + "' cannot be '" + given + "'");
    }
    /// Empty where there is none.
    Result<const Json::Array*> list(std::string_view key) const {
        static const Json::Array none;
        if (!json.has(key)) return &none;
        if (const auto* given = json[key].array()) return given;
        return wrong("'" + std::string(key) + "' must be a list");
    }
};

/// What the program writes into types that it uses itself.
struct UsedField {
    TypeUse use;
    std::string_view name;
    FieldKind kind;
    ValueType value;
};
constexpr std::array<UsedField, 8> used_fields{
    {{TypeUse::sign, "about", FieldKind::scalar_register, ValueType::ref},
     {TypeUse::sign, "ask", FieldKind::set, ValueType::text},
     {TypeUse::disclosure, "subject", FieldKind::scalar_register, ValueType::ref},
     {TypeUse::disclosure, "what", FieldKind::scalar_register, ValueType::text},
     {TypeUse::disclosure, "to_whom", FieldKind::scalar_register, ValueType::text},
     {TypeUse::disclosure, "when", FieldKind::scalar_register, ValueType::instant},
     {TypeUse::disclosure, "reason", FieldKind::scalar_register, ValueType::text},
     {TypeUse::disclosure, "by", FieldKind::scalar_register, ValueType::text}}};

/// Sorts by id; an error where two share a name or an id.
template <class Named>
Result<void> sort_and_check(std::vector<Named>& items, const std::string& place) {
    std::set<std::string_view> names;
    for (const auto& item : items) {
        if (!names.insert(item.name).second) {
            return Error{Code::invalid,
                         "in the schema, " + place + ": '" + item.name + "' is there twice"};
        }
    }
    std::sort(
        items.begin(), items.end(), [](const Named& a, const Named& b) { return a.id < b.id; });
    const auto twin = std::adjacent_find(
        items.begin(), items.end(), [](const Named& a, const Named& b) { return a.id == b.id; });
    if (twin == items.end()) return {};
    return Error{Code::invalid,
                 "in the schema, " + place + ": '" + twin->name + "' and '" +
                     std::next(twin)->name + "' have the same id"};
}

}  // namespace

class SchemaParser {
public:
    Result<Schema> parse(const Json& json) {
        const Item item{json, "at the top"};
        if (json.object() == nullptr) return item.wrong("there must be an object");
        TRELLIS_DO(parse_enumerations(json["enums"]));
        TRELLIS_TRY(const auto* types, item.list("types"));
        if (types->size() > limits::schema_types_max) return item.wrong("there are too many types");
        for (const auto& type : *types)
            TRELLIS_DO(parse_type(type));
        TRELLIS_DO(sort_and_check(schema_.types_, "the types"));
        return std::move(schema_);
    }

private:
    Result<void> parse_enumerations(const Json& json) {
        if (json.is_null()) return {};
        if (json.object() == nullptr) {
            return Item{json, "'enums'"}.wrong("there must be an object");
        }
        for (const auto& [name, list] : *json.object()) {
            TRELLIS_DO(parse_enumeration(name, {list, "enumeration '" + name + "'"}));
        }
        return {};
    }

    Result<void> parse_enumeration(const std::string& name, const Item& item) {
        if (!is_name(name)) return item.wrong("a name has only a to z, 0 to 9 and _");
        auto& enumeration = schema_.enumerations_[name];
        TRELLIS_TRY(const auto* values, item.list("values"));
        for (const auto& value : *values) {
            TRELLIS_TRY(auto code, (Item{value, item.place}.text("code", "")));
            if (code.empty() || code.size() > limits::name_max) {
                return item.wrong("every value needs a short 'code'");
            }
            if (enumeration.by_code.count(code) > 0) {
                return item.wrong("'" + code + "' is there twice");
            }
            enumeration.by_code[code].labels = parse_labels(value["labels"]);
            enumeration.codes.push_back(std::move(code));
        }
        return {};
    }

    static std::map<std::string, std::string, std::less<>> parse_labels(const Json& json) {
        std::map<std::string, std::string, std::less<>> labels;
        if (json.object() == nullptr) return labels;
        for (const auto& [language, label] : *json.object()) {
            if (label.string() != nullptr) labels[language] = *label.string();
        }
        return labels;
    }

    Result<void> parse_type(const Json& json) {
        Type type;
        TRELLIS_TRY(type.name, (Item{json, "a type"}.text("name", "")));
        const Item item{json, "type '" + type.name + "'"};
        if (!is_name(type.name)) {
            return item.wrong("a 'name' has only a to z, 0 to 9 and _, and starts with a letter");
        }
        TRELLIS_TRY(type.id, parse_id(item, type.name));
        TRELLIS_TRY(type.label, item.text("label", type.name));
        TRELLIS_TRY(type.data_class, item.word("class", data_classes, DataClass::family));
        TRELLIS_TRY(type.use, item.word("use", uses, TypeUse::plain));
        TRELLIS_TRY(type.fields, parse_fields(item, false));
        TRELLIS_DO(parse_classes(item, type));
        TRELLIS_DO(check_use(item, type));
        schema_.types_.push_back(std::move(type));
        return {};
    }

    /// A field without a class has its type's.
    static Result<void> parse_classes(const Item& item, Type& type) {
        TRELLIS_TRY(const auto* list, item.list("fields"));
        for (auto& field : type.fields) field.data_class = type.data_class;
        for (const auto& json : *list) {
            const auto* name = json["name"].string();
            for (auto& field : type.fields) {
                if (name == nullptr || field.name != *name) continue;
                const Item inner{json, item.place + ", field '" + field.name + "'"};
                TRELLIS_TRY(field.data_class, inner.word("class", data_classes, type.data_class));
            }
        }
        return {};
    }

    Result<void> check_use(const Item& item, const Type& type) const {
        const bool is_only = type.use == TypeUse::sign || type.use == TypeUse::disclosure;
        if (is_only && schema_.type_for(type.use) != nullptr) {
            return item.wrong("another type has the same 'use' already");
        }
        for (const auto& wanted : used_fields) {
            if (wanted.use != type.use) continue;
            const auto* field = type.field(wanted.name);
            if (field == nullptr || field->kind != wanted.kind || field->value != wanted.value) {
                return item.wrong("its 'use' needs a fitting field '" + std::string(wanted.name) +
                                  "'");
            }
        }
        return {};
    }

    static Result<std::uint32_t> parse_id(const Item& item, std::string_view name) {
        return item.number("id", derived_id(name), std::numeric_limits<std::uint32_t>::max());
    }

    Result<std::vector<Field>> parse_fields(const Item& item, bool in_log) {
        TRELLIS_TRY(const auto* list, item.list("fields"));
        if (list->size() > limits::schema_fields_max) return item.wrong("it has too many fields");
        std::vector<Field> fields;
        for (const auto& json : *list) {
            TRELLIS_TRY(auto name, (Item{json, item.place + ", a field"}.text("name", "")));
            const Item inner{json, item.place + ", field '" + name + "'"};
            TRELLIS_TRY(auto field, parse_field(inner, std::move(name)));
            if (in_log && field.kind != FieldKind::scalar_register) {
                return inner.wrong("the entries of a log hold plain values only");
            }
            fields.push_back(std::move(field));
        }
        TRELLIS_DO(sort_and_check(fields, item.place));
        return fields;
    }

    Result<Field> parse_field(const Item& item, std::string name) {
        if (!is_name(name)) {
            return item.wrong("a 'name' has only a to z, 0 to 9 and _, and starts with a letter");
        }
        if (std::find(reserved.begin(), reserved.end(), name) != reserved.end()) {
            return item.wrong("this name belongs to every record; choose another");
        }
        Field field;
        TRELLIS_TRY(field.id, parse_id(item, name));
        field.name = std::move(name);
        TRELLIS_TRY(field.kind, item.word("kind", kinds, FieldKind::scalar_register));
        TRELLIS_TRY(field.value, item.word("value", value_types, ValueType::text));
        if (field.kind == FieldKind::text) field.value = ValueType::text;
        if (field.kind == FieldKind::counter) field.value = ValueType::integer;
        TRELLIS_TRY(field.resolver, item.word("resolver", resolvers, Resolver::latest));
        TRELLIS_TRY(const auto max, item.number("max", limits::text_max, limits::text_max));
        if (item.json.has("max")) field.text_max = max;
        TRELLIS_TRY(field.immutable, item.flag("immutable"));
        TRELLIS_TRY(field.search, item.flag("search"));
        TRELLIS_TRY(field.index, item.flag("index"));
        TRELLIS_TRY(field.to, item.text("to", ""));
        TRELLIS_DO(parse_details(item, field));
        return field;
    }

    /// What only some kinds and value types have.
    Result<void> parse_details(const Item& item, Field& field) {
        if (field.value == ValueType::enumeration) {
            TRELLIS_TRY(field.enumeration, item.text("enum", ""));
            if (field.enumeration.empty()) return item.wrong("an enum field needs 'enum'");
        }
        if (field.resolver == Resolver::protect) TRELLIS_DO(parse_order(item, field));
        if (field.kind == FieldKind::status) TRELLIS_DO(parse_levels(item, field));
        if (field.kind == FieldKind::log) {
            TRELLIS_TRY(field.entry, parse_fields(item, true));
            if (field.entry.empty()) return item.wrong("a log needs 'fields'");
        }
        return {};
    }

    /// Without an order an enumeration's own counts, and true protects more than false.
    Result<void> parse_order(const Item& item, Field& field) {
        TRELLIS_TRY(const auto* order, item.list("order"));
        for (const auto& json : *order) {
            auto value = value_from_json(json, field, schema_);
            if (!value) return item.wrong("'order' holds a value that the field cannot have");
            field.protect_order.push_back(std::move(value).value());
        }
        if (item.json.has("order")) return {};
        if (field.value == ValueType::boolean) {
            field.protect_order = {Value(false), Value(true)};
        }
        if (field.value == ValueType::enumeration) {
            for (const auto& code : schema_.codes(field.enumeration)) {
                field.protect_order.emplace_back(code);
            }
        }
        return {};
    }

    static Result<void> parse_levels(const Item& item, Field& field) {
        TRELLIS_TRY(const auto* levels, item.list("levels"));
        for (const auto& json : *levels) {
            const auto* level = json.string();
            if (level == nullptr || level->empty()) return item.wrong("a level is a text");
            const auto& known = field.levels;
            if (std::find(known.begin(), known.end(), *level) != known.end()) {
                return item.wrong("the level '" + *level + "' is there twice");
            }
            field.levels.push_back(*level);
        }
        if (field.levels.empty()) return item.wrong("a status needs 'levels'");
        return {};
    }

    Schema schema_;
};

Result<Schema> Schema::parse(const Json& json) {
    return SchemaParser().parse(json);
}

}  // namespace trellis::core
