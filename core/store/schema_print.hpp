// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "core/base/bytes.hpp"
#include "core/record/schema.hpp"

namespace trellis::core {

/// What of a schema shapes tables and views, one line a field, as bytes to keep and compare:
/// equal prints need no work when a database is opened.
Bytes schema_print(const Schema& schema);

/// The first type or field of the old print that the new one lacks or has changed; nothing
/// where the schema has only grown.
std::optional<std::string> missing_from(ByteView old_print, ByteView new_print);

}  // namespace trellis::core
