// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>

#include "core/base/result.hpp"

namespace trellis::demo {

/// Copies a OneRoster folder with only its first students, and their families.
Result<void> take_sample(const std::string& from, const std::string& to, std::size_t students);

}  // namespace trellis::demo
