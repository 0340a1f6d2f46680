// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "sync/device/session.hpp"

namespace trellis::clients {

/// {complete, sent, received, changes, bytes_up, bytes_down, pending, events?}
Json progress_to_json(const sync::SessionProgress& progress);

}  // namespace trellis::clients
