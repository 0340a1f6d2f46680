// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>

#include "core/replica.hpp"

namespace trellis::core {

/// Rows of one record type. `where`: an object of field → value (equal), or field →
/// {"lt"|"le"|"gt"|"ge"|"ne"|"in": …}; "search": "words" looks in the full-text index.
struct ListRequest {
    std::optional<SpaceId> space;
    std::string type;
    Json where;
    std::string order;               ///< a field, "-field" for descending; empty: by creation
    std::size_t limit = 0;           ///< 0: all
    std::optional<RecordId> after;   ///< continue after this row of the same request
};

/// Rows as {rec, space, type, state, fields}; deleted records are not listed.
Result<Json> list_records(Replica& replica, const ListRequest& request);

/// How many rows the same request has, order and limit aside. Compares references as they are
/// kept, which SQL over a view cannot.
Result<std::int64_t> count_records(Replica& replica, const ListRequest& request);

/// A read-only SQL query over one view per record type. Rows as objects by column name.
/// Writing, pragmas and internal tables are `denied`; `invalid` names SQLite's complaint.
Result<Json> run_query(Replica& replica, const std::string& sql, const Json& params);

/// The record types whose rows a query reads, for live queries.
Result<std::set<TypeId>> types_read(Replica& replica, const std::string& sql);

}  // namespace trellis::core
