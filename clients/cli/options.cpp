// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/options.hpp"

#include <cstdlib>

#include "core/domain/family_schema.hpp"

namespace trellis::clients {

std::string default_database() {
    const char* named = std::getenv("TRELLIS_DB");
    if (named != nullptr && *named != '\0') return named;
    const char* home = std::getenv("HOME");
    return std::string(home == nullptr || *home == '\0' ? "." : home) + "/.trellis/trellis.db";
}

Result<core::Schema> schema_of(const CommonOptions& options) {
    if (options.schema_file.empty()) return core::family_schema();
    return load_schema(options.schema_file);
}

DatabaseFile database_of(const CommonOptions& options) {
    const auto path = options.database.empty() ? default_database() : options.database;
    return {path, options.key_file, options.profile == "web", options.database_key};
}

}  // namespace trellis::clients
