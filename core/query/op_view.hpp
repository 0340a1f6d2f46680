// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/json.hpp"
#include "core/record/op.hpp"

namespace trellis::core {

/// An op as JSON for people and scripts: {op, field?, …}, with the names of the schema.
Json view_op(const Op& op, const Schema& schema);

}  // namespace trellis::core
