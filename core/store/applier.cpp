// SPDX-License-Identifier: Apache-2.0
#include "core/store/applier.hpp"

#include "core/merge/past.hpp"

namespace trellis::core {
namespace {

// Records held in memory at most before they are written: a bulk of edits must not need the
// memory of all it touches.
constexpr std::size_t entries_max = 20'000;

/// Most values have their field's form already.
bool fits(const Value& value, const Field& field) {
    switch (field.value) {
        case ValueType::text:
        case ValueType::enumeration: return true;
        case ValueType::integer:
        case ValueType::instant: return value.get<std::int64_t>() != nullptr;
        case ValueType::ref: return value.get<RecordId>() != nullptr;
        case ValueType::date: return value.get<Date>() != nullptr;
        default: return false;
    }
}

void conform_edit(FieldEdit& edit, const Field& field) {
    if (auto* assign = std::get_if<Assign>(&edit.action)) {
        if (!fits(assign->value, field)) assign->value = conform(std::move(assign->value), field);
    } else if (auto* set = std::get_if<EditSet>(&edit.action)) {
        for (auto& value : set->add) value = conform(std::move(value), field);
        for (auto& removal : set->remove) {
            removal.element = conform(std::move(removal.element), field);
        }
    }
}

bool makes_own_record(const Dot& dot, const Op& op) {
    const auto* write = std::get_if<Write>(&op.action);
    return write != nullptr && write->create && op.record.is_named_by(dot);
}

}  // namespace

void conform(Op& op, const Schema& schema) {
    const Type* type = schema.type(op.type);
    if (type == nullptr) return;
    if (auto* write = std::get_if<Write>(&op.action)) {
        for (auto& edit : write->fields) {
            if (const auto* field = type->field(edit.field)) conform_edit(edit, *field);
        }
    } else if (auto* append = std::get_if<Append>(&op.action)) {
        const auto* log = type->field(append->field);
        if (log == nullptr) return;
        for (auto& [id, value] : append->entry) {
            for (const auto& field : log->entry) {
                if (field.id == id) value = conform(std::move(value), field);
            }
        }
    }
}

Result<void> Applier::apply(ActorIndex index, Change& change, const VersionVector* author_saw) {
    Dot dot{actors_.at(index).id, change.first};
    VersionVector past;
    if (author_saw != nullptr) past = *author_saw;
    for (auto& op : change.ops) {
        conform(op, records_.schema());
        if (author_saw != nullptr) past.raise(dot.actor, dot.counter - 1);
        TRELLIS_DO(apply_op({index, dot, change.stamp, author_saw == nullptr ? nullptr : &past}, op));
        ++dot.counter;
    }
    return {};
}

Result<void> Applier::apply_op(const Authorship& by, const Op& op) {
    touched_.insert(op.type);
    const SpaceIndex space = actors_.at(by.actor).space;
    const Dot& dot = by.dot;
    const Stamp& stamp = by.stamp;
    if (makes_own_record(dot, op)) {
        const Place place{op.type, space, row_id(by.actor, dot.counter), op.record};
        // Where a branch has lost its name, what stood on it may come before what it is about.
        if (!entries_.contains({place.type, place.row})) {
            TRELLIS_TRY(const bool done, records_.insert_created(place, stamp,
                                                                 std::get<Write>(op.action)));
            if (done) return {};
        }
    } else if (by.past != nullptr && !names_only_past(op, *by.past)) {
        // An op that names what its author had not seen is a lie and changes nothing, the same
        // nothing on every device.
        return {};
    }
    if (const auto* link = std::get_if<Link>(&op.action)) {
        return links_.link(space, op.type, dot, op.record, *link);
    }
    if (const auto* unlink = std::get_if<Unlink>(&op.action)) {
        return links_.unlink(space, op.type, op.record, *unlink);
    }
    TRELLIS_TRY(const auto row, records_.locate(space, op.record));
    const Place place{op.type, space, row, op.record};
    if (std::holds_alternative<Append>(op.action)) return append(place, dot, stamp, op);
    TRELLIS_TRY(auto* entry, this->entry(place));
    entry->state.apply(dot, stamp, op);
    if (!entry->state.tombstones.empty()) {
        TRELLIS_DO(records_.join_log_writes(place, entry->state.writes));
    }
    entry->changed = true;
    return entries_.size() > entries_max ? spill() : Result<void>{};
}

Result<void> Applier::append(const Place& place, const Dot& dot, const Stamp& stamp,
                             const Op& op) {
    const auto& action = std::get<Append>(op.action);
    TRELLIS_DO(records_.append(place, action.field, {0, dot, stamp, action.entry}));
    // An entry that a delete had not seen brings the record back for review. Else the record's
    // own row need not be touched.
    const auto known = entries_.find({place.type, place.row});
    if (known == entries_.end()) {
        TRELLIS_TRY(const bool buried, records_.has_tombstones(place));
        if (!buried) return {};
    }
    TRELLIS_TRY(auto* entry, this->entry(place));
    if (entry->state.tombstones.empty()) return {};
    TRELLIS_DO(records_.join_log_writes(place, entry->state.writes));
    entry->changed = true;
    return {};
}

Result<Applier::Entry*> Applier::entry(const Place& place) {
    const Key key{place.type, place.row};
    const auto known = entries_.find(key);
    if (known != entries_.end()) return &known->second;
    TRELLIS_TRY(auto state, records_.load(place));
    Entry made;
    made.place = place;
    made.exists = state.has_value();
    if (state) made.state = std::move(*state);
    return &entries_.emplace(key, std::move(made)).first->second;
}

Result<std::optional<RecordState>> Applier::state(const Place& place) {
    TRELLIS_TRY(auto* found, entry(place));
    if (!found->exists && !found->changed) return std::optional<RecordState>();
    RecordState state = found->state;
    TRELLIS_DO(records_.join_log_writes(place, state.writes));
    return std::optional(std::move(state));
}

Result<void> Applier::spill() {
    for (auto& [key, entry] : entries_) {
        if (entry.changed) TRELLIS_DO(records_.save(entry.place, entry.state, entry.exists));
    }
    entries_.clear();
    return {};
}

Result<void> Applier::finish() { return spill(); }

}  // namespace trellis::core
