// SPDX-License-Identifier: Apache-2.0
#include "core/query/carry_over.hpp"

#include <algorithm>

#include "core/base/limits.hpp"
#include "core/query/op_view.hpp"
#include "core/query/record_copy.hpp"
#include "core/query/record_view.hpp"
#include "core/store/edit_ops.hpp"
#include "core/store/references.hpp"

namespace trellis::core {
namespace {

constexpr std::string_view provenance_type = "carried";

Result<std::vector<Place>> live_places(Replica& replica, const SpaceId& space) {
    Store& store = replica.store();
    std::vector<Place> live;
    const auto* state = store.spaces.find(space);
    if (state == nullptr) {
        return Error{Code::not_found, "this device does not belong to space " + space.hex()};
    }
    for (const auto& type : store.schema.types()) {
        // Signs follow from compartments by themselves.
        if (type.use == TypeUse::sign) continue;
        TRELLIS_TRY(const auto places, places_in(store, state->index, type.id));
        for (const auto& place : places) {
            TRELLIS_TRY(const auto record, store.records.load(place));
            if (record && record->presence() != Presence::deleted) live.push_back(place);
        }
    }
    return live;
}

Result<bool> is_in(Store& store, SpaceIndex space, TypeId type, const RecordId& old) {
    const auto name = keyed_record(store.spaces.at(space).id, *store.schema.type(type),
                                   carried_key(old));
    TRELLIS_TRY(const auto place, store.records.find(name, {space}));
    return place.has_value();
}

/// What only the members of a compartment may know does not become everybody's by being copied,
/// in its history least of all.
Result<void> may_go(const Replica& replica, const SpaceId& from, const SpaceId& to) {
    const auto& membership = replica.membership();
    if (!membership.can(replica.device(), to, crypto::right_write)) {
        return Error{Code::denied, "this device may not write in the space that you name in `to`"};
    }
    const auto is_compartment = [&membership](const SpaceId& id) {
        const auto* space = membership.space(id);
        return space != nullptr && space->space_class == crypto::SpaceClass::compartment;
    };
    if (!is_compartment(from) || is_compartment(to)) return {};
    return Error{Code::denied, "what lies in a compartment goes into another compartment: name one "
                               "in `to`, not a general space"};
}

/// That a record cannot be written is said of the record; anything else ends the work.
bool is_of_the_record(Code code) {
    return code == Code::invalid || code == Code::denied || code == Code::too_large ||
           code == Code::conflict || code == Code::unsupported || code == Code::not_found;
}

class Carrying {
public:
    Carrying(Replica& replica, const CarryOver& order)
        : replica_(replica), store_(replica.store()), order_(order) {}

    Result<Json> run() {
        TRELLIS_TRY(const auto live, live_places(replica_, order_.from));
        const auto* to = store_.spaces.find(order_.to);
        if (to == nullptr || order_.to == order_.from) {
            return Error{Code::not_found, "say in `to` another space that this device belongs to"};
        }
        to_ = to->index;
        TRELLIS_DO(may_go(replica_, order_.from, order_.to));
        if (store_.schema.type(provenance_type) == nullptr) {
            return Error{Code::unsupported, "this schema has no type 'carried' in which to write "
                                            "down where records come from; add it"};
        }
        for (const auto& place : live) {
            types_.emplace(place.record, place.type);
            if (order_.records.empty() || order_.records.contains(place.record)) {
                chosen_.insert(place.record);
            }
        }
        TRELLIS_TRY(histories_, replica_.histories(order_.from, chosen_));
        for (const auto& place : live) {
            if (chosen_.contains(place.record)) TRELLIS_DO(carry(place));
        }
        for (const auto& record : order_.records) {
            if (!chosen_.contains(record)) leave(record, "", "", "it is not live in that space");
        }
        Json reply;
        reply.set("carried", std::uint64_t{carried_});
        reply.set("already", std::uint64_t{already_});
        reply.set("left", std::move(left_));
        return reply;
    }

private:
    Result<void> carry(const Place& place) {
        const Type& type = *store_.schema.type(place.type);
        TRELLIS_TRY(const bool is_there, is_in(store_, to_, place.type, place.record));
        if (is_there) {
            ++already_;
            return {};
        }
        TRELLIS_TRY(const Json view, view_record(replica_, place));
        auto copy = copy_of(type, order_.to, carried_key(place.record), view,
                            [this](const RecordId& old) { return name_of(old); });
        if (type.name != provenance_type) copy.edits.push_back(provenance(place, copy, view));
        const auto written = replica_.write(order_.to, copy.edits);
        if (!written && !is_of_the_record(written.error().code)) return written.error();
        if (!written) {
            leave(place.record, type.name, "", written.error().message);
            return {};
        }
        ++carried_;
        for (const auto& field : copy.left) {
            leave(place.record, type.name, field,
                  "a counter does not go along; its value is in the note of where it comes from");
        }
        return {};
    }

    /// What a reference to an old record is called in the new space.
    RecordId name_of(const RecordId& old) {
        const auto type = types_.find(old);
        if (type == types_.end()) return old;
        const auto there = is_in(store_, to_, type->second, old);
        if (!chosen_.contains(old) && !(there && *there)) return old;
        return keyed_record(order_.to, *store_.schema.type(type->second), carried_key(old));
    }

    Edit provenance(const Place& place, const RecordCopy& copy, const Json& view) {
        Json said{Json::Array{}};
        for (const auto& past : histories_[place.record]) {
            const auto* actor = store_.actors.find(place.space, past.actor);
            Json one;
            one.set("at", past.change.stamp.time);
            one.set("device", actor == nullptr ? "" : actor->device.hex());
            Json ops{Json::Array{}};
            for (const auto& op : past.change.ops) {
                if (op.record == place.record) ops.push(view_op(op, store_.schema));
            }
            one.set("ops", std::move(ops));
            said.push(std::move(one));
        }
        Json counters{Json::Object{}};
        for (const auto& field : copy.left) counters.set(field, view["fields"][field]);
        Json fields;
        fields.set("record", copy.record.hex());
        fields.set("from", order_.from.hex());
        fields.set("old", place.record.hex());
        fields.set("contradictions", within_limit(view["conflicts"]));
        fields.set("counters", print_json(counters));
        fields.set("said", history_text(std::move(said)));
        return PutRecord{order_.to, std::string(provenance_type), std::move(fields),
                         carried_key(place.record)};
    }

    /// A text that is not too long for a field; the oldest go first where they do not all fit.
    static std::string history_text(Json said) {
        for (;;) {
            auto text = print_json(said);
            auto& list = *said.array();
            if (text.size() <= limits::text_max || list.empty()) return text;
            list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(
                                                        std::max<std::size_t>(1, list.size() / 8)));
        }
    }
    static std::string within_limit(const Json& json) {
        const auto text = print_json(json);
        return text.size() <= limits::text_max ? text : "\"too long to keep\"";
    }

    void leave(const RecordId& record, const std::string& type, const std::string& field,
               const std::string& why) {
        Json one;
        one.set("rec", record.hex());
        if (!type.empty()) one.set("type", type);
        if (!field.empty()) one.set("field", field);
        one.set("why", why);
        left_.push(std::move(one));
    }

    Replica& replica_;
    Store& store_;
    const CarryOver& order_;
    SpaceIndex to_ = 0;
    std::map<RecordId, TypeId> types_;  ///< of what is live in the old space
    std::set<RecordId> chosen_;
    std::map<RecordId, std::vector<Replica::Past>> histories_;
    std::size_t carried_ = 0;
    std::size_t already_ = 0;
    Json left_{Json::Array{}};
};

}  // namespace

Result<Json> carry_over(Replica& replica, const CarryOver& order) {
    return Carrying(replica, order).run();
}

Result<std::size_t> count_left_behind(Replica& replica, const SpaceId& from) {
    Store& store = replica.store();
    TRELLIS_TRY(const auto live, live_places(replica, from));
    std::size_t count = 0;
    for (const auto& place : live) {
        if (store.schema.type(place.type)->name == provenance_type) continue;
        bool is_elsewhere = false;
        for (std::size_t i = 1; i < store.spaces.all().size() && !is_elsewhere; ++i) {
            const auto space = static_cast<SpaceIndex>(i);
            if (space == place.space) continue;
            TRELLIS_TRY(is_elsewhere, is_in(store, space, place.type, place.record));
        }
        if (!is_elsewhere) ++count;
    }
    return count;
}

namespace {

/// Two devices may each have kept the same record, with other work in it: neither hides the other.
std::string orphan_key(const std::string& record, const DeviceId& device) {
    return "orphan:" + record + ":" + device.hex();
}

Result<bool> is_in(Store& store, const SpaceId& space, const RecordId& record) {
    const auto* state = store.spaces.find(space);
    if (state == nullptr) return false;
    TRELLIS_TRY(const auto place, store.records.find(record, {state->index}));
    return place.has_value();
}

}  // namespace

Result<Json> adopt_orphans(Replica& replica, const std::vector<Digest>& ids, const SpaceId& to) {
    Store& store = replica.store();
    TRELLIS_TRY(const auto orphans, replica.orphans());
    Json records{Json::Array{}};
    for (const auto& id : ids) {
        const auto found = std::find_if(orphans.begin(), orphans.end(),
                                        [&](const Quarantined& each) { return each.id == id; });
        if (found == orphans.end()) {
            return Error{Code::not_found, "nothing of that name was kept here: " + id.hex()};
        }
        const auto* name = found->content["type"].string();
        const auto* type = name == nullptr ? nullptr : store.schema.type(*name);
        if (type == nullptr || !found->content.has("fields")) {
            return Error{Code::unsupported, "that work never counted, so that only its ops were "
                                            "kept; read them in `quarantine` and write them anew"};
        }
        TRELLIS_DO(may_go(replica, found->space, to));
        const auto as_it_is = [](const RecordId& record) { return record; };
        const auto key = orphan_key(*found->content["rec"].string(), replica.device());
        const auto copy = copy_of(*type, to, key, found->content, as_it_is);
        // There already: the program ended before the orphan was forgotten.
        TRELLIS_TRY(const bool is_there, is_in(store, to, copy.record));
        if (!is_there) {
            TRELLIS_TRY(const auto written, replica.write(to, copy.edits));
            static_cast<void>(written);
        }
        TRELLIS_DO(replica.forget_orphans({id}));
        records.push(copy.record.hex());
    }
    Json reply;
    reply.set("records", std::move(records));
    return reply;
}

}  // namespace trellis::core
