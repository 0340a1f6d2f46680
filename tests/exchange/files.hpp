// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/exchange/oneroster.hpp"
#include "core/base/json.hpp"
#include "core/record/schema.hpp"

#include <string>
#include <string_view>
#include <vector>

/// Files that tests read. A file that is not there fails the test by name.
namespace trellis::clients {

/// The data that lies beside the source tree.
inline const std::string shared_data = "../shared/data/";

Bytes file_bytes(const std::string& path);
Json file_json(const std::string& path);
inline Bytes bytes_of(std::string_view text) {
    return to_bytes(as_bytes(text));
}

/// The Grand Bend district, as the demo imports it.
Files grand_bend();
/// Two schools, three students, four relatives, a teacher and an administrator: no problems.
Files small_package();
/// The same with one text replaced in one file, which must hold it.
Files small_package_with(const std::string& file,
                         std::string_view text,
                         std::string_view replacement);

/// The shipped types and enumerations.
core::Schema shipped_schema();

/// A record's name that says what it is, for a lookup.
RecordLookup readable_ids();
/// Ids that look like real ones.
RecordLookup real_ids();

}  // namespace trellis::clients
