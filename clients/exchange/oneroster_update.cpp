// SPDX-License-Identifier: Apache-2.0
#include "clients/exchange/oneroster_update.hpp"

#include <algorithm>

namespace trellis::clients {
namespace {

/// True where every member that `wanted` names is the same in `entry`, which may have more:
/// who added it and when.
bool is_said_by(const Json& entry, const Json& wanted) {
    return std::all_of(wanted.object()->begin(), wanted.object()->end(), [&](const auto& member) {
        return entry[member.first] == member.second;
    });
}

bool holds(const Json& shown, const Json& wanted) {
    if (shown.array() == nullptr) return false;
    return std::any_of(shown.array()->begin(), shown.array()->end(), [&](const Json& each) {
        return wanted.object() == nullptr ? each == wanted : is_said_by(each, wanted);
    });
}

/// The items of a set or a log that are not shown yet.
void add_missing(const RecordId& record,
                 const std::string& field,
                 const Json& shown,
                 const Json::Array& wanted,
                 std::vector<core::Edit>& edits) {
    core::ChangeSet change{record, field, {}, {}};
    for (const auto& item : wanted) {
        if (holds(shown, item)) continue;
        if (item.object() != nullptr) {
            edits.emplace_back(core::AppendEntry{record, field, item});
        } else {
            change.add.push_back(item);
        }
    }
    if (!change.add.empty()) edits.emplace_back(std::move(change));
}

}  // namespace

std::vector<core::Edit> update_of(const RecordId& record, const Json& shown, const Json& wanted) {
    std::vector<core::Edit> edits;
    Json single = Json::Object{};
    for (const auto& [name, value] : *wanted.object()) {
        if (value.array() != nullptr) {
            add_missing(record, name, shown[name], *value.array(), edits);
        } else if (name != "status" && !(shown[name] == value)) {
            single.set(name, value);
        }
    }
    if (!single.object()->empty()) {
        edits.insert(edits.begin(), core::SetFields{record, std::move(single)});
    }
    return edits;
}

}  // namespace trellis::clients
