// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/edit.hpp"

#include <vector>

namespace trellis::clients {

/// What brings a record that is shown as `shown` to what the import wants. Single values are
/// replaced where they differ, apart from `status`, which is given at creation only; sets and
/// logs get what they lack and lose nothing. Empty where nothing differs.
std::vector<core::Edit> update_of(const RecordId& record, const Json& shown, const Json& wanted);

}  // namespace trellis::clients
