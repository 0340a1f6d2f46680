// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/result.hpp"
#include "core/record/change.hpp"

namespace trellis::core {

/// What every op must keep to, whoever wrote it: its lists ascend without repeats, texts are
/// UTF-8, numbers finite and never -0, dates in years 1 to 9999, everything within limits.hpp.
/// `too_large` over a limit, `invalid` otherwise; names the field, never a value.
Result<void> check_op(const Op& op);

/// What encode_change() and encode_body() require of a change: one op at least, counters and
/// time in range, every op as check_op() says and not over limits::op_max when encoded.
Result<void> check_change(const Change& change);

}  // namespace trellis::core
