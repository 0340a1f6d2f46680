// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/cli/desk.hpp"

namespace trellis::clients {

/// The rows of `list` as a table: the short name, then the fields that say most. Conflicts are
/// marked.
std::string text_of_rows(Desk& desk, const core::Type& type, const Json& rows);

}  // namespace trellis::clients
