// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tests/sim/plan.hpp"

namespace trellis::sim {

/// A plan in a file, as JSON: what a failure leaves behind, so that it can be seen again when
/// seeds mean something else.
Result<Plan> read_tape(const std::string& path);
Result<void> write_tape(const std::string& path, const Plan& plan);

/// A text file; `not_found` where there is none.
Result<std::string> read_text(const std::string& path);
Result<void> append_line(const std::string& path, const std::string& line);

}  // namespace trellis::sim
