// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/env.hpp"
#include "core/base/result.hpp"

/// Where a database lives, in words that differ once its file has been copied or set back, so
/// that the copy writes under a name of its own (docs/decisions/0012-late-work-and-copies.md).
namespace trellis::clients {

/// The machine, the file system and the number of the file, and the token beside it. Empty where
/// there is no such file yet.
std::string custody_of(const std::string& database);

/// A new token beside the database: a copy made earlier no longer fits it. Returns what
/// custody_of() says from now on.
Result<std::string> renew_custody(const std::string& database, Env& env);

}  // namespace trellis::clients
