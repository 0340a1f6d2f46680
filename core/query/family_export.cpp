// SPDX-License-Identifier: Apache-2.0
#include "core/query/family_export.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/query/op_view.hpp"
#include "core/query/record_view.hpp"

namespace trellis::core {
namespace {

using Pasts = std::vector<Replica::Past>;

/// Time first, then names: the same on every device, whatever came when.
void sort_by_time(Pasts& pasts) {
    std::sort(pasts.begin(), pasts.end(), [](const Replica::Past& a, const Replica::Past& b) {
        const auto key = [](const Replica::Past& past) {
            return std::tuple(past.change.stamp.time, past.actor, past.change.first);
        };
        return key(a) < key(b);
    });
}

class Document {
public:
    Document(Replica& replica, const RecordId& root) : replica_(replica), root_(root) {}

    Result<Json> make() {
        TRELLIS_TRY(const auto parts, family_parts(replica_, root_));
        TRELLIS_DO(load_histories(parts));
        Json records{Json::Array{}};
        Json signs{Json::Array{}};
        for (const auto& part : parts) {
            TRELLIS_TRY(Json record, view(part));
            add_sign(part.place, record, signs);
            ++count_[part.place.space];
            records.push(std::move(record));
        }
        Json document;
        document.set("format", "trellis family record");
        document.set("version", 1);
        document.set("org", replica_.org().hex());
        document.set("root", root_.hex());
        document.set("spaces", view_spaces());
        document.set("records", std::move(records));
        document.set("restricted", std::move(signs));
        document.set("devices", view_devices());
        return document;
    }

private:
    Result<void> load_histories(const std::vector<FamilyPart>& parts) {
        std::map<SpaceIndex, std::set<RecordId>> wanted;
        for (const auto& part : parts) wanted[part.place.space].insert(part.place.record);
        for (const auto& [space, records] : wanted) {
            TRELLIS_TRY(histories_[space],
                        replica_.histories(replica_.store().spaces.at(space).id, records));
        }
        return {};
    }

    Result<Json> view(const FamilyPart& part) {
        const auto& place = part.place;
        TRELLIS_TRY(Json record, view_record(replica_, place));
        if (part.names_others) record.set("names_others", true);
        auto& pasts = histories_[place.space][place.record];
        sort_by_time(pasts);
        Json history{Json::Array{}};
        for (const auto& past : pasts) {
            Json one;
            one.set("dot", to_string(Dot{past.actor, past.change.first}));
            one.set("at", past.change.stamp.time);
            one.set("device", device_of(place.space, past.actor));
            Json ops{Json::Array{}};
            for (const auto& op : past.change.ops) {
                const auto* link = std::get_if<Link>(&op.action);
                const bool is_about = op.record == place.record ||
                                      (link != nullptr && link->other == place.record);
                if (is_about) ops.push(view_op(op, replica_.store().schema));
            }
            one.set("ops", std::move(ops));
            history.push(std::move(one));
        }
        record.set("history", std::move(history));
        TRELLIS_TRY(Json deletions, view_deletions(place));
        if (!deletions.array()->empty()) record.set("deletions", std::move(deletions));
        return record;
    }

    Result<Json> view_deletions(const Place& place) {
        Json list{Json::Array{}};
        TRELLIS_TRY(const auto state, replica_.store().records.load(place));
        for (const auto& tombstone : state->tombstones) {
            Json one;
            one.set("reason", tombstone.reason);
            one.set("at", tombstone.stamp.time);
            one.set("device", device_of(place.space, tombstone.dot.actor));
            list.push(std::move(one));
        }
        return list;
    }

    /// A sign that stands says whom to ask; what it stands for may be in this document or not.
    void add_sign(const Place& place, const Json& record, Json& signs) const {
        const auto* type = replica_.store().schema.type(place.type);
        if (type->use != TypeUse::sign || record["state"] == Json("deleted")) return;
        Json one;
        one.set("about", record["fields"]["about"]);
        one.set("ask", record["fields"]["ask"]);
        signs.push(std::move(one));
    }

    std::string device_of(SpaceIndex space, const ActorId& id) {
        const auto* actor = replica_.store().actors.find(space, id);
        const auto device = actor == nullptr ? DeviceId() : actor->device;
        devices_.insert(device);
        return device.hex();
    }

    /// Every space that was searched, also those that held nothing.
    Json view_spaces() {
        Json list{Json::Array{}};
        auto spaces = replica_.spaces();
        std::sort(spaces.begin(), spaces.end(),
                  [](const SpaceInfo& a, const SpaceInfo& b) { return a.space < b.space; });
        for (const auto& each : spaces) {
            const auto* state = replica_.store().spaces.find(each.space);
            const auto* space = replica_.membership().space(each.space);
            Json one;
            one.set("space", each.space.hex());
            one.set("name", each.name);
            one.set("class", space->space_class == crypto::SpaceClass::compartment ? "compartment"
                                                                                  : "general");
            one.set("records", std::uint64_t{state == nullptr ? 0 : count_[state->index]});
            list.push(std::move(one));
        }
        return list;
    }

    Json view_devices() {
        Json devices{Json::Object{}};
        for (const auto& member : replica_.members()) {
            if (devices_.contains(member.device)) devices.set(member.device.hex(), member.name);
        }
        return devices;
    }

    Replica& replica_;
    RecordId root_;
    std::map<SpaceIndex, std::map<RecordId, Pasts>> histories_;
    std::map<SpaceIndex, std::size_t> count_;
    std::set<DeviceId> devices_;
};

std::string own_name(Replica& replica) {
    for (const auto& member : replica.members()) {
        if (member.device == replica.device()) return member.name;
    }
    return replica.device().hex();
}

Result<void> check_custodian(Replica& replica, const SpaceId& space) {
    const auto* self = replica.membership().device(replica.device());
    const bool has_role = self != nullptr && self->is_active &&
                          (self->role & (crypto::role_admin | crypto::role_central)) != 0;
    if (has_role || replica.membership().can(replica.device(), space, crypto::right_steward)) {
        return {};
    }
    return Error{Code::denied, "a family's whole record is handed out by an administrator, by "
                               "central staff or by the space's steward; ask one of them"};
}

}  // namespace

Result<Json> family_document(Replica& replica, const RecordId& root) {
    return Document(replica, root).make();
}

Result<Json> export_family(Replica& replica, const FamilyExport& order) {
    if (order.reason.empty() || order.reason.size() > limits::reason_max) {
        return Error{Code::invalid, "say in `reason`, in at most " +
                                        std::to_string(limits::reason_max) +
                                        " bytes, why the record is handed out"};
    }
    TRELLIS_TRY(const auto place, replica.place_of(order.root));
    const SpaceId space = replica.store().spaces.at(place.space).id;
    TRELLIS_DO(check_custodian(replica, space));
    const Type* type = replica.store().schema.type_for(TypeUse::disclosure);
    if (type == nullptr) {
        return Error{Code::unsupported, "this schema has no type with the use 'disclosure' in "
                                        "which to write down what is handed out; add one"};
    }
    // What cannot be handed out is not written down either.
    TRELLIS_TRY(const auto parts, family_parts(replica, order.root));
    const auto by = own_name(replica);
    Json fields;
    fields.set("subject", order.root.hex());
    fields.set("what", "the whole record, as far as this device can read it");
    fields.set("to_whom", order.to_whom.empty() ? by : order.to_whom);
    fields.set("when", replica.clock().now().time);
    fields.set("reason", order.reason);
    fields.set("by", by);
    TRELLIS_DO(replica.write(space, {PutRecord{space, type->name, std::move(fields), {}}}));
    return family_document(replica, order.root);
}

}  // namespace trellis::core
