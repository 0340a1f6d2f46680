// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/cli/desk.hpp"

/// Fields as people write and read them.
namespace trellis::clients {

/// The type by name; `invalid` names those that come close.
Result<const core::Type*> type_named(Desk& desk, const std::string& name);
Result<const core::Field*> field_named(const core::Type& type, const std::string& name);

/// A value of the field's type: `yes`, `42`, `now`, `2026-09-01 08:30` (this computer's time),
/// `today`, a code, the beginning of a record's id, `@FILE` for bytes. An empty word is null.
Result<Json> value_of_word(Desk& desk, const core::Field& field, const std::string& word);

/// name=value pairs as fields; a set takes several values, each with its name; `name:=JSON`
/// takes a value as it is.
Result<Json> fields_of_words(Desk& desk, const std::vector<core::Field>& fields,
                             const std::string& type_name, const std::vector<std::string>& words);

/// A value as people read it: names for references, local time for instants, labels for codes.
std::string text_of_value(Desk& desk, const core::Field* field, const Json& value);

/// "2026-09-01 08:30", in this computer's time.
std::string text_of_instant(std::int64_t unix_ms);

}  // namespace trellis::clients
