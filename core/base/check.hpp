// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace trellis {

/// Says on standard error which of our own promises was broken, and stops the program: a
/// wrong merge that spreads is worse than a restart. Never used on input.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace trellis

/// Always on. One condition per check.
#define TRELLIS_CHECK(condition) \
    ((condition) ? static_cast<void>(0) : ::trellis::check_failed(#condition, __FILE__, __LINE__))
