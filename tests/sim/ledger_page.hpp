// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace trellis::sim {

/// The page tests/LEDGER.md: the sums of all lines of a ledger (docs/simulation.md, "The
/// ledger"), and one row for each line. `invalid` with the number of a line that is no JSON
/// object.
Result<std::string> ledger_page(std::string_view lines);

}  // namespace trellis::sim
