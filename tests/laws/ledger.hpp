// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/laws/walk.hpp"

namespace trellis::laws {

/// So many as usual; one more with TRELLIS_LAWS_MORE=1, one fewer with -1.
std::size_t events(std::size_t usual);

/// Walks the world for 1, 2, … events(usual) events. Fails the test where a law is broken or a
/// history was left out; the counts are printed in one table when all tests have run.
void must_hold(const World& world, std::size_t usual);

/// A line of that table.
void note(const std::string& name, std::size_t events, const Count& count, double seconds);

}  // namespace trellis::laws
