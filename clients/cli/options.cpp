// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/options.hpp"

#include "core/domain/family_schema.hpp"

namespace trellis::clients {

Result<core::Schema> schema_of(const CommonOptions& options) {
    if (options.schema_file.empty()) return core::family_schema();
    return load_schema(options.schema_file);
}

DatabaseFile database_of(const CommonOptions& options) {
    return {options.database, options.key_file, options.profile == "web"};
}

}  // namespace trellis::clients
