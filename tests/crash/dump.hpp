// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/sqlite/database.hpp"

namespace trellis::test {

/// Every row of every table, as one digest a table. Fails the test where it cannot be read.
std::string dump(sqlite::Database& database);

}  // namespace trellis::test
