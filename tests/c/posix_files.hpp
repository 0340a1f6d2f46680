// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/c/trellis.h"

namespace trellis::test {

/// The files of the folder a program runs in, behind a platform's table of functions: POSIX, and
/// WASI's share of it. For where the library has no files of its own.
trellis_storage posix_files();

}  // namespace trellis::test
