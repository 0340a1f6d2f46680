// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "core/merge/register.hpp"
#include "core/record/schema.hpp"

namespace trellis::core {

/// Index of the head that is shown, by the field's resolver (interface: merge semantics):
/// latest and manual: clock quality, corrected time, counter, actor; max and min: by value;
/// protect: the last in the schema's order, a value outside the order counting as the most
/// protective; ties as latest. To clear a field never hides what somebody else wrote
/// meanwhile: null gives way to any value under max and min, and under protect unless the
/// order lists it. Requires: heads is not empty.
std::size_t shown_head(const std::vector<Head>& heads, const Field& field);

/// True where the heads hold more than one distinct value.
bool is_conflict(const std::vector<Head>& heads);

}  // namespace trellis::core
