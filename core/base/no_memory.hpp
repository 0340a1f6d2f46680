// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace trellis {

/// For std::set_new_handler() in our programs: says so on standard error and ends the program
/// where an allocation fails, before libraries that are not made for it see an exception. What
/// was acknowledged is on the disk (docs/decisions/0020-disks-and-memory-that-fail.md).
[[noreturn]] void no_memory_left();

}  // namespace trellis
