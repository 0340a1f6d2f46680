// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "core/replica.hpp"

namespace trellis::clients {

/// [{space, name, epoch, rights}], the spaces that this device can read.
Json list_spaces(core::Replica& replica);

}  // namespace trellis::clients
