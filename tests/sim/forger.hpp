// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/sim/fleet.hpp"

namespace trellis::sim {

/// A member without the right to write in a space has got at its key, writes all the same, and a
/// relay that looks away hands it to `victim`. Fails the run (C11) where the victim shows it.
/// False where there is no such member, or nothing to write to.
bool forge(Fleet& fleet, Device& victim, Random& random);

}  // namespace trellis::sim
