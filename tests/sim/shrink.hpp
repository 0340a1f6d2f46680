// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "tests/sim/simulation.hpp"

namespace trellis::sim {

/// A smaller plan that breaks the same promise. `more` is asked before each run and says when
/// it is enough; `told` hears of each success.
Plan shrink(Plan plan, const Settings& settings, const std::string& checker,
            const std::function<bool()>& more,
            const std::function<void(const Plan&)>& told = nullptr);

}  // namespace trellis::sim
