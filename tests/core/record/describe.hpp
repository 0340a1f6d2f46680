// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "core/record/change.hpp"

namespace trellis::core {

/// A body as JSON that a person can read beside its bytes; no two bodies look the same.
Json describe(const Body& body);

}  // namespace trellis::core
