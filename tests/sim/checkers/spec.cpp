// SPDX-License-Identifier: Apache-2.0
// C7 to C10: what is shown is what the history says, by an oracle that knows no merging.
#include <algorithm>

#include "core/query/record_view.hpp"
#include "core/store/edit_ops.hpp"
#include "tests/sim/checkers/checkers.hpp"
#include "tests/sim/checkers/story_of.hpp"
#include "tests/sim/fleet.hpp"

namespace trellis::sim {
namespace {

/// A record's history costs a walk over the whole space.
constexpr int records_per_space = 3;

/// Which promise a field's kind stands for.
std::string_view promise_of(const core::FieldState& field) {
    if (std::holds_alternative<core::Tokens>(field.data)) return "C8";
    if (std::holds_alternative<core::Register>(field.data)) return "C9";
    return "C10";
}

/// The first difference: which promise, and where.
std::optional<Breach> compare(const core::RecordState& shown, const core::RecordState& expected) {
    if (!(shown.tombstones == expected.tombstones)) return Breach{"C7", "deletes"};
    if (!(shown.writes == expected.writes)) return Breach{"C10", "writes"};
    if (shown.created != expected.created || !(shown.created_at == expected.created_at)) {
        return Breach{"C10", "its creation"};
    }
    const auto count = std::max(shown.fields.size(), expected.fields.size());
    for (std::size_t i = 0; i < count; ++i) {
        const auto* left = i < shown.fields.size() ? &shown.fields[i] : nullptr;
        const auto* right = i < expected.fields.size() ? &expected.fields[i] : nullptr;
        if (left != nullptr && right != nullptr && *left == *right) continue;
        const auto& either = right != nullptr ? *right : *left;
        return Breach{std::string(promise_of(either)), "field " + std::to_string(either.field)};
    }
    return std::nullopt;
}

/// A field that was emptied is kept by the one and not by the other: both mean nothing.
void drop_empty(core::RecordState& state) {
    std::erase_if(state.fields, [](const core::FieldState& field) {
        const auto* heads = std::get_if<core::Register>(&field.data);
        const auto* set = std::get_if<core::ElementSet>(&field.data);
        const auto* tokens = std::get_if<core::Tokens>(&field.data);
        return (heads != nullptr && heads->heads.empty()) ||
               (set != nullptr && set->elements.empty()) ||
               (tokens != nullptr && tokens->open.empty());
    });
}

/// The oracle numbers values by their order, and knows neither a schema's own order nor that
/// nothing is more than every value where the least is shown.
bool has_words_for(const core::Field& field, const core::Register& heads) {
    if (field.resolver == core::Resolver::protect) return false;
    return field.resolver != core::Resolver::min ||
           std::none_of(heads.heads.begin(), heads.heads.end(),
                        [](const core::Head& head) { return head.value.is_null(); });
}

/// Of several values, the one that people see.
void check_shown(Fleet& fleet, Device& device, const core::Place& place,
                 const core::RecordState& state, const RecordStory& story) {
    auto& replica = device.replica();
    const auto* type = replica.store().schema.type(place.type);
    if (type == nullptr) return;
    const auto view = core::view_record(replica, place);
    if (!view) return fleet.world.fail("C18", view.error().message);
    for (const auto& field : type->fields) {
        const auto* heads = state.find<core::Register>(field.id);
        if (heads == nullptr || heads->heads.size() < 2 || !has_words_for(field, *heads)) continue;
        fleet.world.sometimes("conflict_shown_as_the_oracle_says");
        if (heads->heads.size() > 2) fleet.world.sometimes("conflict_of_three_values");
        if ((*view)["fields"][field.name] == core::to_json(story.shown(field))) continue;
        return fleet.world.fail("C10", device.name() + " shows another value of " + field.name +
                                           " than the history of " + place.record.hex() + " asks");
    }
}

void check_record(Fleet& fleet, Device& device, const SpaceId& space, const RecordId& record) {
    auto& replica = device.replica();
    const auto place = replica.place_of(record);
    if (!place) return;  // its author is gone, or its name is another now
    auto shown = replica.store().records.load(*place);
    const auto history = replica.history(space, record);
    if (!shown || !history) return fleet.world.fail("C18", "a record's history cannot be read");
    if (!*shown) return;
    const auto story = RecordStory::of(*history, record, fleet.truth);
    if (!story) return fleet.world.sometimes("record_beyond_the_oracle");
    check_shown(fleet, device, *place, **shown, *story);
    if (fleet.world.failure()) return;
    core::RecordState state = std::move(**shown);
    const auto joined = replica.store().records.join_log_writes(*place, state.writes);
    if (!joined) return fleet.world.fail("C18", joined.error().message);
    core::RecordState expected = story->expected();
    drop_empty(state);
    drop_empty(expected);
    fleet.world.sometimes("record_compared_with_the_oracle");
    if (const auto broken = compare(state, expected)) {
        return fleet.world.fail(broken->checker, device.name() + " shows " + record.hex() +
                                                     " not as its history says: " + broken->what);
    }
    if (state.presence() != story->presence()) {
        fleet.world.fail("C7", device.name() + ": " + record.hex() +
                                   " is deleted here and not by its history, or the reverse");
    }
}

}  // namespace

void check_spec(Fleet& fleet) {
    const auto& records = fleet.truth.records();
    for (const auto& space : fleet.people.spaces()) {
        const auto readers = fleet.readers(space);
        if (readers.empty()) continue;
        auto& random = fleet.world.random.checks;
        Device& device = *readers[static_cast<std::size_t>(random.below(readers.size()))];
        int left = records_per_space;
        for (int tries = 0; tries < 12 && left > 0 && !records.empty(); ++tries) {
            const auto& known = records[random.recent(records.size())];
            if (known.space != space) continue;
            --left;
            check_record(fleet, device, space, known.record);
            if (fleet.world.failure()) return;
        }
    }
}

}  // namespace trellis::sim
