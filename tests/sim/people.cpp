// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/people.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/query/record_view.hpp"
#include "core/store/edit_ops.hpp"
#include "tests/sim/plan.hpp"
#include "tests/sim/schema.hpp"

namespace trellis::sim {
namespace {

struct Weight {
    Work work;
    std::string_view name;
    unsigned liaison;
    unsigned central;
};

constexpr std::array weights = {
    Weight{Work::create, "create", 24, 4},       Weight{Work::create_keyed, "create_keyed", 6, 2},
    Weight{Work::amend, "amend", 12, 6},         Weight{Work::note, "note", 12, 4},
    Weight{Work::insist, "insist", 0, 0},  // never alone: see What::differ
    Weight{Work::status, "status", 8, 6},        Weight{Work::tag, "tag", 8, 4},
    Weight{Work::count, "count", 4, 2},          Weight{Work::raise, "raise", 6, 2},
    Weight{Work::advance, "advance", 2, 4},      Weight{Work::close, "close", 1, 16},
    Weight{Work::resolve, "resolve", 2, 12},     Weight{Work::erase, "erase", 2, 2},
    Weight{Work::restore, "restore", 1, 4},      Weight{Work::link, "link", 1, 4},
    Weight{Work::unlink, "unlink", 1, 2},        Weight{Work::bulk, "bulk", 0, 1},
    Weight{Work::several, "several", 3, 3},      Weight{Work::read, "read", 8, 12},
};

const Weight& chosen(Role role, Random& random) {
    const auto of = [role](const Weight& each) {
        return role == Role::liaison ? each.liaison : each.central;
    };
    unsigned sum = 0;
    for (const auto& each : weights) sum += of(each);
    auto left = random.below(sum);
    for (const auto& each : weights) {
        if (left < of(each)) return each;
        left -= of(each);
    }
    return weights.front();
}

}  // namespace

struct People::Desk {
    Device& device;
    Values values;
    SpaceId space;
    Random where;  ///< which record; two minds may think of the same one
    bool is_other = false;  ///< the other one of two minds
    ActorId own;
    Counter next = 0;  ///< the counter of what is written next
    // Once find_record() found one:
    core::Place place;
    const core::Type* type = nullptr;
    core::RecordState state;

    core::Replica& replica() { return device.replica(); }
    Random& random() { return values.random(); }
    [[nodiscard]] const core::Schema& schema() const { return device.replica().store().schema; }
};

void People::work(Device& device, std::uint64_t salt) {
    Random random(mixed(salt, 1));
    do_it(device, chosen(device.role(), random).work, salt);
}

void People::contradict(Device& device, std::uint64_t salt) {
    Random random(mixed(salt, 1));
    do_it(device, chosen(device.role(), random).work, salt ^ other_mind);
}

void People::differ(Device& device, std::uint64_t salt) { do_it(device, Work::insist, salt); }

bool People::do_it(Device& device, Work work, std::uint64_t salt) {
    if (!device.is_usable() || spaces_.empty()) return false;
    const auto same = salt & ~(work == Work::insist ? three_minds : other_mind);
    Desk desk{device, Values(canary_, mixed(salt, 2)), {}, Random(mixed(same, 3)),
              (salt & other_mind) != 0, {}, 0, {}, nullptr, {}};
    desk.space = desk.where.pick(spaces_);
    auto& replica = device.replica();
    const auto* state = replica.store().spaces.find(desk.space);
    if (state == nullptr) return false;
    desk.own = crypto::actor_id(desk.space, replica.device(), state->own);
    const auto version = replica.version(desk.space);
    if (!version) return false;
    desk.next = version->counter(desk.own) + 1;
    bool went = false;
    switch (work) {
        case Work::create: went = create(desk, false); break;
        case Work::create_keyed: went = create(desk, true); break;
        case Work::amend:
        case Work::status: went = amend(desk); break;
        case Work::insist: went = insist(desk); break;
        case Work::note: went = note(desk); break;
        case Work::tag: went = tag(desk); break;
        case Work::count:
            went = find_record(desk, family_type) &&
                   write(desk, {core::IncrementField{desk.place.record, "minutes",
                                                     desk.random().between(-5, 120)}},
                         desk.place.record);
            break;
        case Work::raise: went = raise(desk); break;
        case Work::advance: went = advance(desk); break;
        case Work::close: went = close(desk); break;
        case Work::resolve: went = resolve(desk); break;
        case Work::erase: went = erase(desk, true); break;
        case Work::restore: went = erase(desk, false); break;
        case Work::link: went = link(desk, true); break;
        case Work::unlink: went = link(desk, false); break;
        case Work::bulk: went = bulk(desk); break;
        case Work::several: went = several(desk); break;
        case Work::read: went = read(desk); break;
    }
    if (went) {
        for (const auto& each : weights) {
            if (each.work == work) ++done_[std::string(each.name)];
        }
    }
    return went;
}

/// A record that people have worked on of late, in this space and known on this device.
bool People::find_record(Desk& desk, core::TypeId only) {
    const auto& all = truth_.records();
    for (int tries = 0; tries < 6 && !all.empty(); ++tries) {
        const auto& known = all[desk.where.recent(all.size())];
        if (known.space != desk.space || (only != 0 && known.type != only)) continue;
        auto place = desk.replica().place_of(known.record);
        if (!place) continue;
        auto state = desk.replica().store().records.load(*place);
        const auto* type = desk.schema().type(place->type);
        if (!state || !*state || type == nullptr) continue;
        desk.place = *place;
        desk.type = type;
        desk.state = std::move(**state);
        return true;
    }
    return false;
}

/// With a mark in two of three, so that the change is found again whatever becomes of its name.
bool People::write(Desk& desk, std::vector<core::Edit> edits, const RecordId& record) {
    Deed deed;
    if (!desk.random().chance(333)) {
        deed.is_marked = true;
        deed.serial = truth_.next_serial();
        Json entry;
        entry.set("n", static_cast<std::int64_t>(deed.serial));
        edits.emplace_back(core::AppendEntry{record, "journal", std::move(entry)});
    }
    auto written = desk.device.write(desk.space, edits, std::move(deed));
    if (!written) world_.tell("  refused", written.error().message);
    return written.has_value();
}

Json People::fields_of(Desk& desk, const core::Type& type, std::size_t count, bool is_new) {
    Json fields{Json::Object{}};
    for (std::size_t i = 0; i < count; ++i) {
        const auto& field = desk.random().pick(type.fields);
        if (field.immutable && !is_new) continue;
        if (field.kind != core::FieldKind::scalar_register && field.kind != core::FieldKind::text) {
            continue;
        }
        if (desk.random().chance(50)) {
            fields.set(field.name, nullptr);
        } else {
            fields.set(field.name, desk.values.of(field, desk.schema()));
        }
    }
    return fields;
}

bool People::create(Desk& desk, bool keyed) {
    const auto& type = desk.random().pick(desk.schema().types());
    const auto count = 1 + static_cast<std::size_t>(desk.random().below(5));
    core::PutRecord put{desk.space, type.name, fields_of(desk, type, count, true), {}};
    RecordId record = RecordId::dotted({desk.own, desk.next});
    if (keyed) {
        put.key = "key-" + std::to_string(desk.random().below(12));
        record = core::keyed_record(desk.space, type, *put.key);
    }
    if (!write(desk, {put}, record)) return false;
    truth_.add(KnownRecord{desk.space, type.id, record});
    return true;
}

bool People::amend(Desk& desk) {
    if (!find_record(desk, 0)) return false;
    const auto count = 1 + static_cast<std::size_t>(desk.random().below(3));
    Json fields = fields_of(desk, *desk.type, count, false);
    if (fields.object()->empty()) return false;
    return write(desk, {core::SetFields{desk.place.record, std::move(fields)}}, desk.place.record);
}

bool People::insist(Desk& desk) {
    if (!find_record(desk, 0)) return false;
    std::vector<const core::Field*> all;
    for (const auto& field : desk.type->fields) {
        if (field.kind == core::FieldKind::scalar_register && !field.immutable) {
            all.push_back(&field);
        }
    }
    if (all.empty()) return false;
    const auto& field = *desk.where.pick(all);
    Json fields{Json::Object{}};
    fields.set(field.name, desk.values.of(field, desk.schema()));
    return write(desk, {core::SetFields{desk.place.record, std::move(fields)}}, desk.place.record);
}

bool People::note(Desk& desk) {
    if (!find_record(desk, family_type)) return false;
    Json entry;
    entry.set("text", desk.values.text());
    entry.set("day", "2026-08-24");
    return write(desk, {core::AppendEntry{desk.place.record, "visits", std::move(entry)}},
                 desk.place.record);
}

bool People::tag(Desk& desk) {
    if (!find_record(desk, 0) || desk.type->field("tags") == nullptr) return false;
    std::vector<Json> there;
    if (const auto* set = desk.state.find<core::ElementSet>(desk.type->field("tags")->id)) {
        for (const auto& element : set->elements) there.push_back(core::to_json(element.value));
    }
    core::ChangeSet change{desk.place.record, "tags", {}, {}};
    // Of two minds about one word, one takes away what the other sets once more.
    const bool knows_it = !there.empty() && desk.where.chance(700);
    const Json word = knows_it ? desk.where.pick(there)
                               : Json(canary_ + std::to_string(desk.where.below(6)));
    const bool is_there = std::find(there.begin(), there.end(), word) != there.end();
    auto& list = is_there && desk.where.chance(500) != desk.is_other ? change.remove : change.add;
    list.push_back(word);
    if (!there.empty() && desk.random().chance(300)) {
        const Json& other = desk.random().pick(there);
        if (!(other == word)) change.remove.push_back(other);
    }
    return write(desk, {change}, desk.place.record);
}

bool People::raise(Desk& desk) {
    if (!find_record(desk, 0) || desk.type->field("alarm") == nullptr) return false;
    return write(desk, {core::RaiseStatus{desk.place.record, "alarm", desk.random().between(0, 2)}},
                 desk.place.record);
}

bool People::advance(Desk& desk) {
    if (!find_record(desk, 0) || desk.type->field("alarm") == nullptr) return false;
    const auto* tokens = desk.state.find<core::Tokens>(desk.type->field("alarm")->id);
    if (tokens == nullptr || tokens->open.empty()) return false;
    return write(desk,
                 {core::AdvanceStatus{desk.place.record, "alarm", tokens->open.back().dot,
                                      desk.random().between(1, 2)}},
                 desk.place.record);
}

bool People::close(Desk& desk) {
    if (!find_record(desk, 0) || desk.type->field("alarm") == nullptr) return false;
    const auto* tokens = desk.state.find<core::Tokens>(desk.type->field("alarm")->id);
    if (tokens == nullptr || tokens->open.empty()) return false;
    core::CloseStatus close{desk.place.record, "alarm", {}, canary_};
    for (const auto& token : tokens->open) close.tokens.push_back(token.dot);
    if (close.tokens.size() > 1) world_.sometimes("several_alarms_closed_at_once");
    return write(desk, {close}, desk.place.record);
}

bool People::resolve(Desk& desk) {
    if (!find_record(desk, 0)) return false;
    for (const auto& field : desk.type->fields) {
        const auto* heads = desk.state.find<core::Register>(field.id);
        if (heads == nullptr || heads->heads.size() < 2 || field.immutable) continue;
        if (heads->heads.size() > 2) world_.sometimes("conflict_of_three_values");
        world_.sometimes("conflict_resolved");
        return write(desk,
                     {core::ResolveField{desk.place.record, field.name,
                                         core::to_json(desk.random().pick(heads->heads).value)}},
                     desk.place.record);
    }
    return false;
}

bool People::erase(Desk& desk, bool on) {
    if (!find_record(desk, 0)) return false;
    const bool is_erased = !desk.state.tombstones.empty();
    if (is_erased == on) return false;
    // The reason is the one that the laws' spec gives every delete.
    if (on) return write(desk, {core::DeleteRecord{desk.place.record, "gone"}}, desk.place.record);
    world_.sometimes("record_restored");
    return write(desk, {core::RestoreRecord{desk.place.record}}, desk.place.record);
}

bool People::link(Desk& desk, bool on) {
    if (!find_record(desk, family_type)) return false;
    const RecordId first = desk.place.record;
    if (!find_record(desk, family_type) || desk.place.record == first) return false;
    return write(desk, {core::LinkRecords{first, desk.place.record, on}}, first);
}

/// An import: many new records in one change.
bool People::bulk(Desk& desk) {
    const auto count = static_cast<std::size_t>(desk.random().log_uniform(5, 120));
    const auto* type = desk.schema().type(family_type);
    std::vector<core::Edit> edits;
    for (std::size_t i = 0; i < count; ++i) {
        edits.emplace_back(
            core::PutRecord{desk.space, type->name, fields_of(desk, *type, 2, true), {}});
    }
    const auto first = RecordId::dotted({desk.own, desk.next});
    if (!write(desk, std::move(edits), first)) return false;
    truth_.add(KnownRecord{desk.space, type->id, first});
    return true;
}

/// Several edits in one change, all or nothing.
bool People::several(Desk& desk) {
    if (!find_record(desk, family_type)) return false;
    const RecordId record = desk.place.record;
    std::vector<core::Edit> edits;
    Json fields = fields_of(desk, *desk.type, 2, false);
    if (!fields.object()->empty()) edits.emplace_back(core::SetFields{record, std::move(fields)});
    edits.emplace_back(core::IncrementField{record, "minutes", 1});
    edits.emplace_back(core::RaiseStatus{record, "alarm", 0});
    return write(desk, std::move(edits), record);
}

bool People::read(Desk& desk) {
    if (!find_record(desk, 0)) return false;
    auto& disk = desk.device.disk();
    const auto hits = disk.hits();
    const auto view = core::view_record(desk.replica(), desk.place);
    if (view) return true;
    // A disk that fails just then is said to have failed.
    if (disk.hits() == hits && !disk.is_down()) {
        world_.fail("C18", "a record that is there cannot be read: " + view.error().message);
    }
    desk.device.touched();
    return false;
}

}  // namespace trellis::sim
