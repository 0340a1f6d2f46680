// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/store/store.hpp"

/// Who points at whom: what the sign of a compartment and the export of a family follow.
namespace trellis::core {

/// One field of a record that names another record.
struct Reference {
    const Field* field = nullptr;  ///< of the type, or of a log's entries
    RecordId to;
};

/// Every value that points at a record, concurrent ones and those in log entries included.
Result<std::vector<Reference>> references_of(Store& store, const Place& place,
                                             const RecordState& state);

/// Every record of a type in a space, deleted ones included, ascending by name.
Result<std::vector<Place>> places_in(Store& store, SpaceIndex space, TypeId type);

}  // namespace trellis::core
