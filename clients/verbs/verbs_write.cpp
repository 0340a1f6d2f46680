// SPDX-License-Identifier: Apache-2.0
// Writing: requests become edits, edits one change.
#include "clients/verbs/request.hpp"
#include "clients/verbs/verbs.hpp"

namespace trellis::clients {
namespace {

using core::Edit;

struct FieldTarget {
    RecordId record;
    std::string field;
};

Result<FieldTarget> field_target(const Json& request) {
    TRELLIS_TRY(const auto record, record_of(request));
    TRELLIS_TRY(auto field, text_of(request, "field"));
    return FieldTarget{record, std::move(field)};
}

Result<Edit> put(const Json& request) {
    TRELLIS_TRY(const auto space, space_of(request));
    TRELLIS_TRY(auto type, text_of(request, "type"));
    TRELLIS_TRY(auto key, text_if_any(request, "key"));
    Json fields = request.has("fields") ? request["fields"] : Json(Json::Object{});
    return Edit(core::PutRecord{space, std::move(type), std::move(fields), std::move(key)});
}

Result<Edit> set(const Json& request) {
    TRELLIS_TRY(const auto record, record_of(request));
    return Edit(core::SetFields{record, request["fields"]});
}

Result<Edit> change_set(const Json& request, bool adding) {
    TRELLIS_TRY(auto target, field_target(request));
    TRELLIS_TRY(auto values, list_of(request, "values"));
    core::ChangeSet edit{target.record, std::move(target.field), {}, {}};
    (adding ? edit.add : edit.remove) = std::move(values);
    return Edit(std::move(edit));
}

Result<Edit> increment(const Json& request) {
    TRELLIS_TRY(auto target, field_target(request));
    TRELLIS_TRY(const auto by, integer_of(request, "by"));
    return Edit(core::IncrementField{target.record, std::move(target.field), by});
}

Result<Edit> append(const Json& request) {
    TRELLIS_TRY(auto target, field_target(request));
    return Edit(core::AppendEntry{target.record, std::move(target.field), request["fields"]});
}

Result<Edit> raise(const Json& request) {
    TRELLIS_TRY(auto target, field_target(request));
    return Edit(core::RaiseStatus{target.record, std::move(target.field), request["level"]});
}

Result<Edit> advance(const Json& request) {
    TRELLIS_TRY(auto target, field_target(request));
    TRELLIS_TRY(const auto token, dot_of(request["token"], "token"));
    return Edit(
        core::AdvanceStatus{target.record, std::move(target.field), token, request["level"]});
}

Result<Edit> close(const Json& request) {
    TRELLIS_TRY(auto target, field_target(request));
    TRELLIS_TRY(const auto names, list_of(request, "tokens"));
    core::CloseStatus edit{target.record, std::move(target.field), {}, {}};
    for (const auto& name : names) {
        TRELLIS_TRY(const auto token, dot_of(name, "tokens"));
        edit.tokens.push_back(token);
    }
    TRELLIS_TRY(const auto reason, text_if_any(request, "reason"));
    edit.reason = reason.value_or("");
    return Edit(std::move(edit));
}

Result<Edit> resolve(const Json& request) {
    TRELLIS_TRY(auto target, field_target(request));
    return Edit(core::ResolveField{target.record, std::move(target.field), request["value"]});
}

Result<Edit> remove_record(const Json& request) {
    TRELLIS_TRY(const auto record, record_of(request));
    TRELLIS_TRY(const auto reason, text_if_any(request, "reason"));
    return Edit(core::DeleteRecord{record, reason.value_or("")});
}

Result<Edit> link(const Json& request, bool on) {
    TRELLIS_TRY(const auto a, record_of(request, "a"));
    TRELLIS_TRY(const auto b, record_of(request, "b"));
    return Edit(core::LinkRecords{a, b, on});
}

RecordId record_in(const Edit& edit) {
    return std::visit(
        [](const auto& each) -> RecordId {
            using Each = std::decay_t<decltype(each)>;
            if constexpr (std::is_same_v<Each, core::PutRecord>) {
                return {};
            } else if constexpr (std::is_same_v<Each, core::LinkRecords>) {
                return each.a;
            } else {
                return each.record;
            }
        },
        edit);
}

/// The names under which an edit answers what it made.
void describe(const std::string& op, const core::Written& written, Json& reply) {
    if (op == "append") reply.set("entry", to_string(written.dot));
    if (op == "raise") reply.set("token", to_string(written.dot));
    reply.set("rec", written.record.hex());
}

}  // namespace

Result<Edit> Verbs::edit_of(const Json& request) {
    const auto* name = request["op"].string();
    const std::string op = name == nullptr ? "" : *name;
    if (op == "put") return put(request);
    if (op == "set") return set(request);
    if (op == "add" || op == "remove") return change_set(request, op == "add");
    if (op == "inc") return increment(request);
    if (op == "append") return append(request);
    if (op == "raise") return raise(request);
    if (op == "advance") return advance(request);
    if (op == "close") return close(request);
    if (op == "resolve") return resolve(request);
    if (op == "delete") return remove_record(request);
    if (op == "restore") {
        TRELLIS_TRY(const auto record, record_of(request));
        return Edit(core::RestoreRecord{record});
    }
    if (op == "link" || op == "unlink") return link(request, op == "link");
    return Error{Code::invalid, "a batch holds writes, not " + (op.empty() ? "nothing" : op)};
}

Result<SpaceId> Verbs::space_for(const Edit& edit) {
    if (const auto* put = std::get_if<core::PutRecord>(&edit)) return put->space;
    TRELLIS_TRY(const auto place, replica_->place_of(record_in(edit)));
    return replica_->store().spaces.at(place.space).id;
}

Result<Json> Verbs::written(const SpaceId& space, const std::vector<Edit>& edits,
                            const std::vector<std::string>& names) {
    TRELLIS_TRY(const auto result, replica_->write(space, edits));
    host_.outbox_changed();
    Json reply;
    reply.set("dot", to_string(result.dot));
    reply.set("ack", "L0");
    if (edits.size() == 1) describe(names[0], result.written[0], reply);
    Json each{Json::Array{}};
    for (std::size_t i = 0; i < edits.size(); ++i) {
        Json one;
        one.set("dot", to_string(result.written[i].dot));
        describe(names[i], result.written[i], one);
        each.push(std::move(one));
    }
    if (edits.size() > 1) reply.set("results", std::move(each));
    return reply;
}

Result<Json> Verbs::write_one(const Json& request) {
    TRELLIS_TRY(auto edit, edit_of(request));
    TRELLIS_TRY(const auto space, space_for(edit));
    return written(space, {std::move(edit)}, {*request["op"].string()});
}

Result<Json> Verbs::batch(const Json& request) {
    TRELLIS_TRY(const auto ops, list_of(request, "ops"));
    if (ops.empty()) return Error{Code::invalid, "ops is empty: there is nothing to write"};
    std::vector<Edit> edits;
    std::vector<std::string> names;
    std::optional<SpaceId> space;
    for (const auto& op : ops) {
        TRELLIS_TRY(auto edit, edit_of(op));
        auto here = space_for(edit);
        // A record that this very batch creates is in the batch's space.
        if (!here && !space) return std::move(here).error();
        if (here && space && *here != *space) {
            return Error{Code::invalid, "a batch writes in one space: split it by space"};
        }
        if (here) space = *here;
        edits.push_back(std::move(edit));
        names.push_back(*op["op"].string());
    }
    return written(*space, edits, names);
}

}  // namespace trellis::clients
