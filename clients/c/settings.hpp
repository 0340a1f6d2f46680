// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/c/portable_host.hpp"

namespace trellis::c {

/// Of a path, and of what says where a database lives: below the longest path of SQLite's, with
/// the suffixes that are added.
inline constexpr std::size_t path_max = 480;

/// Checks and copies what trellis_open() was given.
Result<Settings> settings_of(const trellis_options& options);

}  // namespace trellis::c
