// SPDX-License-Identifier: Apache-2.0
// Reading, once or live.
#include "clients/verbs/request.hpp"
#include "clients/verbs/verbs.hpp"
#include "core/query/record_view.hpp"

namespace trellis::clients {
namespace {

Json under(std::string name, Json value) {
    Json reply;
    reply.set(std::move(name), std::move(value));
    return reply;
}

}  // namespace

Result<Json> Verbs::get(const Json& request) {
    TRELLIS_TRY(const auto record, record_of(request));
    return core::get_record(*replica_, record);
}

Result<core::ListRequest> Verbs::list_request(const Json& request) {
    core::ListRequest list;
    TRELLIS_TRY(list.space, space_if_any(request));
    TRELLIS_TRY(list.type, text_of(request, "type"));
    list.where = request["where"];
    TRELLIS_TRY(const auto order, text_if_any(request, "order"));
    list.order = order.value_or("");
    TRELLIS_TRY(const auto limit, integer_if_any(request, "limit"));
    if (limit && *limit < 0) return Error{Code::invalid, "limit must not be negative"};
    list.limit = static_cast<std::size_t>(limit.value_or(0));
    if (request.has("after") && !request["after"].is_null()) {
        TRELLIS_TRY(list.after, record_of(request, "after"));
    }
    return list;
}

Result<Json> Verbs::list(const Json& request) {
    TRELLIS_TRY(const auto list, list_request(request));
    if (const auto* only_count = request["count"].boolean(); only_count != nullptr && *only_count) {
        TRELLIS_TRY(const auto count, core::count_records(*replica_, list));
        return under("count", count);
    }
    TRELLIS_TRY(auto rows, core::list_records(*replica_, list));
    return under("rows", std::move(rows));
}

Result<Json> Verbs::query(const Json& request) {
    TRELLIS_TRY(const auto sql, text_of(request, "sql"));
    TRELLIS_TRY(auto rows, core::run_query(*replica_, sql, request["params"]));
    return under("rows", std::move(rows));
}

Result<Json> Verbs::conflicts(const Json& request) {
    TRELLIS_TRY(const auto space, space_if_any(request));
    TRELLIS_TRY(auto list, core::list_conflicts(*replica_, space));
    return under("conflicts", std::move(list));
}

Result<Json> Verbs::reviews(const Json& request) {
    TRELLIS_TRY(const auto space, space_if_any(request));
    TRELLIS_TRY(auto list, core::list_reviews(*replica_, space));
    return under("reviews", std::move(list));
}

Result<Json> Verbs::history(const Json& request) {
    TRELLIS_TRY(const auto record, record_of(request));
    TRELLIS_TRY(auto list, core::list_history(*replica_, record));
    return under("history", std::move(list));
}

Result<Json> Verbs::watch(const Json& request) {
    // The list or query itself, or an object that holds it.
    Json what = request;
    for (const auto* name : {"list", "query", "request"}) {
        if (request[name].object() != nullptr) what = request[name];
    }
    std::set<core::TypeId> types;
    core::LiveQueries::Run run;
    if (what.has("sql")) {
        TRELLIS_TRY(const auto sql, text_of(what, "sql"));
        TRELLIS_TRY(types, core::types_read(*replica_, sql));
        run = [this, sql, params = what["params"]] {
            return core::run_query(*replica_, sql, params);
        };
    } else {
        TRELLIS_TRY(const auto list, list_request(what));
        const auto* type = replica_->store().schema.type(list.type);
        if (type == nullptr) return Error{Code::invalid, "there is no record type " + list.type};
        types.insert(type->id);
        run = [this, list] { return core::list_records(*replica_, list); };
    }
    Json rows;
    TRELLIS_TRY(const auto id, live_.watch(std::move(run), std::move(types), rows));
    Json reply;
    reply.set("watch", id);
    reply.set("rows", std::move(rows));
    return reply;
}

Result<Json> Verbs::rows(core::LiveQueries::WatchId watch) {
    // What was gathered before is in these rows already.
    std::erase_if(events_, [&](const Json& event) { return event["watch"] == Json(watch); });
    return live_.rows(watch);
}

Result<void> Verbs::unwatch(core::LiveQueries::WatchId watch) {
    std::erase_if(events_, [&](const Json& event) { return event["watch"] == Json(watch); });
    if (live_.unwatch(watch)) return {};
    return Error{Code::not_found, "nothing is watched under that number"};
}

Result<Json> Verbs::unwatch(const Json& request) {
    TRELLIS_TRY(const auto id, integer_of(request, "watch"));
    // Twice is fine.
    static_cast<void>(unwatch(static_cast<core::LiveQueries::WatchId>(id)));
    return Json{Json::Object{}};
}

}  // namespace trellis::clients
