// SPDX-License-Identifier: Apache-2.0
// Syncing: through the relay, or by files that a courier carries.
#include "clients/verbs/request.hpp"
#include "clients/verbs/verbs.hpp"
#include "clients/verbs/progress.hpp"

namespace trellis::clients {
namespace {

std::string_view ack_name(core::Ack ack) {
    switch (ack) {
        case core::Ack::seen: return "L2";
        case core::Ack::stored: return "L1";
        default: return "L0";
    }
}

}  // namespace

Json progress_to_json(const sync::SessionProgress& progress) {
    Json json;
    json.set("complete", progress.complete);
    json.set("sent", progress.sent);
    json.set("received", progress.received);
    json.set("changes", progress.changes);
    json.set("bytes_up", progress.bytes_up);
    json.set("bytes_down", progress.bytes_down);
    json.set("pending", progress.pending);
    if (progress.former) json.set("former", true);
    if (!progress.events.empty()) {
        Json events{Json::Array{}};
        for (const auto& event : progress.events) {
            Json one;
            if (event.space) one.set("space", event.space->hex());
            one.set("code", to_string(event.what.code));
            one.set("message", event.what.message);
            events.push(std::move(one));
        }
        json.set("events", std::move(events));
    }
    return json;
}

Result<Json> Verbs::sync_stop(const Json& /*unused*/) {
    host_.stop_live();
    return Json{Json::Object{}};
}

Result<Json> Verbs::acks(const Json& request) {
    TRELLIS_TRY(const auto dots, list_of(request, "dots"));
    Json acks{Json::Object{}};
    for (const auto& each : dots) {
        TRELLIS_TRY(const auto dot, dot_of(each, "dots"));
        TRELLIS_TRY(const auto ack, replica_->ack(dot));
        acks.set(to_string(dot), ack_name(ack));
    }
    Json reply = acks;
    reply.set("acks", std::move(acks));
    return reply;
}

Result<Json> Verbs::version(const Json& request) {
    TRELLIS_TRY(const auto space, space_of(request));
    TRELLIS_TRY(const auto vector, replica_->version(space));
    Json reply;
    reply.set("version", to_json(vector));
    return reply;
}

Result<Json> Verbs::bundle(const Json& request) {
    TRELLIS_TRY(const auto space, space_of(request));
    TRELLIS_TRY(const auto path, text_of(request, "path"));
    TRELLIS_TRY(const auto have, vector_of(request["have"]));
    Bytes bytes;
    TRELLIS_TRY(const auto envelopes, replica_->write_bundle(space, have, bytes));
    TRELLIS_DO(host_.write_file(path, bytes));
    Json reply;
    reply.set("envelopes", std::uint64_t{envelopes});
    reply.set("bytes", std::uint64_t{bytes.size()});
    return reply;
}

Result<Json> Verbs::apply(const Json& request) {
    TRELLIS_TRY(const auto path, text_of(request, "path"));
    TRELLIS_TRY(const auto bytes, host_.read_file(path));
    TRELLIS_TRY(const auto received, replica_->apply_bundle(bytes));
    Json reply;
    reply.set("received", std::uint64_t{received.envelopes});
    reply.set("changes", std::uint64_t{received.changes});
    return reply;
}

}  // namespace trellis::clients
