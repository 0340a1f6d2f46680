// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/dot.hpp"
#include "core/base/json.hpp"
#include "core/base/record_id.hpp"

/// What an app asks to write, in the words of the scripted interface. Fields are named, values
/// are JSON; Writer checks both against the schema and turns them into ops.
namespace trellis::core {

/// Creates a record; with a key, the one record of that key.
struct PutRecord {
    SpaceId space;
    std::string type;
    Json fields;                     ///< an object
    std::optional<std::string> key;
};
struct SetFields {
    RecordId record;
    Json fields;
};
struct ChangeSet {
    RecordId record;
    std::string field;
    std::vector<Json> add;
    std::vector<Json> remove;
};
struct IncrementField {
    RecordId record;
    std::string field;
    std::int64_t by = 0;
};
struct AppendEntry {
    RecordId record;
    std::string field;
    Json fields;
};
struct RaiseStatus {
    RecordId record;
    std::string field;
    Json level;  ///< its name, or its number from 0
};
struct AdvanceStatus {
    RecordId record;
    std::string field;
    Dot token;
    Json level;
};
struct CloseStatus {
    RecordId record;
    std::string field;
    std::vector<Dot> tokens;
    std::string reason;
};
/// Settles a conflict: replaces every value that this device shows.
struct ResolveField {
    RecordId record;
    std::string field;
    Json value;
};
struct DeleteRecord {
    RecordId record;
    std::string reason;
};
struct RestoreRecord {
    RecordId record;
};
struct LinkRecords {
    RecordId a;
    RecordId b;
    bool on = true;  ///< false: takes back every link between the two that this device sees
};

using Edit = std::variant<PutRecord, SetFields, ChangeSet, IncrementField, AppendEntry,
                          RaiseStatus, AdvanceStatus, CloseStatus, ResolveField, DeleteRecord,
                          RestoreRecord, LinkRecords>;

/// What one edit made.
struct Written {
    Dot dot;          ///< of the edit's first op: names an entry or a token
    RecordId record;
};

}  // namespace trellis::core
