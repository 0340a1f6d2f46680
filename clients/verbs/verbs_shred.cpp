// SPDX-License-Identifier: Apache-2.0
// The end of a space: what is carried over into another, and the shredding.
#include <algorithm>

#include "clients/verbs/request.hpp"
#include "clients/verbs/verbs.hpp"
#include "core/query/carry_over.hpp"
#include "core/query/query.hpp"

namespace trellis::clients {
namespace {

Result<SpaceId> space_named(const Json& request, std::string_view name) {
    TRELLIS_TRY(const auto text, text_of(request, name));
    if (const auto id = SpaceId::parse(text)) return *id;
    return Error{Code::invalid, std::string(name) + " must be the id of a space"};
}

Result<std::set<RecordId>> records_named(const Json& request) {
    std::set<RecordId> records;
    TRELLIS_TRY(const auto list, list_of(request, "recs"));
    for (const auto& each : list) {
        const auto* text = each.string();
        const auto record = text == nullptr ? std::nullopt : RecordId::parse(*text);
        if (!record) return Error{Code::invalid, "recs must be a list of names of records"};
        records.insert(*record);
    }
    return records;
}

/// Those of a type that a list with the same `where` would show.
Result<std::set<RecordId>> records_listed(core::Replica& replica, const Json& request,
                                          const SpaceId& from) {
    core::ListRequest list;
    list.space = from;
    TRELLIS_TRY(list.type, text_of(request, "type"));
    list.where = request["where"];
    TRELLIS_TRY(const auto rows, core::list_records(replica, list));
    std::set<RecordId> records;
    for (const auto& row : *rows.array()) records.insert(*RecordId::parse(*row["rec"].string()));
    return records;
}

std::size_t count_waiting(const std::vector<core::Quarantined>& list) {
    return static_cast<std::size_t>(std::count_if(list.begin(), list.end(), [](const auto& each) {
        return each.reason != "shredded";
    }));
}

}  // namespace

Result<Json> Verbs::carry_over(const Json& request) {
    core::CarryOver order;
    TRELLIS_TRY(order.from, space_named(request, "from"));
    TRELLIS_TRY(order.to, space_named(request, "to"));
    const bool is_chosen = request.has("recs") || request.has("type");
    if (request.has("recs")) {
        TRELLIS_TRY(order.records, records_named(request));
    } else if (request.has("type")) {
        TRELLIS_TRY(order.records, records_listed(*replica_, request, order.from));
    } else if (request.has("where")) {
        return Error{Code::invalid, "say in `type` which records `where` chooses among"};
    }
    if (is_chosen && order.records.empty()) {
        return Error{Code::not_found, "nothing in that space is what you asked to carry over"};
    }
    auto reply = core::carry_over(*replica_, order);
    host_.outbox_changed();
    return reply;
}

Result<Json> Verbs::shred(const Json& request) {
    TRELLIS_TRY(const auto space, space_of(request));
    TRELLIS_TRY(const auto reason, text_of(request, "reason"));
    if (request["discard"] != Json(true)) {
        TRELLIS_TRY(const auto left, core::count_left_behind(*replica_, space));
        TRELLIS_TRY(const auto waiting, replica_->quarantine(space));
        const auto held = count_waiting(waiting);
        if (left + held > 0) {
            return Error{Code::conflict,
                         std::to_string(left) + " live records of the space are in no other, and " +
                             std::to_string(held) +
                             " pieces of work wait for a decision: carry over and adopt what must "
                             "be kept, then say `discard` to destroy the rest"};
        }
    }
    TRELLIS_DO(replica_->shred(space, reason));
    host_.outbox_changed();
    return Json{Json::Object{}};
}

Result<Json> Verbs::adopt_orphans(const Json& request, const std::vector<Digest>& ids) {
    if (!request.has("to")) {
        return Error{Code::invalid, "the space of that work was shredded: say in `to` into which "
                                    "one it goes"};
    }
    TRELLIS_TRY(const auto to, space_named(request, "to"));
    auto reply = core::adopt_orphans(*replica_, ids, to);
    host_.outbox_changed();
    return reply;
}

}  // namespace trellis::clients
