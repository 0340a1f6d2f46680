// SPDX-License-Identifier: Apache-2.0
// The sign that something about a family or a person lies in a compartment. It says whom to ask
// and nothing else. Each device adds and takes back its own word, so no device needs to know
// what another one can read, and two that raise the same sign raise one.
#include <algorithm>

#include "core/store/edit_ops.hpp"
#include "core/store/writer.hpp"

namespace trellis::core {
namespace {

constexpr std::string_view nothing_left = "nothing restricted is left";

DeviceId device_of(const Store& store, SpaceIndex space, const Dot& dot) {
    const auto* actor = store.actors.find(space, dot.actor);
    return actor == nullptr ? DeviceId() : actor->device;
}

}  // namespace

Result<bool> Writer::keep_sign(const Sign& sign) {
    const Type* type = store_.schema.type_for(TypeUse::sign);
    TRELLIS_CHECK(type != nullptr);
    const RecordId record = keyed_record(store_.spaces.at(space()).id, *type, sign.about.hex());
    TRELLIS_TRY(const auto row, store_.records.locate(space(), record));
    TRELLIS_TRY(const auto state, applier_.state({type->id, space(), row, record}));
    const RecordState known = state.value_or(RecordState());
    if (!known.frozen_by.empty()) return false;
    const auto& ask = *type->field("ask");
    const auto* said = known.find<ElementSet>(ask.id);
    const bool is_shown = known.created && known.tombstones.empty();
    EditSet edit;
    for (const auto& name : sign.ask) {
        const auto* element = said == nullptr ? nullptr : said->find(Value(name));
        bool stands = false;
        for (const auto& add : element == nullptr ? std::vector<Dot>() : element->adds) {
            stands = stands || sign.is_keeper(device_of(store_, space(), add));
        }
        if (!stands || !is_shown) edit.add.emplace_back(name);
    }
    bool changes = !edit.add.empty();
    if (changes) {
        Write write;
        write.create = !known.created.has_value();
        if (write.create) {
            const auto& about = *type->field("about");
            write.fields.push_back({about.id, Assign{{}, Value(sign.about)}});
        }
        write.fields.push_back({ask.id, std::move(edit)});
        std::sort(write.fields.begin(), write.fields.end(),
                  [](const FieldEdit& a, const FieldEdit& b) { return a.field < b.field; });
        TRELLIS_DO(perform(type->id, record, std::move(write)));
        if (!known.tombstones.empty()) {
            TRELLIS_DO(perform(type->id, record, restore_of(known)));
        }
    }
    if (!sign.may_lower || !known.created) return changes;
    TRELLIS_TRY(const bool lowered, lower_sign(sign, *type, record));
    return changes || lowered;
}

/// Takes back what this device has said without a reason, and what devices have said that can
/// no longer do so themselves.
Result<bool> Writer::lower_sign(const Sign& sign, const Type& type, const RecordId& record) {
    TRELLIS_TRY(const auto row, store_.records.locate(space(), record));
    const Place place{type.id, space(), row, record};
    TRELLIS_TRY(auto state, applier_.state(place));
    const auto& ask = *type.field("ask");
    const auto* said = state->find<ElementSet>(ask.id);
    EditSet edit;
    for (const auto& element : said == nullptr ? std::vector<ElementSet::Element>()
                                               : said->elements) {
        const auto* name = element.value.get<std::string>();
        const bool has_reason = name != nullptr && sign.ask.contains(*name);
        EditSet::Removal removal{element.value, {}};
        for (const auto& add : element.adds) {
            const auto device = device_of(store_, space(), add);
            const bool is_own = device == sign.self && !has_reason;
            if (is_own || !sign.is_keeper(device)) removal.seen.push_back(add);
        }
        if (!removal.seen.empty()) edit.remove.push_back(std::move(removal));
    }
    const bool changes = !edit.remove.empty();
    if (changes) {
        Write write;
        write.fields.push_back({ask.id, std::move(edit)});
        TRELLIS_DO(perform(type.id, record, std::move(write)));
        TRELLIS_TRY(state, applier_.state(place));
        said = state->find<ElementSet>(ask.id);
    }
    const bool is_empty = said == nullptr || said->elements.empty();
    if (!is_empty || state->presence() == Presence::deleted) return changes;
    TRELLIS_DO(perform(type.id, record, Delete{state->writes, std::string(nothing_left)}));
    return true;
}

}  // namespace trellis::core
