// SPDX-License-Identifier: Apache-2.0
#include "core/store/references.hpp"

#include <algorithm>

#include "core/store/tables.hpp"

namespace trellis::core {
namespace {

void add(const Field& field, const Value& value, std::vector<Reference>& list) {
    if (const auto* record = value.get<RecordId>()) list.push_back({&field, *record});
}

Result<void> add_entries(Store& store, const Place& place, const Field& log,
                         std::vector<Reference>& list) {
    const auto points = [](const Field& part) { return part.value == ValueType::ref; };
    if (std::none_of(log.entry.begin(), log.entry.end(), points)) return {};
    TRELLIS_TRY(const auto entries, store.records.entries(place, log.id));
    for (const auto& entry : entries) {
        for (const auto& [id, value] : entry.values) {
            for (const auto& part : log.entry) {
                if (part.id == id && points(part)) add(part, value, list);
            }
        }
    }
    return {};
}

}  // namespace

Result<std::vector<Reference>> references_of(Store& store, const Place& place,
                                             const RecordState& state) {
    std::vector<Reference> list;
    const Type* type = store.schema.type(place.type);
    if (type == nullptr) return list;
    for (const auto& field : type->fields) {
        if (field.kind == FieldKind::log) TRELLIS_DO(add_entries(store, place, field, list));
        if (field.value != ValueType::ref) continue;
        if (const auto* reg = state.find<Register>(field.id)) {
            for (const auto& head : reg->heads) add(field, head.value, list);
        }
        if (const auto* set = state.find<ElementSet>(field.id)) {
            for (const auto& element : set->elements) add(field, element.value, list);
        }
    }
    return list;
}

Result<std::vector<Place>> places_in(Store& store, SpaceIndex space, TypeId type) {
    std::vector<Place> places;
    TRELLIS_TRY(auto select, store.database.prepare("SELECT id, k FROM " + record_table(type) +
                                                    " WHERE s=?1"));
    select.bind(1, std::int64_t{space});
    for (;;) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) break;
        const RowId row = select.integer(0);
        places.push_back({type, space, row, store.records.record_of(row, select.bytes(1))});
    }
    std::sort(places.begin(), places.end(),
              [](const Place& a, const Place& b) { return a.record < b.record; });
    return places;
}

}  // namespace trellis::core
