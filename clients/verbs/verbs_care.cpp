// SPDX-License-Identifier: Apache-2.0
// Care and inspection.
#include "clients/verbs/family_page.hpp"
#include "clients/verbs/request.hpp"
#include "clients/verbs/verbs.hpp"
#include "core/query/export.hpp"
#include "core/query/family_export.hpp"

namespace trellis::clients {

Result<Json> Verbs::export_all(const Json& request) {
    TRELLIS_TRY(const auto space, space_if_any(request));
    TRELLIS_TRY(const auto state, core::export_state(*replica_, space));
    Json reply;
    reply.set("canonical", print_json(state));
    return reply;
}

/// With a path, the document lies there and the page for the printer beside it.
Result<Json> Verbs::export_family(const Json& request) {
    core::FamilyExport order;
    TRELLIS_TRY(order.root, record_of(request));
    TRELLIS_TRY(order.reason, text_of(request, "reason"));
    TRELLIS_TRY(const auto to_whom, text_if_any(request, "to_whom"));
    TRELLIS_TRY(const auto path, text_if_any(request, "path"));
    order.to_whom = to_whom.value_or("");
    TRELLIS_TRY(const auto document, core::export_family(*replica_, order));
    host_.outbox_changed();
    const auto text = print_json(document);
    const auto page = family_page(document);
    Json reply;
    reply.set("records", std::uint64_t{document["records"].array()->size()});
    if (!path) {
        reply.set("document", text);
        reply.set("page", page);
        return reply;
    }
    TRELLIS_DO(host_.write_file(*path, as_bytes(text)));
    TRELLIS_DO(host_.write_file(*path + ".html", as_bytes(page)));
    return reply;
}

Result<Json> Verbs::digest(const Json& request) {
    TRELLIS_TRY(const auto space, space_if_any(request));
    TRELLIS_TRY(const auto digest, core::digest_state(*replica_, space));
    Json reply;
    reply.set("digest", digest.hex());
    return reply;
}

Result<Json> Verbs::check(const Json& /*unused*/) {
    TRELLIS_TRY(const auto problems, replica_->check());
    Json list{Json::Array{}};
    for (const auto& problem : problems) list.push(problem);
    Json reply;
    reply.set("problems", std::move(list));
    return reply;
}

Result<Json> Verbs::stats(const Json& /*unused*/) {
    TRELLIS_TRY(const auto stats, replica_->stats());
    Json reply;
    reply.set("records", stats.records);
    reply.set("changes", stats.changes);
    reply.set("value_bytes", stats.value_bytes);
    reply.set("merge_bytes", stats.merge_bytes);
    reply.set("envelopes", stats.envelopes);
    reply.set("envelope_bytes", stats.envelope_bytes);
    reply.set("pending", stats.changes_waiting);
    reply.set("held", stats.held);
    reply.set("actors", stats.actors);
    reply.set("devices", std::uint64_t{replica_->members().size()});
    return reply;
}

Result<Json> Verbs::backup(const Json& request) {
    TRELLIS_TRY(const auto path, text_of(request, "path"));
    TRELLIS_DO(replica_->backup(path));
    return Json{Json::Object{}};
}

Result<Json> Verbs::restore(const Json& request) {
    if (request.has("rec")) return write_one(request);
    TRELLIS_TRY(const auto path, text_of(request, "path"));
    TRELLIS_TRY(const auto bytes, host_.read_file(path));
    static_cast<void>(bytes);
    host_.stop_live();
    live_ = {};
    replica_.reset();
    const auto replaced = host_.replace_database(path);
    // Whatever became of it, there must be a replica again.
    TRELLIS_TRY(auto replica, host_.open_replica());
    adopt(std::move(replica));
    TRELLIS_DO(replaced);
    TRELLIS_DO(replica_->become_new_incarnation());
    return Json{Json::Object{}};
}

Result<void> Verbs::suspend() {
    host_.stop_live();
    if (replica_ == nullptr) return {};
    const auto sealed = replica_->seal();
    auto moved = replica_->store().database.checkpoint();
    replica_.reset();
    if (!sealed) return sealed.error();
    return moved;
}

Result<void> Verbs::resume() {
    if (replica_ != nullptr) return {};
    TRELLIS_TRY(auto replica, host_.open_replica());
    adopt(std::move(replica));
    // Another program of the same device may have written meanwhile.
    live_.touch_all();
    return {};
}

Result<Json> Verbs::clock(const Json& request) {
    TRELLIS_TRY(const auto offset, integer_of(request, "offset_ms"));
    host_.shift_clock(offset);
    Json reply;
    reply.set("now", replica_->clock().now().time);
    return reply;
}

Result<Json> Verbs::seal(const Json& /*unused*/) {
    TRELLIS_TRY(const auto envelopes, replica_->seal());
    Json reply;
    reply.set("envelopes", std::uint64_t{envelopes});
    return reply;
}

}  // namespace trellis::clients
