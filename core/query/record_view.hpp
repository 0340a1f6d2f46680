// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/replica.hpp"

/// What people see of records, as the JSON of the scripted interface.
namespace trellis::core {

/// {rec, type, space, state, fields, conflicts, same_as?, restricted?}. `not_found` where there is
/// no such record here. `restricted`: something about this family or person lies in a
/// compartment, and these are to be asked.
Result<Json> get_record(Replica& replica, const RecordId& record);

/// The same without `restricted`, for a place that is known to exist.
Result<Json> view_record(Replica& replica, const Place& place);

/// Every field with more than one live value, in one space or all.
Result<Json> list_conflicts(Replica& replica, const std::optional<SpaceId>& space);

/// Records that were edited after a delete which had not seen the edit.
Result<Json> list_reviews(Replica& replica, const std::optional<SpaceId>& space);

/// The changes that touch a record in an order that respects causality.
Result<Json> list_history(Replica& replica, const RecordId& record);

std::string_view presence_name(Presence presence);

}  // namespace trellis::core
