// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/store/actors.hpp"
#include "core/store/spaces.hpp"

namespace trellis::core {

/// Defines the SQL functions that the views use: trellis_rec(id, k) and trellis_dot(id) name
/// records and entries as elsewhere, trellis_space(s) a space. Requires: `actors` and `spaces`
/// outlive the connection's use.
Result<void> define_functions(sqlite::Database& database, const Actors& actors,
                              const Spaces& spaces);

}  // namespace trellis::core
