// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "clients/cli/cli_host.hpp"

namespace trellis::clients {

/// What every command takes.
struct CommonOptions {
    std::string database = "trellis.db";
    std::string key_file;
    std::string schema_file;
    std::string profile = "native";
    std::string ca_file;
    bool verbose = false;
};

/// The schema of a file, or the family schema.
Result<core::Schema> schema_of(const CommonOptions& options);

DatabaseFile database_of(const CommonOptions& options);

}  // namespace trellis::clients
