// SPDX-License-Identifier: Apache-2.0
#include "core/query/record_view.hpp"

#include "core/merge/resolver.hpp"
#include "core/query/op_view.hpp"
#include "core/store/edit_ops.hpp"

namespace trellis::core {
namespace {

/// Says who and when of a dot.
void sign_with(Json& json, const Store& store, SpaceIndex space, const Dot& dot,
               const Stamp& stamp) {
    const auto* actor = store.actors.find(space, dot.actor);
    json.set("device", actor == nullptr ? "" : actor->device.hex());
    json.set("at", stamp.time);
}

Json view_heads(const Store& store, SpaceIndex space, const std::vector<Head>& heads) {
    Json list{Json::Array{}};
    for (const auto& head : heads) {
        Json one;
        one.set("value", to_json(head.value));
        one.set("dot", to_string(head.dot));
        sign_with(one, store, space, head.dot, head.stamp);
        list.push(std::move(one));
    }
    return list;
}

Json view_tokens(const Store& store, SpaceIndex space, const Field& field, const Tokens* tokens) {
    const auto name = [&field](std::uint32_t level) -> Json {
        if (level < field.levels.size()) return field.levels[level];
        return std::int64_t{level};
    };
    Json list{Json::Array{}};
    Json status;
    status.set("level", tokens == nullptr || tokens->open.empty() ? Json() : name(*tokens->level()));
    for (const auto& token : tokens == nullptr ? std::vector<Tokens::Token>() : tokens->open) {
        Json one;
        one.set("token", to_string(token.dot));
        one.set("level", name(token.level));
        sign_with(one, store, space, token.dot, token.stamp);
        list.push(std::move(one));
    }
    status.set("tokens", std::move(list));
    return status;
}

Result<Json> view_log(Store& store, const Place& place, const Field& field) {
    TRELLIS_TRY(const auto entries, store.records.entries(place, field.id));
    Json list{Json::Array{}};
    for (const auto& entry : entries) {
        Json one;
        for (const auto& [id, value] : entry.values) {
            for (const auto& part : field.entry) {
                if (part.id == id) one.set(part.name, to_json(value));
            }
        }
        one.set("entry", to_string(entry.dot));
        sign_with(one, store, place.space, entry.dot, entry.stamp);
        list.push(std::move(one));
    }
    return list;
}

Result<void> view_field(Store& store, const Place& place, const Field& field,
                        const RecordState& state, Json& record) {
    Json& fields = record.object()->find("fields")->second;
    switch (field.kind) {
        case FieldKind::log: {
            TRELLIS_TRY(Json log, view_log(store, place, field));
            if (!log.array()->empty()) fields.set(field.name, std::move(log));
            return {};
        }
        case FieldKind::set: {
            const auto* set = state.find<ElementSet>(field.id);
            if (set == nullptr) return {};
            Json list{Json::Array{}};
            for (const auto& element : set->elements) list.push(to_json(element.value));
            fields.set(field.name, std::move(list));
            return {};
        }
        case FieldKind::counter: {
            const auto* tally = state.find<Tally>(field.id);
            if (tally != nullptr) fields.set(field.name, tally->sum);
            return {};
        }
        case FieldKind::status: {
            const auto* tokens = state.find<Tokens>(field.id);
            if (tokens != nullptr) {
                fields.set(field.name, view_tokens(store, place.space, field, tokens));
            }
            return {};
        }
        default: break;
    }
    const auto* reg = state.find<Register>(field.id);
    if (reg == nullptr || reg->heads.empty()) return {};
    fields.set(field.name, to_json(reg->heads[shown_head(reg->heads, field)].value));
    if (is_conflict(reg->heads)) {
        record.object()->find("conflicts")->second.set(
            field.name, view_heads(store, place.space, reg->heads));
    }
    return {};
}

template <class Visit>
Result<void> each_flagged(Store& store, std::string_view condition,
                          const std::optional<SpaceId>& only, const Visit& visit) {
    for (const auto& type : store.schema.types()) {
        std::vector<Place> places;
        TRELLIS_TRY(auto select, store.database.prepare("SELECT id, s, k FROM " +
                                                        record_table(type.id) + " WHERE " +
                                                        std::string(condition) + " ORDER BY id"));
        for (;;) {
            TRELLIS_TRY(const bool more, select.step());
            if (!more) break;
            const auto space = static_cast<SpaceIndex>(select.integer(1));
            if (only && store.spaces.at(space).id != *only) continue;
            const RowId row = select.integer(0);
            places.push_back({type.id, space, row, store.records.record_of(row, select.bytes(2))});
        }
        for (const auto& place : places) TRELLIS_DO(visit(place));
    }
    return {};
}

/// Whom to ask about what lies in compartments; empty where no sign stands.
Result<Json> restricted_about(Store& store, const RecordId& subject) {
    Json ask{Json::Array{}};
    const Type* type = store.schema.type_for(TypeUse::sign);
    for (std::size_t i = 1; type != nullptr && i < store.spaces.all().size(); ++i) {
        const auto& space = store.spaces.at(static_cast<SpaceIndex>(i));
        const auto sign = keyed_record(space.id, *type, subject.hex());
        TRELLIS_TRY(const auto place, store.records.find(sign, {space.index}));
        if (!place) continue;
        TRELLIS_TRY(const auto state, store.records.load(*place));
        const auto* said = state->find<ElementSet>(type->field("ask")->id);
        if (said == nullptr || state->presence() == Presence::deleted) continue;
        for (const auto& element : said->elements) ask.push(to_json(element.value));
    }
    return ask;
}

}  // namespace

std::string_view presence_name(Presence presence) {
    switch (presence) {
        case Presence::deleted: return "deleted";
        case Presence::deleted_with_edits: return "deleted_with_edits";
        default: return "live";
    }
}

Result<Json> view_record(Replica& replica, const Place& place) {
    Store& store = replica.store();
    TRELLIS_TRY(const auto state, store.records.load(place));
    const Type* type = store.schema.type(place.type);
    if (!state || type == nullptr) {
        return Error{Code::not_found, "there is no record " + place.record.hex() + " here"};
    }
    Json record;
    record.set("rec", place.record.hex());
    record.set("type", type->name);
    record.set("space", store.spaces.at(place.space).id.hex());
    RecordState joined = *state;
    if (!joined.tombstones.empty()) {
        TRELLIS_DO(store.records.join_log_writes(place, joined.writes));
    }
    record.set("state", presence_name(joined.presence()));
    record.set("fields", Json::Object{});
    record.set("conflicts", Json::Object{});
    for (const auto& field : type->fields) {
        TRELLIS_DO(view_field(store, place, field, *state, record));
    }
    if (!state->frozen_by.empty()) record.set("frozen", true);
    TRELLIS_TRY(const auto* links, store.links.load(place.space, place.type));
    const auto same = links->same_as(place.record);
    if (same.size() > 1) {
        Json list{Json::Array{}};
        for (const auto& each : same) list.push(each.hex());
        record.set("same_as", std::move(list));
    }
    return record;
}

Result<Json> get_record(Replica& replica, const RecordId& record) {
    TRELLIS_TRY(const auto place, replica.place_of(record));
    TRELLIS_TRY(Json view, view_record(replica, place));
    if (!replica.store().schema.type(place.type)->is_subject()) return view;
    TRELLIS_TRY(Json ask, restricted_about(replica.store(), record));
    if (!ask.array()->empty()) view.set("restricted", std::move(ask));
    return view;
}

Result<Json> list_conflicts(Replica& replica, const std::optional<SpaceId>& space) {
    Json list{Json::Array{}};
    const auto visit = [&](const Place& place) -> Result<void> {
        TRELLIS_TRY(const Json record, view_record(replica, place));
        for (const auto& [field, values] : *record["conflicts"].object()) {
            Json one;
            one.set("rec", record["rec"]);
            one.set("type", record["type"]);
            one.set("space", record["space"]);
            one.set("field", field);
            one.set("shown", record["fields"][field]);
            one.set("values", values);
            list.push(std::move(one));
        }
        return {};
    };
    TRELLIS_DO(each_flagged(replica.store(), "c IS NOT NULL", space, visit));
    return list;
}

Result<Json> list_reviews(Replica& replica, const std::optional<SpaceId>& space) {
    Json list{Json::Array{}};
    const auto visit = [&](const Place& place) -> Result<void> {
        TRELLIS_TRY(Json record, view_record(replica, place));
        list.push(std::move(record));
        return {};
    };
    TRELLIS_DO(each_flagged(replica.store(), "p=2", space, visit));
    return list;
}

Result<Json> list_history(Replica& replica, const RecordId& record) {
    TRELLIS_TRY(const auto place, replica.place_of(record));
    const Store& store = replica.store();
    TRELLIS_TRY(const auto history,
                replica.history(store.spaces.at(place.space).id, record));
    Json list{Json::Array{}};
    for (const auto& past : history) {
        Json one;
        one.set("dot", to_string(Dot{past.actor, past.change.first}));
        sign_with(one, store, place.space, {past.actor, past.change.first}, past.change.stamp);
        Json ops{Json::Array{}};
        for (const auto& op : past.change.ops) {
            if (op.record == record) ops.push(view_op(op, store.schema));
        }
        one.set("ops", std::move(ops));
        list.push(std::move(one));
    }
    return list;
}

}  // namespace trellis::core
