// SPDX-License-Identifier: Apache-2.0
// Organisation and keys.
#include "clients/verbs/request.hpp"
#include "clients/verbs/spaces.hpp"
#include "clients/verbs/verbs.hpp"
#include "core/base/limits.hpp"

namespace trellis::clients {
namespace {

constexpr std::int64_t invite_life_ms = std::int64_t{72} * 3600 * 1000;
// Numbers below this are a duration, others a moment: 2001-09-09 in milliseconds.
constexpr std::int64_t first_moment = 1'000'000'000'000;

Result<crypto::SpaceClass> class_of(const Json& request) {
    TRELLIS_TRY(const auto name, text_if_any(request, "class"));
    if (!name || *name == "general") return crypto::SpaceClass::general;
    if (*name == "compartment") return crypto::SpaceClass::compartment;
    return Error{Code::invalid, "class must be general or compartment"};
}

Json lent_to_json(const core::SpaceInfo& space) {
    Json list{Json::Array{}};
    for (const auto& each : space.lent) {
        Json one;
        one.set("device", each.device.hex());
        one.set("until", each.until);
        list.push(std::move(one));
    }
    return list;
}

}  // namespace

Json list_spaces(core::Replica& replica) {
    Json list{Json::Array{}};
    for (const auto& space : replica.spaces()) {
        Json one;
        one.set("space", space.space.hex());
        one.set("name", space.name);
        one.set("epoch", std::int64_t{space.epoch});
        one.set("rights", rights_to_json(space.rights));
        if (space.is_directory) one.set("directory", true);
        if (!space.lent.empty()) one.set("lent", lent_to_json(space));
        list.push(std::move(one));
    }
    return list;
}

Result<Json> Verbs::hello(const Json& /*unused*/) {
    Json reply;
    reply.set("version", TRELLIS_VERSION);
    reply.set("interface", 1);
    if (replica_->has_org()) {
        reply.set("device", replica_->device().hex());
        reply.set("org", replica_->org().hex());
        TRELLIS_TRY(const auto sheets, replica_->recovery_sheets());
        if (!sheets.empty()) reply.set("recovery_waiting", true);
    }
    return reply;
}

Result<Json> Verbs::org_create(const Json& request) {
    TRELLIS_TRY(const auto name, text_of(request, "name"));
    TRELLIS_TRY(const auto url, text_of(request, "url"));
    TRELLIS_TRY(const auto device_name, text_if_any(request, "device_name"));
    TRELLIS_TRY(const auto founded, replica_->create_org(name, device_name.value_or("first device"), url));
    Json reply;
    reply.set("org", founded.org.hex());
    reply.set("device", founded.device.hex());
    Json sheets{Json::Array{}};
    for (const auto& sheet : founded.recovery_sheets) sheets.push(sheet);
    reply.set("recovery", std::move(sheets));
    return reply;
}

Result<Json> Verbs::space_create(const Json& request) {
    TRELLIS_TRY(const auto name, text_of(request, "name"));
    TRELLIS_TRY(const auto space_class, class_of(request));
    TRELLIS_TRY(const auto space, replica_->create_space(name, space_class));
    host_.outbox_changed();
    Json reply;
    reply.set("space", space.hex());
    return reply;
}

Result<Json> Verbs::spaces(const Json& /*unused*/) {
    Json reply;
    reply.set("spaces", list_spaces(*replica_));
    return reply;
}

Result<Json> Verbs::invite(const Json& request) {
    crypto::InviteOrder order;
    TRELLIS_TRY(order.role, role_of(request["role"]));
    TRELLIS_TRY(const auto grants, list_of(request, "spaces"));
    for (const auto& grant : grants) {
        TRELLIS_TRY(const auto space, space_of(grant));
        TRELLIS_TRY(const auto rights, rights_of(grant["rights"]));
        order.grants.push_back({space, rights});
    }
    TRELLIS_TRY(const auto expires, integer_if_any(request, "expires_ms"));
    const Time now = replica_->clock().now().time;
    const auto life = expires.value_or(invite_life_ms);
    order.expiry = life >= first_moment ? life : now + life;
    order.url = replica_->url();
    TRELLIS_TRY(auto text, replica_->invite(order));
    host_.outbox_changed();
    Json reply;
    reply.set("invite", std::move(text));
    reply.set("expires_ms", order.expiry);
    return reply;
}

Result<Json> Verbs::members(const Json& /*unused*/) {
    Json list{Json::Array{}};
    for (const auto& member : replica_->members()) {
        Json one;
        one.set("device", member.device.hex());
        one.set("name", member.name);
        if (!member.person.is_zero()) one.set("person", member.person.hex());
        one.set("role", role_name(member.role));
        one.set("active", member.is_active);
        Json spaces{Json::Array{}};
        for (const auto& [space, rights] : member.spaces) {
            Json grant;
            grant.set("space", space.hex());
            grant.set("rights", rights_to_json(rights));
            spaces.push(std::move(grant));
        }
        one.set("spaces", std::move(spaces));
        list.push(std::move(one));
    }
    Json reply;
    reply.set("members", std::move(list));
    return reply;
}

Result<Json> Verbs::grant(const Json& request) {
    TRELLIS_TRY(const auto device, device_of(request));
    if (request.has("role")) {
        TRELLIS_TRY(const auto role, role_of(request["role"]));
        TRELLIS_DO(replica_->set_admin(device, (role & crypto::role_admin) != 0));
    }
    if (!request.has("role") || request.has("space")) {
        TRELLIS_TRY(const auto space, space_of(request));
        TRELLIS_TRY(const auto rights, rights_of(request["rights"]));
        TRELLIS_DO(replica_->grant(device, space, rights));
    }
    host_.outbox_changed();
    return Json{Json::Object{}};
}

Result<Json> Verbs::rotate(const Json& request) {
    TRELLIS_TRY(const auto space, space_of(request));
    TRELLIS_DO(replica_->rotate(space));
    host_.outbox_changed();
    return Json{Json::Object{}};
}

}  // namespace trellis::clients
