// SPDX-License-Identifier: Apache-2.0
// A pass that finds nothing to do, on an open connection, and one change.
#include "bench/cases.hpp"

namespace trellis::bench {

void measure_no_op(const Folders& /*folders*/, Table& /*table*/) {}

}  // namespace trellis::bench
