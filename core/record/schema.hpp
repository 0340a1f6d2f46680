// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/result.hpp"
#include "core/record/value.hpp"

namespace trellis::core {

using TypeId = std::uint32_t;
using FieldId = std::uint32_t;

enum class FieldKind : std::uint8_t { scalar_register, set, counter, log, text, status };
enum class ValueType : std::uint8_t { boolean, integer, number, text, instant, date, enumeration,
                                      ref, bytes };
/// Which live value of a register is shown. It never drops the others.
enum class Resolver : std::uint8_t { latest, manual, max, min, protect };
/// Who may open something, C0 to C4 of the file: everybody, staff, the family's team, a care
/// team, named people. The last lives in compartments only.
enum class DataClass : std::uint8_t { directory, staff, family, care_team, named_people };
/// What the program itself does with a type: whose records others are, the sign that something
/// about them lies in a compartment, and the note of what was handed out.
enum class TypeUse : std::uint8_t { plain, family, person, sign, disclosure };

/// One field of a type, or of a log's entries.
struct Field {
    FieldId id = 0;
    std::string name;
    FieldKind kind = FieldKind::scalar_register;
    ValueType value = ValueType::text;
    Resolver resolver = Resolver::latest;
    std::string enumeration;            ///< name of the enumeration, where value is one
    std::vector<Value> protect_order;   ///< least to most protective, for Resolver::protect
    std::vector<std::string> levels;    ///< low to high, for FieldKind::status
    std::vector<Field> entry;           ///< fields of the entries, for FieldKind::log
    std::string to;                     ///< the type a reference points at; empty: any
    DataClass data_class = DataClass::family;
    std::size_t text_max = 0;           ///< 0: limits::text_max
    bool immutable = false;             ///< given at creation only
    bool search = false;                ///< in the full-text index
    bool index = false;                 ///< has a secondary index
};

/// One record type.
struct Type {
    TypeId id = 0;
    std::string name;
    std::string label;
    DataClass data_class = DataClass::family;
    TypeUse use = TypeUse::plain;
    std::vector<Field> fields;  ///< sorted by id

    /// A family, or a person of one: whose records others are.
    [[nodiscard]] bool is_subject() const {
        return use == TypeUse::family || use == TypeUse::person;
    }
    [[nodiscard]] const Field* field(FieldId id) const;
    [[nodiscard]] const Field* field(std::string_view name) const;
};

/// The types, fields and kinds a space agrees on: data, not code. Evolution is additive: ids
/// and names are never reused, kinds never change.
class Schema {
public:
    /// Reads {"enums":{…},"types":[…]} (docs/format.md). A missing id is derived from the name,
    /// so that it does not depend on the order of the file. `invalid` says which type and field.
    static Result<Schema> parse(const Json& json);

    [[nodiscard]] const Type* type(TypeId id) const;
    [[nodiscard]] const Type* type(std::string_view name) const;
    [[nodiscard]] const std::vector<Type>& types() const { return types_; }  ///< sorted by id
    /// The first type of this use; null where there is none.
    [[nodiscard]] const Type* type_for(TypeUse use) const;

    /// The codes of an enumeration in order; empty where unknown.
    [[nodiscard]] const std::vector<std::string>& codes(std::string_view enumeration) const;
    /// The label of a code in a language such as "es"; English, then the code itself, where
    /// there is none.
    [[nodiscard]] std::string_view label(std::string_view enumeration, std::string_view code,
                                         std::string_view language) const;

private:
    struct Code {
        std::map<std::string, std::string, std::less<>> labels;
    };
    struct Enumeration {
        std::vector<std::string> codes;
        std::map<std::string, Code, std::less<>> by_code;
    };
    std::vector<Type> types_;
    std::map<std::string, Enumeration, std::less<>> enumerations_;
    friend class SchemaParser;
};

/// The value in the one form that this field keeps: a text that is a date becomes a Date in a
/// date field, 16 bytes a reference in a ref field, 0 and 1 booleans in a bool field, integers
/// doubles in a number field. Total and idempotent; what does not fit stays as it is and is
/// shown as it is: a value of a newer version never stops a merge.
Value conform(Value value, const Field& field);

/// A value for this field out of JSON, strictly: `invalid` names the field and says what is
/// expected. Used for what this device writes.
Result<Value> value_from_json(const Json& json, const Field& field, const Schema& schema);

/// A value as JSON (interface: "Values in JSON").
Json to_json(const Value& value);

}  // namespace trellis::core
