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
    std::string seats;     ///< an installation's folder; empty: default_seats_folder()
    std::string seat;      ///< whose: the command runs in that seat
    std::string pin_file;  ///< empty: the terminal is asked
    std::shared_ptr<const crypto::Key> database_key;  ///< of the unlocked seat
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
