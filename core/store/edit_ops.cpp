// SPDX-License-Identifier: Apache-2.0
#include "core/store/edit_ops.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "crypto/primitive/hash.hpp"

namespace trellis::core {
namespace {

const ElementSet::Element* find_element(const RecordState& state, FieldId field,
                                        const Value& value) {
    const auto* set = state.find<ElementSet>(field);
    if (set == nullptr) return nullptr;
    for (const auto& element : set->elements) {
        if (element.value == value) return &element;
    }
    return nullptr;
}

Result<std::vector<Value>> values_of(const Field& field, const std::vector<Json>& list,
                                     const Schema& schema) {
    if (list.size() > limits::op_values_max) {
        return Error{Code::too_large, field.name + " takes at most " +
                                          std::to_string(limits::op_values_max) + " values at once"};
    }
    std::vector<Value> values;
    for (const auto& item : list) {
        TRELLIS_TRY(auto value, value_from_json(item, field, schema));
        if (value.is_null()) return Error{Code::invalid, field.name + " holds no nulls"};
        values.push_back(std::move(value));
    }
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    return values;
}

Result<void> check_size(const Field& field, const EditSet& edit) {
    if (!edit.add.empty() || !edit.remove.empty()) return {};
    return Error{Code::invalid, field.name + ": give at least one value"};
}

}  // namespace

std::string_view kind_name(FieldKind kind) {
    switch (kind) {
        case FieldKind::set: return "set";
        case FieldKind::counter: return "counter";
        case FieldKind::log: return "log";
        case FieldKind::text: return "text";
        case FieldKind::status: return "status";
        default: return "register";
    }
}

Error unknown_field(const Type& type, std::string_view name) {
    return {Code::invalid, type.name + " has no field " + std::string(name)};
}

RecordId keyed_record(const SpaceId& space, const Type& type, std::string_view key) {
    crypto::Hasher hasher(crypto::Label::record_key);
    hasher.add(space.view()).add_u32(type.id).add(as_bytes(key));
    return RecordId::keyed(hasher.finish().view());
}

Result<Assign> assign(const Field& field, const Json& value, const RecordState& state,
                      const Schema& schema) {
    Assign assign;
    TRELLIS_TRY(assign.value, value_from_json(value, field, schema));
    if (const auto* reg = state.find<Register>(field.id)) {
        for (const auto& head : reg->heads) assign.seen.push_back(head.dot);
    }
    if (assign.seen.size() > limits::heads_max) {
        return Error{Code::too_large, field.name + " has more concurrent values than one write can "
                                                   "settle"};
    }
    return assign;
}

Result<EditSet> replace_set(const Field& field, const Json& value, const RecordState& state,
                            const Schema& schema) {
    if (value.array() == nullptr) {
        return Error{Code::invalid, field.name + " is a set: give an array of values"};
    }
    TRELLIS_TRY(const auto wanted, values_of(field, *value.array(), schema));
    EditSet edit;
    for (const auto& each : wanted) {
        if (find_element(state, field.id, each) == nullptr) edit.add.push_back(each);
    }
    if (const auto* set = state.find<ElementSet>(field.id)) {
        for (const auto& element : set->elements) {
            if (!std::binary_search(wanted.begin(), wanted.end(), element.value)) {
                edit.remove.push_back({element.value, element.adds});
            }
        }
    }
    return edit;
}

Result<EditSet> change_set(const Field& field, const ChangeSet& change, const RecordState& state,
                           const Schema& schema) {
    EditSet edit;
    TRELLIS_TRY(edit.add, values_of(field, change.add, schema));
    TRELLIS_TRY(const auto removed, values_of(field, change.remove, schema));
    for (const auto& value : removed) {
        // What is not shown here cannot be removed from here; that is no error.
        const auto* element = find_element(state, field.id, value);
        edit.remove.push_back({value, element == nullptr ? std::vector<Dot>() : element->adds});
    }
    std::erase_if(edit.remove, [](const EditSet::Removal& each) { return each.seen.empty(); });
    if (!removed.empty() && edit.remove.empty() && edit.add.empty()) {
        return Error{Code::not_found, field.name + " does not hold what is to be removed"};
    }
    TRELLIS_DO(check_size(field, edit));
    return edit;
}

Result<Increment> increment_by(const Field& field, std::int64_t by) {
    if (by > limits::increment_max || by < -limits::increment_max) {
        return Error{Code::too_large, field.name + " counts by at most " +
                                          std::to_string(limits::increment_max) + " at once"};
    }
    return Increment{by};
}

Result<Append> append_of(const Field& field, const Json& entry, const Schema& schema) {
    if (entry.object() == nullptr) {
        return Error{Code::invalid, field.name + ": an entry is an object of names and values"};
    }
    Append append{field.id, {}};
    for (const auto& [name, json] : *entry.object()) {
        const auto part = std::find_if(field.entry.begin(), field.entry.end(),
                                       [&](const Field& each) { return each.name == name; });
        if (part == field.entry.end()) {
            return Error{Code::invalid, field.name + " has no entry field " + name};
        }
        TRELLIS_TRY(auto value, value_from_json(json, *part, schema));
        if (!value.is_null()) append.entry.emplace_back(part->id, std::move(value));
    }
    std::sort(append.entry.begin(), append.entry.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    return append;
}

Result<std::uint32_t> level_of(const Field& field, const Json& level) {
    if (const auto* number = level.integer()) {
        if (*number >= 0 && *number < static_cast<std::int64_t>(field.levels.size())) {
            return static_cast<std::uint32_t>(*number);
        }
    }
    if (const auto* name = level.string()) {
        const auto at = std::find(field.levels.begin(), field.levels.end(), *name);
        if (at != field.levels.end()) return static_cast<std::uint32_t>(at - field.levels.begin());
    }
    std::string known;
    for (const auto& each : field.levels) known += (known.empty() ? "" : ", ") + each;
    return Error{Code::invalid, field.name + " knows the levels " + known};
}

Result<void> check_open(const Field& field, const RecordState& state,
                        const std::vector<Dot>& tokens) {
    const auto* known = state.find<Tokens>(field.id);
    for (const auto& token : tokens) {
        const bool open = known != nullptr &&
                          std::any_of(known->open.begin(), known->open.end(),
                                      [&](const Tokens::Token& each) { return each.dot == token; });
        if (!open) {
            return Error{Code::conflict, field.name + ": token " + to_string(token) + " is not open"};
        }
    }
    return {};
}

Result<CloseTokens> close_of(const Field& field, const CloseStatus& edit,
                             const RecordState& state) {
    CloseTokens closing{field.id, edit.tokens, edit.reason};
    std::sort(closing.tokens.begin(), closing.tokens.end());
    closing.tokens.erase(std::unique(closing.tokens.begin(), closing.tokens.end()),
                         closing.tokens.end());
    if (closing.tokens.empty()) return Error{Code::invalid, "a close names at least one token"};
    if (closing.tokens.size() > limits::heads_max) {
        return Error{Code::too_large, "a close names too many tokens: close some first"};
    }
    if (edit.reason.size() > limits::reason_max || !is_utf8(edit.reason)) {
        return Error{Code::too_large, "a reason has at most " + std::to_string(limits::reason_max) +
                                          " bytes of UTF-8"};
    }
    TRELLIS_DO(check_open(field, state, closing.tokens));
    return closing;
}

Restore restore_of(const RecordState& state) {
    Restore restore;
    for (const auto& tombstone : state.tombstones) restore.deletes.push_back(tombstone.dot);
    return restore;
}

Result<Unlink> unlink_of(const Links& links, const RecordId& a, const RecordId& b) {
    Unlink unlink{b, {}};
    for (const auto& fact : links.facts) {
        if ((fact.a == a && fact.b == b) || (fact.a == b && fact.b == a)) {
            unlink.links.push_back(fact.dot);
        }
    }
    if (unlink.links.empty()) return Error{Code::not_found, "these two records are not linked"};
    return unlink;
}

}  // namespace trellis::core
