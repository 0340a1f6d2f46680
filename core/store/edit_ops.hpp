// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/edit.hpp"
#include "core/merge/links.hpp"
#include "core/merge/record_state.hpp"

/// Single actions out of what an app gave, checked against the schema and against what this
/// device shows: every one names exactly what its author has seen. Pure.
namespace trellis::core {

std::string_view kind_name(FieldKind kind);
Error unknown_field(const Type& type, std::string_view name);

/// The name of the one record of this key.
RecordId keyed_record(const SpaceId& space, const Type& type, std::string_view key);

Result<Assign> assign(const Field& field, const Json& value, const RecordState& state,
                      const Schema& schema);
/// Adds what is missing and removes what is too many, so that the set shows exactly `value`.
Result<EditSet> replace_set(const Field& field, const Json& value, const RecordState& state,
                            const Schema& schema);
Result<EditSet> change_set(const Field& field, const ChangeSet& change, const RecordState& state,
                           const Schema& schema);
Result<Increment> increment_by(const Field& field, std::int64_t by);
Result<Append> append_of(const Field& field, const Json& entry, const Schema& schema);
Result<std::uint32_t> level_of(const Field& field, const Json& level);
/// `conflict` where one of the tokens is not open here.
Result<void> check_open(const Field& field, const RecordState& state,
                        const std::vector<Dot>& tokens);
Result<CloseTokens> close_of(const Field& field, const CloseStatus& edit, const RecordState& state);
Restore restore_of(const RecordState& state);
Result<Unlink> unlink_of(const Links& links, const RecordId& a, const RecordId& b);

}  // namespace trellis::core
