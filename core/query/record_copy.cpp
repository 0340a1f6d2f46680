// SPDX-License-Identifier: Apache-2.0
#include "core/query/record_copy.hpp"

#include "core/store/edit_ops.hpp"

namespace trellis::core {
namespace {

Json renamed(const Field& field, const Json& value, const Rename& rename) {
    if (field.value != ValueType::ref) return value;
    if (const auto* list = value.array()) {
        Json all{Json::Array{}};
        for (const auto& each : *list) all.push(renamed(field, each, rename));
        return all;
    }
    const auto* text = value.string();
    const auto record = text == nullptr ? std::nullopt : RecordId::parse(*text);
    return record ? Json(rename(*record).hex()) : value;
}

void add_entries(const Field& log, const Json& entries, const Rename& rename, RecordCopy& copy) {
    for (const auto& entry : *entries.array()) {
        Json fields{Json::Object{}};
        for (const auto& part : log.entry) {
            if (!entry.has(part.name)) continue;
            fields.set(part.name, renamed(part, entry[part.name], rename));
        }
        copy.edits.emplace_back(AppendEntry{copy.record, log.name, std::move(fields)});
    }
}

void add_statuses(const Field& status, const Json& shown, RecordCopy& copy) {
    for (const auto& token : *shown["tokens"].array()) {
        copy.edits.emplace_back(RaiseStatus{copy.record, status.name, token["level"]});
    }
}

}  // namespace

std::string carried_key(const RecordId& record) { return "carried:" + record.hex(); }

RecordCopy copy_of(const Type& type, const SpaceId& to, const std::string& key, const Json& view,
                   const Rename& rename) {
    RecordCopy copy;
    copy.record = keyed_record(to, type, key);
    PutRecord put{to, type.name, Json::Object{}, key};
    for (const auto& field : type.fields) {
        const Json& value = view["fields"][field.name];
        if (value.is_null()) continue;
        if (field.kind == FieldKind::counter) {
            copy.left.push_back(field.name);
        } else if (field.kind != FieldKind::log && field.kind != FieldKind::status) {
            put.fields.set(field.name, renamed(field, value, rename));
        }
    }
    copy.edits.emplace_back(std::move(put));
    for (const auto& field : type.fields) {
        const Json& value = view["fields"][field.name];
        if (value.is_null()) continue;
        if (field.kind == FieldKind::log) add_entries(field, value, rename, copy);
        if (field.kind == FieldKind::status) add_statuses(field, value, copy);
    }
    return copy;
}

}  // namespace trellis::core
