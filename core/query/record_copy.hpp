// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "core/replica.hpp"

/// Records written again in another space.
namespace trellis::core {

/// What writes a record, as view_record() shows it, as a new one.
struct RecordCopy {
    RecordId record;          ///< its new name: follows from the space, its type and the key
    std::vector<Edit> edits;  ///< one change
    std::vector<std::string> left;  ///< fields that do not go along: counters
};

/// The name that a reference has where the copy lies.
using Rename = std::function<RecordId(const RecordId&)>;

/// Values as they are shown, sets, entries of logs and open protective statuses. A counter stays
/// behind: two people who copy the same record would count twice.
RecordCopy copy_of(const Type& type, const SpaceId& to, const std::string& key, const Json& view,
                   const Rename& rename);

/// The name under which a record was, or will be, carried over into a space.
std::string carried_key(const RecordId& record);

}  // namespace trellis::core
