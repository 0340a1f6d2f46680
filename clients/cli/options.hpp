// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "clients/cli/cli_host.hpp"

namespace trellis::clients {

/// What every command takes.
struct CommonOptions {
    std::string database;  ///< empty: default_database()
    std::string key_file;
    std::string schema_file;
    std::string profile = "native";
    std::string ca_file;
    bool verbose = false;
    bool json = false;
    bool no_color = false;
};

/// $TRELLIS_DB, else .trellis/trellis.db in the home folder.
std::string default_database();

/// The schema of a file, or the family schema.
Result<core::Schema> schema_of(const CommonOptions& options);

DatabaseFile database_of(const CommonOptions& options);

}  // namespace trellis::clients
