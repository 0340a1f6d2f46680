// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/record/schema.hpp"
#include "core/sqlite/statement.hpp"

namespace trellis::core {

/// Binds a value as the column keeps it: dates as text, references as 16 bytes, bools as 0/1.
/// `scratch` holds the text of a date until the statement has run.
void bind_value(sqlite::Statement& statement, int at, const Value& value, std::string& scratch);

/// A column as SQLite has it: null, integer, number, text or bytes.
Value column_native(const sqlite::Statement& statement, int column);

}  // namespace trellis::core
