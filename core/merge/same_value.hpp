// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/record/value.hpp"

namespace trellis::core {

/// Equality by the order of values, which is total: one NaN equals the same NaN.
inline bool same_value(const Value& a, const Value& b) { return !(a < b) && !(b < a); }

}  // namespace trellis::core
