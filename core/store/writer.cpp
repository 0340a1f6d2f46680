// SPDX-License-Identifier: Apache-2.0
#include "core/store/writer.hpp"

#include "core/base/limits.hpp"
#include "core/store/edit_ops.hpp"
#include "crypto/primitive/hash.hpp"

namespace trellis::core {

Dot Writer::next_dot() const { return {store_.actors.at(start_.actor).id, next_}; }

/// Merges one op and keeps it for the change.
Result<Dot> Writer::perform(TypeId type, const RecordId& record, decltype(Op::action) action) {
    if (ops_.size() >= limits::change_ops_max) {
        return Error{Code::too_large, "a batch may hold " + std::to_string(limits::change_ops_max) +
                                          " operations: split it"};
    }
    const Dot dot = next_dot();
    Change step{next_, start_.stamp, {}};
    step.ops.push_back({type, record, std::move(action)});
    TRELLIS_DO(applier_.apply(start_.actor, step, nullptr));
    ops_.push_back(std::move(step.ops.front()));
    ++next_;
    return dot;
}

Result<Change> Writer::finish() {
    TRELLIS_DO(applier_.finish());
    return Change{start_.first, start_.stamp, std::move(ops_)};
}

Result<Written> Writer::write(const Edit& edit) {
    return std::visit([this](const auto& each) { return write_edit(each); }, edit);
}

Result<Writer::Target> Writer::target(const RecordId& record) {
    TRELLIS_TRY(const auto row, store_.records.find_row(space(), record));
    for (const auto& type : store_.schema.types()) {
        if (!row) break;
        const Place place{type.id, space(), *row, record};
        TRELLIS_TRY(const bool here, store_.records.has(place));
        // A record of this very transaction may still be in memory only.
        if (!here && !applier_.holds(place)) continue;
        TRELLIS_TRY(auto state, applier_.state(place));
        if (!state) continue;
        if (!state->frozen_by.empty()) {
            return Error{Code::unsupported, "record " + record.hex() + " was edited by a newer "
                                            "version of the program: upgrade to edit it here"};
        }
        return Target{place, &type, std::move(*state)};
    }
    return Error{Code::not_found, "there is no record " + record.hex() + " in this space here"};
}

Result<const Field*> Writer::field(const Target& target, const std::string& name, FieldKind kind) {
    const auto* field = target.type->field(name);
    if (field == nullptr) return unknown_field(*target.type, name);
    TRELLIS_DO(check_class(target.type->name + "." + name, field->data_class));
    if (field->kind == kind) return field;
    return Error{Code::invalid, target.type->name + "." + name + " is a " +
                                std::string(kind_name(field->kind)) + ", not a " +
                                std::string(kind_name(kind))};
}

Result<void> Writer::check_class(const std::string& what, DataClass data_class) const {
    if (data_class != DataClass::named_people || start_.in_compartment) return {};
    return Error{Code::denied, what + " is for named people only: write it in a compartment, not "
                                      "in a general space"};
}

Result<FieldEdit> Writer::edit_of(const Field& field, const Json& value, const RecordState& state,
                                  bool creating) {
    FieldEdit edit{field.id, Increment{}};
    switch (field.kind) {
        case FieldKind::set: {
            TRELLIS_TRY(edit.action, replace_set(field, value, state, store_.schema));
            return edit;
        }
        case FieldKind::counter: {
            if (!creating || value.integer() == nullptr) {
                return Error{Code::invalid, field.name + " is a counter: use inc"};
            }
            TRELLIS_TRY(edit.action, increment_by(field, *value.integer()));
            return edit;
        }
        default: {
            const auto* reg = state.find<Register>(field.id);
            if (!creating && field.immutable && reg != nullptr && !reg->heads.empty()) {
                return Error{Code::denied,
                             field.name + " is given when a record is made and never changes"};
            }
            TRELLIS_TRY(edit.action, assign(field, value, state, store_.schema));
            return edit;
        }
    }
}

Result<Write> Writer::write_of(const Type& type, const Json& fields, const RecordState& state,
                               bool creating) {
    if (fields.object() == nullptr) {
        return Error{Code::invalid, "fields must be an object of field names and values"};
    }
    Write write;
    for (const auto& [name, value] : *fields.object()) {
        const auto* field = type.field(name);
        if (field == nullptr) return unknown_field(type, name);
        TRELLIS_DO(check_class(type.name + "." + name, field->data_class));
        const bool apart = field->kind == FieldKind::log || field->kind == FieldKind::status;
        if (apart && !creating) {
            return Error{Code::invalid, type.name + "." + name + " is a " +
                                        std::string(kind_name(field->kind)) + ": use " +
                                        (field->kind == FieldKind::log ? "append" : "raise")};
        }
        if (apart || (creating && value.is_null())) continue;
        TRELLIS_TRY(auto edit, edit_of(*field, value, state, creating));
        write.fields.push_back(std::move(edit));
    }
    std::sort(write.fields.begin(), write.fields.end(),
              [](const FieldEdit& a, const FieldEdit& b) { return a.field < b.field; });
    return write;
}

Result<Written> Writer::write_edit(const PutRecord& edit) {
    const auto* type = store_.schema.type(edit.type);
    if (type == nullptr) return Error{Code::invalid, "there is no record type " + edit.type};
    TRELLIS_DO(check_class(type->name, type->data_class));
    RecordId record = RecordId::dotted(next_dot());
    RecordState known;
    if (edit.key) {
        if (edit.key->empty() || edit.key->size() > limits::key_max) {
            return Error{Code::too_large, "a key has 1 to " + std::to_string(limits::key_max) + " bytes"};
        }
        record = keyed_record(store_.spaces.at(space()).id, *type, *edit.key);
        TRELLIS_TRY(const auto row, store_.records.locate(space(), record));
        TRELLIS_TRY(auto state, applier_.state({type->id, space(), row, record}));
        if (state) known = std::move(*state);
    }
    TRELLIS_TRY(Write write, write_of(*type, edit.fields, known, true));
    write.create = !known.created.has_value();
    TRELLIS_TRY(const Dot dot, perform(type->id, record, std::move(write)));
    // A key that was deleted here and is put again is meant to be alive.
    if (!known.tombstones.empty()) {
        TRELLIS_TRY(const Dot ignored, perform(type->id, record, restore_of(known)));
        static_cast<void>(ignored);
    }
    TRELLIS_DO(put_rest(*type, record, edit.fields));
    return Written{dot, record};
}

/// Log entries and alarms given with a new record are ops of their own.
Result<void> Writer::put_rest(const Type& type, const RecordId& record, const Json& fields) {
    for (const auto& [name, value] : *fields.object()) {
        const auto* field = type.field(name);
        if (value.is_null()) continue;
        if (field->kind == FieldKind::status) {
            TRELLIS_TRY(const auto level, level_of(*field, value));
            TRELLIS_TRY(const Dot token, perform(type.id, record, Raise{field->id, level}));
            static_cast<void>(token);
        }
        if (field->kind != FieldKind::log) continue;
        if (value.array() == nullptr) {
            return Error{Code::invalid, name + " is a log: give an array of entries"};
        }
        for (const auto& entry : *value.array()) {
            TRELLIS_TRY(auto append, append_of(*field, entry, store_.schema));
            TRELLIS_TRY(const Dot dot, perform(type.id, record, std::move(append)));
            static_cast<void>(dot);
        }
    }
    return {};
}

Result<Written> Writer::write_edit(const SetFields& edit) {
    TRELLIS_TRY(const Target target, this->target(edit.record));
    TRELLIS_TRY(Write write, write_of(*target.type, edit.fields, target.state, false));
    if (write.fields.empty()) return Error{Code::invalid, "fields names nothing to set"};
    TRELLIS_TRY(const Dot dot, perform(target.type->id, edit.record, std::move(write)));
    return Written{dot, edit.record};
}

Result<Written> Writer::write_edit(const ResolveField& edit) {
    TRELLIS_TRY(const Target target, this->target(edit.record));
    TRELLIS_TRY(const auto* field, this->field(target, edit.field, FieldKind::scalar_register));
    Write write;
    TRELLIS_TRY(auto action, assign(*field, edit.value, target.state, store_.schema));
    write.fields.push_back({field->id, std::move(action)});
    TRELLIS_TRY(const Dot dot, perform(target.type->id, edit.record, std::move(write)));
    return Written{dot, edit.record};
}

Result<Written> Writer::write_edit(const ChangeSet& edit) {
    TRELLIS_TRY(const Target target, this->target(edit.record));
    TRELLIS_TRY(const auto* field, this->field(target, edit.field, FieldKind::set));
    TRELLIS_TRY(auto action, change_set(*field, edit, target.state, store_.schema));
    Write write;
    write.fields.push_back({field->id, std::move(action)});
    TRELLIS_TRY(const Dot dot, perform(target.type->id, edit.record, std::move(write)));
    return Written{dot, edit.record};
}

Result<Written> Writer::write_edit(const IncrementField& edit) {
    TRELLIS_TRY(const Target target, this->target(edit.record));
    TRELLIS_TRY(const auto* field, this->field(target, edit.field, FieldKind::counter));
    TRELLIS_TRY(auto action, increment_by(*field, edit.by));
    Write write;
    write.fields.push_back({field->id, action});
    TRELLIS_TRY(const Dot dot, perform(target.type->id, edit.record, std::move(write)));
    return Written{dot, edit.record};
}

Result<Written> Writer::write_edit(const AppendEntry& edit) {
    TRELLIS_TRY(const Target target, this->target(edit.record));
    TRELLIS_TRY(const auto* field, this->field(target, edit.field, FieldKind::log));
    TRELLIS_TRY(auto append, append_of(*field, edit.fields, store_.schema));
    TRELLIS_TRY(const Dot dot, perform(target.type->id, edit.record, std::move(append)));
    return Written{dot, edit.record};
}

Result<Written> Writer::write_edit(const RaiseStatus& edit) {
    TRELLIS_TRY(const Target target, this->target(edit.record));
    TRELLIS_TRY(const auto* field, this->field(target, edit.field, FieldKind::status));
    TRELLIS_TRY(const auto level, level_of(*field, edit.level));
    TRELLIS_TRY(const Dot dot, perform(target.type->id, edit.record, Raise{field->id, level}));
    return Written{dot, edit.record};
}

Result<Written> Writer::write_edit(const AdvanceStatus& edit) {
    TRELLIS_TRY(const Target target, this->target(edit.record));
    TRELLIS_TRY(const auto* field, this->field(target, edit.field, FieldKind::status));
    TRELLIS_TRY(const auto level, level_of(*field, edit.level));
    TRELLIS_DO(check_open(*field, target.state, {edit.token}));
    TRELLIS_TRY(const Dot dot, perform(target.type->id, edit.record,
                                       Advance{field->id, edit.token, level}));
    return Written{dot, edit.record};
}

Result<Written> Writer::write_edit(const CloseStatus& edit) {
    TRELLIS_TRY(const Target target, this->target(edit.record));
    TRELLIS_TRY(const auto* field, this->field(target, edit.field, FieldKind::status));
    TRELLIS_TRY(auto closing, close_of(*field, edit, target.state));
    TRELLIS_TRY(const Dot dot, perform(target.type->id, edit.record, std::move(closing)));
    return Written{dot, edit.record};
}

Result<Written> Writer::write_edit(const DeleteRecord& edit) {
    TRELLIS_TRY(const Target target, this->target(edit.record));
    if (edit.reason.size() > limits::reason_max || !is_utf8(edit.reason)) {
        return Error{Code::too_large, "a reason has at most " + std::to_string(limits::reason_max) +
                                          " bytes of UTF-8"};
    }
    TRELLIS_TRY(const Dot dot, perform(target.type->id, edit.record,
                                       Delete{target.state.writes, edit.reason}));
    return Written{dot, edit.record};
}

Result<Written> Writer::write_edit(const RestoreRecord& edit) {
    TRELLIS_TRY(const Target target, this->target(edit.record));
    if (target.state.tombstones.empty()) {
        return Error{Code::conflict, "record " + edit.record.hex() + " is not deleted"};
    }
    TRELLIS_TRY(const Dot dot, perform(target.type->id, edit.record, restore_of(target.state)));
    return Written{dot, edit.record};
}

Result<Written> Writer::write_edit(const LinkRecords& edit) {
    TRELLIS_TRY(const Target target, this->target(edit.a));
    TRELLIS_TRY(const Target other, this->target(edit.b));
    if (target.type != other.type || edit.a == edit.b) {
        return Error{Code::invalid, "a link joins two different records of one type"};
    }
    if (edit.on) {
        TRELLIS_TRY(const Dot dot, perform(target.type->id, edit.a, Link{edit.b}));
        return Written{dot, edit.a};
    }
    TRELLIS_TRY(const auto* links, store_.links.load(space(), target.type->id));
    TRELLIS_TRY(auto unlink, unlink_of(*links, edit.a, edit.b));
    TRELLIS_TRY(const Dot dot, perform(target.type->id, edit.a, std::move(unlink)));
    return Written{dot, edit.a};
}

}  // namespace trellis::core
