// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/c/portable_host.hpp"

namespace trellis::c {

/// Checks and copies what trellis_open() was given.
Result<Settings> settings_of(const trellis_options& options);

}  // namespace trellis::c
