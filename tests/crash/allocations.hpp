// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tests/crash/sweep.hpp"

namespace trellis::test {

/// SQLite's own memory runs out at the n-th allocation, once or from then on, until the work is
/// over. Requires: install_allocator() was called before SQLite's first use.
std::vector<Trouble> allocation_troubles();

/// Puts itself between SQLite and its allocator.
void install_allocator();

}  // namespace trellis::test
