// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/record/schema.hpp"

namespace trellis::core {

/// The schema a district starts with (core/domain/README.md), as JSON.
std::string family_schema_text();

/// The same, parsed. Requires: our own files are right, which a test sees to.
Schema family_schema();

}  // namespace trellis::core
