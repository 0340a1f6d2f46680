// SPDX-License-Identifier: Apache-2.0
// When trust ends or fails.
#include <set>

#include "clients/verbs/request.hpp"
#include "clients/verbs/verbs.hpp"
#include "core/base/limits.hpp"

namespace trellis::clients {
namespace {

constexpr std::int64_t hour_ms = 3600 * 1000;
constexpr std::int64_t hours_max = limits::emergency_max_ms / hour_ms;

Result<std::uint8_t> reason_of(const Json& request) {
    TRELLIS_TRY(const auto name, text_if_any(request, "reason"));
    if (!name || *name == "left") return crypto::removed_left;
    if (*name == "lost") return crypto::removed_lost;
    return Error{Code::invalid, "reason must be left or lost"};
}

/// A person's sentence about an alarm.
std::string sentence_of(core::AlarmKind kind) {
    using core::AlarmKind;
    switch (kind) {
        case AlarmKind::split_view:
            return "the server shows two histories of this space: do not trust it until somebody "
                   "has compared them";
        case AlarmKind::rolled_back:
            return "the server went back in time, as after a restored backup; devices are filling "
                   "it again";
        case AlarmKind::withheld:
            return "the server shows less of this space than it has signed for: ask who runs it";
        case AlarmKind::log_fork:
            return "the server shows another membership log than before: do not trust it until an "
                   "administrator has looked";
        case AlarmKind::key_refused:
            return "a key of this space is not the one that was promised: somebody must rotate it";
        case AlarmKind::forged:
            return "something was delivered whose signature is not genuine; it was not taken in";
        case AlarmKind::fork:
            return "a device has signed two histories: its database was copied; both are kept";
    }
    return {};
}

/// The same where only one member says so, which may be the one that lies.
std::string sentence_of_claim(const core::Alarm& claim) {
    const bool is_withheld = claim.kind == core::AlarmKind::withheld;
    const std::string what = is_withheld
                                 ? "has seen more of this space than the server shows here"
                                 : claim.kind == core::AlarmKind::log_fork
                                       ? "was shown another membership log"
                                       : "was shown another history of this space";
    return "device " + claim.device.hex() + " says that it " + what +
           ": either it or the server is wrong. Compare with that device before you blame either" +
           (is_withheld ? "; this ends by itself once the server shows it" : "");
}

Result<std::set<DeviceId>> devices_of(const Json& request, const core::Replica& replica) {
    std::set<DeviceId> devices;
    const bool is_whole_person = request["all_devices"] == Json(true);
    const auto add = [&](const DeviceId& id) {
        devices.merge(is_whole_person ? replica.devices_of_person(id) : std::set<DeviceId>{id});
    };
    if (request.has("device")) {
        TRELLIS_TRY(const auto device, device_of(request));
        add(device);
    }
    std::vector<Json> list;
    if (request.has("devices")) {
        TRELLIS_TRY(list, list_of(request, "devices"));
    }
    for (const auto& each : list) {
        const auto* text = each.string();
        const auto id = text == nullptr ? std::nullopt : DeviceId::parse(*text);
        if (!id) return Error{Code::invalid, "devices must be a list of their ids"};
        add(*id);
    }
    if (devices.empty()) return Error{Code::invalid, "say whom: `device`, or a list in `devices`"};
    return devices;
}

/// What stays of the rights that a device has in a space when those named are taken.
Result<std::uint8_t> kept_rights(const Json& request, std::uint8_t held) {
    if (!request.has("rights")) return std::uint8_t{0};
    TRELLIS_TRY(const auto taken, rights_named(request["rights"]));
    // Nobody writes what they cannot read.
    const auto kept = (taken & crypto::right_read) != 0 ? std::uint8_t{0}
                                                        : static_cast<std::uint8_t>(held & ~taken);
    if (kept != held) return kept;
    return Error{Code::invalid, "that device does not have these rights in the space"};
}

}  // namespace

Result<Json> Verbs::revoke(const Json& request) {
    TRELLIS_TRY(const auto space, space_if_any(request));
    TRELLIS_TRY(const auto reason, reason_of(request));
    TRELLIS_TRY(const auto devices, devices_of(request, *replica_));
    if (space) {
        if (devices.size() != 1) {
            return Error{Code::invalid, "out of one space devices are taken one by one"};
        }
        const auto& device = *devices.begin();
        TRELLIS_TRY(const auto kept,
                    kept_rights(request, replica_->has_org()
                                             ? replica_->membership().rights(device, *space)
                                             : std::uint8_t{0}));
        TRELLIS_DO(replica_->revoke(device, *space, kept));
    } else {
        if (request.has("rights")) {
            return Error{Code::invalid, "rights are taken in a space: name it in `space`"};
        }
        TRELLIS_DO(replica_->revoke(devices, reason));
    }
    host_.outbox_changed();
    Json list{Json::Array{}};
    for (const auto& device : devices) list.push(device.hex());
    Json reply;
    reply.set("devices", std::move(list));
    return reply;
}

Result<Json> Verbs::quarantine(const Json& request) {
    TRELLIS_TRY(const auto space, space_if_any(request));
    TRELLIS_TRY(const auto waiting, replica_->quarantine(space));
    Json list{Json::Array{}};
    for (const auto& each : waiting) {
        Json one;
        one.set("id", each.id.hex());
        one.set("device", each.device.hex());
        one.set("space", each.space.hex());
        one.set("dot", to_string(each.dot));
        one.set("reason", each.reason);
        one.set("changes", std::uint64_t{each.changes});
        if (!each.content.is_null()) one.set("content", each.content);
        list.push(std::move(one));
    }
    Json reply;
    reply.set("quarantine", std::move(list));
    return reply;
}

/// By the ids that `quarantine` gives, or by the dots beside them.
Result<Json> Verbs::adopt_work(const Json& request) {
    TRELLIS_TRY(const auto names, list_of(request, "ids"));
    TRELLIS_TRY(const auto waiting, replica_->quarantine(std::nullopt));
    std::vector<Digest> ids;
    std::vector<Digest> orphans;
    for (const auto& name : names) {
        const auto* text = name.string();
        const auto before = ids.size() + orphans.size();
        for (const auto& each : waiting) {
            const bool is_it = text != nullptr &&
                               (each.id.hex() == *text || to_string(each.dot) == *text);
            if (is_it) (each.reason == "shredded" ? orphans : ids).push_back(each.id);
        }
        if (ids.size() + orphans.size() == before) {
            return Error{Code::not_found, "there is no such work in quarantine; `quarantine` lists "
                                          "what is"};
        }
    }
    if (!orphans.empty() && !ids.empty()) {
        return Error{Code::invalid, "work of shredded spaces goes into a space that you name in "
                                    "`to`; adopt it apart from other work"};
    }
    if (!orphans.empty()) return adopt_orphans(request, orphans);
    if (ids.empty()) return Error{Code::invalid, "ids must name at least one"};
    TRELLIS_DO(replica_->adopt(ids));
    host_.outbox_changed();
    return Json{Json::Object{}};
}

Result<Json> Verbs::alarms(const Json& /*unused*/) {
    TRELLIS_TRY(const auto alarms, replica_->alarms());
    Json list{Json::Array{}};
    for (const auto& each : alarms) {
        Json one;
        one.set("kind", core::to_string(each.kind));
        if (!each.space.is_zero()) one.set("space", each.space.hex());
        if (!each.device.is_zero()) one.set("device", each.device.hex());
        one.set("at", each.at);
        one.set("proven", !each.is_claim);
        one.set("message", each.is_claim ? sentence_of_claim(each) : sentence_of(each.kind));
        one.set("evidence", each.evidence);
        list.push(std::move(one));
    }
    Json reply;
    reply.set("alarms", std::move(list));
    return reply;
}

Result<Json> Verbs::policy(const Json& request) {
    TRELLIS_TRY(const auto admins, integer_of(request, "admins"));
    if (admins < 1) return Error{Code::invalid, "admins must be 1 or more"};
    TRELLIS_DO(replica_->set_admin_quorum(static_cast<std::uint64_t>(admins)));
    host_.outbox_changed();
    return Json{Json::Object{}};
}

Result<Json> Verbs::lend(const Json& request) {
    TRELLIS_TRY(const auto device, device_of(request));
    TRELLIS_TRY(const auto space, space_of(request));
    TRELLIS_TRY(const auto reason, text_of(request, "reason"));
    TRELLIS_TRY(const auto hours, integer_of(request, "hours"));
    if (hours < 1 || hours > hours_max) return Error{Code::invalid, "hours must be 1 to 168"};
    const Time until = replica_->clock().now().time + hours * hour_ms;
    TRELLIS_DO(replica_->lend(device, space, until, reason));
    host_.outbox_changed();
    Json reply;
    reply.set("until", until);
    return reply;
}

Result<Json> Verbs::cosign(const Json& request) {
    TRELLIS_TRY(const auto text, text_of(request, "draft"));
    const auto entry = from_base64(text);
    if (!entry) return Error{Code::invalid, "draft must be what the other admin's device answered"};
    TRELLIS_TRY(const auto draft, replica_->co_sign(*entry));
    host_.outbox_changed();
    Json reply{Json::Object{}};
    if (draft) {
        reply.set("draft", to_base64(draft->entry));
        reply.set("missing", draft->missing);
    }
    return reply;
}

}  // namespace trellis::clients
