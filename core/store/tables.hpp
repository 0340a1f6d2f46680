// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "core/record/schema.hpp"
#include "core/sqlite/database.hpp"

namespace trellis::core {

/// The fixed tables of a device's database, as numbered migration steps (docs/format.md).
const std::vector<std::string_view>& database_steps();

/// Names of what the schema makes: _t_<type>, _l_<type>_<field>, _s_<type>, column f<field>.
std::string record_table(TypeId type);
std::string log_table(TypeId type, FieldId field);
std::string search_table(TypeId type);
std::string column(FieldId field);
/// A name as an SQL identifier, quoted.
std::string quoted(std::string_view name);

/// Brings tables, columns, indexes, search tables and views in line with the schema: adds what
/// is missing, never touches a row. Types whose tables are new are listed in `added_types`,
/// known types that gained columns in `widened_types`, so that kept-back values can move in.
/// In the caller's transaction.
struct SchemaChanges {
    std::vector<TypeId> added_types;
    std::vector<TypeId> widened_types;
};
Result<SchemaChanges> apply_schema(sqlite::Database& database, const Schema& schema);

/// The fields of a type that have a column: all but logs.
std::vector<const Field*> column_fields(const Type& type);

}  // namespace trellis::core
