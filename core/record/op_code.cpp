// SPDX-License-Identifier: Apache-2.0
#include "core/base/limits.hpp"
#include "core/record/change_archive.hpp"

#include <array>
#include <limits>

// op      := kind u8, type varint, record, action
// write   := (kind 0; 1 where it creates the record) count varint, head…, edit…
// head    := gap * 8 + form varint, where gap is the field less the one before, less 1. All
//            heads come first: records of one type then share one long run of bytes
// edit    := by form: 0, 1, 2, 3   assign: 0 no heads, 1 exactly the record's creation, 2 one
//                                  dot, 3 count - 2 varint and dots; then a value
//                     4            edit a set: count varint, value…
//                     5            likewise, then count - 1 varint, removals: value, dots
//                     6            increment: zigzag
// append  := field varint, count varint, (gap varint, value)…
// raise   := field varint, level varint
// advance := field varint, dot, level varint
// close   := field varint, dots, text
// delete  := count varint, dot…, text
// restore := dots        link := record        unlink := record, dots
// unknown := (kinds from 64) length varint, bytes, which name actors and records in full
// text    := length varint, UTF-8
namespace trellis::core {
namespace {

enum Kind : std::uint8_t {
    kind_update,
    kind_create,
    kind_append,
    kind_raise,
    kind_advance,
    kind_close,
    kind_delete,
    kind_restore,
    kind_link,
    kind_unlink,
};

enum Form : std::uint8_t {
    form_assign,
    form_assign_creation,
    form_assign_one,
    form_assign_many,
    form_add,
    form_edit_set,
    form_increment,
};
constexpr unsigned form_bits = 3;

/// Fields ascend, so only the gaps are written.
class FieldGaps {
public:
    std::uint64_t gap(FieldId field) {
        const auto gap = std::uint64_t{field} - next_;
        next_ = std::uint64_t{field} + 1;
        return gap;
    }
    FieldId field(BoundedReader& reader, std::uint64_t gap) {
        constexpr std::uint64_t end = std::uint64_t{std::numeric_limits<FieldId>::max()} + 1;
        if (next_ >= end || gap >= end - next_) {
            reader.fail();
            return 0;
        }
        next_ += gap + 1;
        return static_cast<FieldId>(next_ - 1);
    }

private:
    std::uint64_t next_ = 0;
};

void save_values(ChangeWriter& archive, const std::vector<Value>& values) {
    archive.varint(values.size());
    for (const auto& value : values)
        write_value(archive, archive.context, value);
}

void load_values(ChangeReader& archive, std::vector<Value>& values) {
    values.resize(archive.list(limits::op_values_max));
    for (auto& value : values)
        read_value(archive, archive.context, value);
}

Form form_of(const OpContext& context, const Assign& assign) {
    if (assign.seen.empty()) return form_assign;
    if (is_exactly_creation(context, assign.seen)) return form_assign_creation;
    return assign.seen.size() == 1 ? form_assign_one : form_assign_many;
}
Form form_of(const OpContext&, const EditSet& edit) {
    return edit.remove.empty() ? form_add : form_edit_set;
}
Form form_of(const OpContext&, const Increment&) {
    return form_increment;
}

void save_edit(ChangeWriter& archive, Form form, const Assign& assign) {
    if (form == form_assign_many) archive.varint(assign.seen.size() - 2);
    if (form == form_assign_one || form == form_assign_many) {
        for (const auto& dot : assign.seen)
            write_dot(archive, archive.context, dot);
    }
    write_value(archive, archive.context, assign.value);
}
void save_edit(ChangeWriter& archive, Form form, const EditSet& edit) {
    save_values(archive, edit.add);
    if (form == form_add) return;
    archive.varint(edit.remove.size() - 1);
    for (const auto& removal : edit.remove) {
        write_value(archive, archive.context, removal.element);
        write_dots(archive, archive.context, removal.seen);
    }
}
void save_edit(ChangeWriter& archive, Form, const Increment& increment) {
    archive(increment.by);
}

void load_assign(ChangeReader& archive, Form form, Assign& assign) {
    const auto& context = archive.context;
    std::size_t size = form == form_assign_one ? 1 : 0;
    if (form == form_assign_many) size = archive.list(limits::heads_max - 2) + 2;
    if (form == form_assign_creation) {
        const bool is_known = context.creator != nullptr && context.created != context.own;
        if (!is_known) return archive.fail();
        assign.seen.push_back({*context.creator, context.created});
    } else if (size > 0) {
        assign.seen.resize(size);
        for (auto& dot : assign.seen)
            dot = read_dot(archive, context);
        if (is_exactly_creation(context, assign.seen)) archive.fail();
    }
    read_value(archive, context, assign.value);
}

void load_edit_set(ChangeReader& archive, Form form, EditSet& edit) {
    load_values(archive, edit.add);
    if (form == form_add) return;
    edit.remove.resize(archive.list(limits::op_values_max - 1) + 1);
    for (auto& removal : edit.remove) {
        read_value(archive, archive.context, removal.element);
        read_dots(archive, archive.context, removal.seen);
        if (archive.failed()) return;
    }
}

void save_action(ChangeWriter& archive, const Write& write) {
    const auto& context = archive.context;
    archive.varint(write.fields.size());
    FieldGaps gaps;
    for (const auto& edit : write.fields) {
        const auto form =
            std::visit([&](const auto& action) { return form_of(context, action); }, edit.action);
        archive.varint(gaps.gap(edit.field) << form_bits | form);
    }
    for (const auto& edit : write.fields) {
        std::visit(
            [&](const auto& action) { save_edit(archive, form_of(context, action), action); },
            edit.action);
    }
}

void load_edit(ChangeReader& archive, Form form, FieldEdit& edit) {
    if (form <= form_assign_many) {
        load_assign(archive, form, std::get<Assign>(edit.action));
    } else if (form <= form_edit_set) {
        load_edit_set(archive, form, edit.action.emplace<EditSet>());
    } else if (form == form_increment) {
        archive(edit.action.emplace<Increment>().by);
    } else {
        archive.fail();
    }
}

void load_action(ChangeReader& archive, Write& write) {
    write.fields.resize(archive.list(limits::op_fields_max, 2));
    std::array<Form, limits::op_fields_max> forms;  // NOLINT: filled as far as it is read
    FieldGaps gaps;
    for (std::size_t i = 0; i < write.fields.size(); ++i) {
        const std::uint64_t head = archive.varint();
        write.fields[i].field = gaps.field(archive, head >> form_bits);
        forms[i] = static_cast<Form>(head & 7U);
    }
    for (std::size_t i = 0; i < write.fields.size() && !archive.failed(); ++i) {
        load_edit(archive, forms[i], write.fields[i]);
    }
}

void save_action(ChangeWriter& archive, const Append& append) {
    archive.varint(append.field);
    archive.varint(append.entry.size());
    FieldGaps gaps;
    for (const auto& [field, value] : append.entry) {
        archive.varint(gaps.gap(field));
        write_value(archive, archive.context, value);
    }
}
void load_action(ChangeReader& archive, Append& append) {
    archive(append.field);
    append.entry.resize(archive.list(limits::op_fields_max, 2));
    FieldGaps gaps;
    for (auto& [field, value] : append.entry) {
        field = gaps.field(archive, archive.varint());
        read_value(archive, archive.context, value);
    }
}

void save_action(ChangeWriter& archive, const Raise& raise) {
    archive(raise.field, raise.level);
}
void load_action(ChangeReader& archive, Raise& raise) {
    archive(raise.field, raise.level);
}

void save_action(ChangeWriter& archive, const Advance& advance) {
    archive(advance.field);
    write_dot(archive, archive.context, advance.token);
    archive(advance.level);
}
void load_action(ChangeReader& archive, Advance& advance) {
    archive(advance.field);
    advance.token = read_dot(archive, archive.context);
    archive(advance.level);
}

void load_reason(ChangeReader& archive, std::string& reason) {
    reason = as_text(archive.raw(archive.list(limits::reason_max)));
}

void save_action(ChangeWriter& archive, const CloseTokens& close) {
    archive(close.field);
    write_dots(archive, archive.context, close.tokens);
    archive.run(as_bytes(close.reason));
}
void load_action(ChangeReader& archive, CloseTokens& close) {
    archive(close.field);
    read_dots(archive, archive.context, close.tokens);
    load_reason(archive, close.reason);
}

void save_action(ChangeWriter& archive, const Delete& deletion) {
    archive.varint(deletion.seen.entries().size());
    for (const auto& [actor, counter] : deletion.seen.entries()) {
        write_dot(archive, archive.context, {actor, counter});
    }
    archive.run(as_bytes(deletion.reason));
}
void load_action(ChangeReader& archive, Delete& deletion) {
    const std::size_t size = archive.list(limits::actors_max, 2);
    for (std::size_t i = 0; i < size; ++i) {
        const Dot dot = read_dot(archive, archive.context);
        const auto& entries = deletion.seen.entries();
        if (!entries.empty() && !(entries.back().actor < dot.actor)) archive.fail();
        if (archive.failed()) return;
        deletion.seen.raise(dot.actor, dot.counter);
    }
    load_reason(archive, deletion.reason);
}

void save_action(ChangeWriter& archive, const Restore& restore) {
    write_dots(archive, archive.context, restore.deletes);
}
void load_action(ChangeReader& archive, Restore& restore) {
    read_dots(archive, archive.context, restore.deletes);
}

void save_action(ChangeWriter& archive, const Link& link) {
    write_record(archive, archive.context, link.other);
}
void load_action(ChangeReader& archive, Link& link) {
    read_record(archive, archive.context, link.other);
}

void save_action(ChangeWriter& archive, const Unlink& unlink) {
    write_record(archive, archive.context, unlink.other);
    write_dots(archive, archive.context, unlink.links);
}
void load_action(ChangeReader& archive, Unlink& unlink) {
    read_record(archive, archive.context, unlink.other);
    read_dots(archive, archive.context, unlink.links);
}

void save_action(ChangeWriter& archive, const UnknownOp& unknown) {
    archive.run(unknown.body);
}
void load_action(ChangeReader& archive, UnknownOp& unknown) {
    unknown.body = to_bytes(archive.raw(archive.list(limits::op_max)));
}

struct KindOf {
    std::uint8_t operator()(const Write& write) const {
        return write.create ? kind_create : kind_update;
    }
    std::uint8_t operator()(const Append&) const { return kind_append; }
    std::uint8_t operator()(const Raise&) const { return kind_raise; }
    std::uint8_t operator()(const Advance&) const { return kind_advance; }
    std::uint8_t operator()(const CloseTokens&) const { return kind_close; }
    std::uint8_t operator()(const Delete&) const { return kind_delete; }
    std::uint8_t operator()(const Restore&) const { return kind_restore; }
    std::uint8_t operator()(const Link&) const { return kind_link; }
    std::uint8_t operator()(const Unlink&) const { return kind_unlink; }
    std::uint8_t operator()(const UnknownOp& unknown) const { return unknown.kind; }
};

/// Makes `action` the alternative of a kind; false where there is none.
bool choose(std::uint8_t kind, Op& op) {
    auto& action = op.action;
    switch (kind) {
        case kind_update:
            return true;
        case kind_create:
            std::get<Write>(action).create = true;
            return true;
        case kind_append:
            action = Append{};
            return true;
        case kind_raise:
            action = Raise{};
            return true;
        case kind_advance:
            action = Advance{};
            return true;
        case kind_close:
            action = CloseTokens{};
            return true;
        case kind_delete:
            action = Delete{};
            return true;
        case kind_restore:
            action = Restore{};
            return true;
        case kind_link:
            action = Link{};
            return true;
        case kind_unlink:
            action = Unlink{};
            return true;
        default:
            action = UnknownOp{kind, {}};
            return kind >= unknown_kind_min;
    }
}

void set_creator(OpContext& context, const std::optional<Mention>& mention) {
    context.creator = mention ? &context.actors->at(mention->index) : nullptr;
    context.created = mention ? mention->counter : 0;
}

}  // namespace

void save(ChangeWriter& archive, const Op& op) {
    archive.u8(std::visit(KindOf{}, op.action));
    archive(op.type);
    set_creator(archive.context, write_record(archive, archive.context, op.record));
    std::visit([&](const auto& action) { save_action(archive, action); }, op.action);
}

void load(ChangeReader& archive, Op& op) {
    if (!choose(archive.u8(), op)) return archive.fail();
    archive(op.type);
    set_creator(archive.context, read_record(archive, archive.context, op.record));
    std::visit([&](auto& action) { load_action(archive, action); }, op.action);
}

}  // namespace trellis::core
