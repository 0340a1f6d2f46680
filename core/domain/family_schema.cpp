// SPDX-License-Identifier: Apache-2.0
#include "core/domain/family_schema.hpp"

namespace trellis::core {

Schema family_schema() {
    auto json = parse_json(family_schema_text());
    TRELLIS_CHECK(json.has_value());
    auto schema = Schema::parse(*json);
    TRELLIS_CHECK(schema.has_value());
    return std::move(*schema);
}

}  // namespace trellis::core
