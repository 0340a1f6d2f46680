// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/config.hpp"

namespace trellis::server {

/// backup, restore, check and stats: what they have to say goes to standard output. The exit
/// status: 0, or 1 where check found problems.
/// Requires: the verb is one of these.
Result<int> care_for_store(const Request& request);

}  // namespace trellis::server
