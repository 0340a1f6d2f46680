// SPDX-License-Identifier: Apache-2.0
#include "core/store/record_row.hpp"

#include <algorithm>

#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"
#include "core/merge/resolver.hpp"
#include "core/store/stored_value.hpp"

namespace trellis::core {
namespace {

// Flags of the first byte; the creator's clock quality is in bits 4 and 5.
constexpr std::uint8_t has_creation = 1;   ///< followed by the creation's dot and time
constexpr std::uint8_t created_here = 2;   ///< the creation's dot is the row id
constexpr std::uint8_t has_more = 4;       ///< fields and lists follow

constexpr std::uint8_t in_column = 0x10;   ///< of a head: its value is the column's

class RowWriter {
public:
    RowWriter(const Actors& actors, SpaceIndex space) : actors_(actors), space_(space) {}

    ByteWriter out;

    void dot(const Dot& dot) {
        out.varint(index(dot.actor));
        out.varint(dot.counter);
    }
    void dots(const std::vector<Dot>& dots) {
        out.varint(dots.size());
        for (const auto& each : dots) dot(each);
    }
    void vector(const VersionVector& vector) {
        out.varint(vector.entries().size());
        for (const auto& entry : vector.entries()) dot({entry.actor, entry.counter});
    }
    void stamp(const Stamp& stamp) {
        out.zigzag(stamp.time);
        out.u8(static_cast<std::uint8_t>(stamp.quality));
    }
    ActorIndex index(const ActorId& id) const {
        const auto* actor = actors_.find(space_, id);
        TRELLIS_CHECK(actor != nullptr);  // causal delivery: whoever is named is known
        return actor->index;
    }

private:
    const Actors& actors_;
    SpaceIndex space_;
};

class RowReader {
public:
    RowReader(ByteView bytes, const Actors& actors) : in(bytes), actors_(actors) {}

    ByteReader in;

    Dot dot() {
        const auto index = in.varint();
        const auto counter = in.varint();
        if (index == 0 || index >= actors_.all().size()) {
            in.fail();
            return {};
        }
        return {actors_.at(static_cast<ActorIndex>(index)).id, counter};
    }
    std::vector<Dot> dots() {
        std::vector<Dot> dots(in.count(in.left(), 2));
        for (auto& each : dots) each = dot();
        return dots;
    }
    VersionVector vector() {
        VersionVector vector;
        for (auto left = in.count(in.left(), 2); left > 0 && !in.failed(); --left) {
            const auto entry = dot();
            vector.raise(entry.actor, entry.counter);
        }
        return vector;
    }
    Stamp stamp() {
        Stamp stamp;
        stamp.time = in.zigzag();
        stamp.quality = static_cast<ClockQuality>(in.u8() & 3U);
        return stamp;
    }

private:
    const Actors& actors_;
};

/// What SQLite keeps of a value, read back without knowing the field.
Value native(const Value& value) {
    if (const auto* flag = value.get<bool>()) return Value(std::int64_t{*flag});
    if (const auto* date = value.get<Date>()) return Value(to_string(*date));
    if (const auto* record = value.get<RecordId>()) return Value(to_bytes(record->view()));
    return value;
}

bool survives_column(const Value& value, const Field& field) {
    return !value.is_null() && from_column(native(value), field) == value;
}

Value column_of(const Field& field, const RecordState& state, std::size_t* shown) {
    switch (field.kind) {
        case FieldKind::set: {
            const auto* set = state.find<ElementSet>(field.id);
            if (set == nullptr || set->elements.empty()) return {};
            std::vector<Value> values;
            for (const auto& element : set->elements) values.push_back(element.value);
            return Value(set_text(values));
        }
        case FieldKind::counter: {
            const auto* tally = state.find<Tally>(field.id);
            return tally == nullptr ? Value() : Value(tally->sum);
        }
        case FieldKind::status: {
            const auto* tokens = state.find<Tokens>(field.id);
            if (tokens == nullptr || tokens->open.empty()) return {};
            const auto level = *tokens->level();
            return level < field.levels.size() ? Value(field.levels[level])
                                               : Value(std::int64_t{level});
        }
        default: {
            const auto* reg = state.find<Register>(field.id);
            if (reg == nullptr || reg->heads.empty()) return {};
            *shown = shown_head(reg->heads, field);
            return reg->heads[*shown].value;
        }
    }
}

/// True where the column and the creation say all there is to say about the field.
bool is_plain(const FieldState& field, const Field* declared, const RecordState& state) {
    const auto* reg = std::get_if<Register>(&field.data);
    if (reg == nullptr || declared == nullptr || !state.created) return false;
    if (declared->kind != FieldKind::scalar_register && declared->kind != FieldKind::text) {
        return false;
    }
    return reg->heads.size() == 1 && reg->heads[0].dot == *state.created &&
           reg->heads[0].stamp == state.created_at &&
           survives_column(reg->heads[0].value, *declared);
}

void write_register(RowWriter& writer, const Register& reg, const Field* declared) {
    const bool has_column = declared != nullptr && (declared->kind == FieldKind::scalar_register ||
                                                    declared->kind == FieldKind::text);
    const std::size_t shown = has_column && !reg.heads.empty()
                                  ? shown_head(reg.heads, *declared) : reg.heads.size();
    writer.out.varint(reg.heads.size());
    for (std::size_t i = 0; i < reg.heads.size(); ++i) {
        const auto& head = reg.heads[i];
        const bool in_row = i == shown && survives_column(head.value, *declared);
        writer.dot(head.dot);
        writer.out.zigzag(head.stamp.time);
        writer.out.u8(static_cast<std::uint8_t>(static_cast<unsigned>(head.stamp.quality) |
                                                (in_row ? in_column : 0U)));
        if (!in_row) write_value(head.value, writer.out);
    }
}

void write_field(RowWriter& writer, const FieldState& field, const Field* declared) {
    writer.out.varint(field.field);
    writer.out.u8(static_cast<std::uint8_t>(field.data.index()));
    if (const auto* reg = std::get_if<Register>(&field.data)) {
        write_register(writer, *reg, declared);
    } else if (const auto* set = std::get_if<ElementSet>(&field.data)) {
        writer.out.varint(set->elements.size());
        for (const auto& element : set->elements) {
            write_value(element.value, writer.out);
            writer.dots(element.adds);
        }
    } else if (const auto* tally = std::get_if<Tally>(&field.data)) {
        writer.out.zigzag(tally->sum);
    } else if (const auto* tokens = std::get_if<Tokens>(&field.data)) {
        writer.out.varint(tokens->open.size());
        for (const auto& token : tokens->open) {
            writer.dot(token.dot);
            writer.stamp(token.stamp);
            writer.out.varint(token.level);
        }
    }
}

void write_rest(RowWriter& writer, const RecordState& state) {
    writer.vector(state.writes);
    writer.out.varint(state.tombstones.size());
    for (const auto& tombstone : state.tombstones) {
        writer.dot(tombstone.dot);
        writer.stamp(tombstone.stamp);
        writer.vector(tombstone.seen);
        writer.out.run(as_bytes(tombstone.reason));
    }
    writer.dots(state.frozen_by);
}

Register read_register(RowReader& reader, const Value* column) {
    Register reg;
    reg.heads.resize(reader.in.count(reader.in.left(), 4));
    for (auto& head : reg.heads) {
        head.dot = reader.dot();
        head.stamp.time = reader.in.zigzag();
        const auto bits = reader.in.u8();
        head.stamp.quality = static_cast<ClockQuality>(bits & 3U);
        if ((bits & in_column) == 0) {
            head.value = read_value(reader.in);
        } else if (column != nullptr) {
            head.value = *column;
        } else {
            reader.in.fail();
        }
        if (reader.in.failed()) break;
    }
    return reg;
}

FieldState::Data read_data(RowReader& reader, std::uint8_t kind, const Value* column) {
    if (kind == FieldState::kind_of<Register>()) return read_register(reader, column);
    if (kind == FieldState::kind_of<ElementSet>()) {
        ElementSet set;
        for (auto left = reader.in.count(reader.in.left(), 2); left > 0; --left) {
            if (reader.in.failed()) break;
            Value value = read_value(reader.in);
            set.elements.push_back({std::move(value), reader.dots()});
        }
        return set;
    }
    if (kind == FieldState::kind_of<Tally>()) return Tally{reader.in.zigzag()};
    if (kind != FieldState::kind_of<Tokens>()) reader.in.fail();
    Tokens tokens;
    for (auto left = reader.in.count(reader.in.left(), 4); left > 0; --left) {
        if (reader.in.failed()) break;
        const Dot dot = reader.dot();
        const Stamp stamp = reader.stamp();
        tokens.open.push_back({dot, stamp, static_cast<std::uint32_t>(reader.in.varint())});
    }
    return tokens;
}

void read_rest(RowReader& reader, RecordState& state) {
    state.writes = reader.vector();
    for (auto left = reader.in.count(reader.in.left(), 5); left > 0; --left) {
        if (reader.in.failed()) break;
        Tombstone tombstone;
        tombstone.dot = reader.dot();
        tombstone.stamp = reader.stamp();
        tombstone.seen = reader.vector();
        tombstone.reason = as_text(reader.in.run(reader.in.left()));
        state.tombstones.push_back(std::move(tombstone));
    }
    state.frozen_by = reader.dots();
}

bool comes_before(const FieldState& a, const FieldState& b) {
    return a.field != b.field ? a.field < b.field : a.data.index() < b.data.index();
}

/// Fields that stand in columns only: what the creation wrote and nobody touched since.
void add_plain_fields(RecordState& state, const Type& type, const std::vector<Value>& columns) {
    if (!state.created) return;
    const auto declared = column_fields(type);
    const std::size_t listed = state.fields.size();
    for (std::size_t i = 0; i < declared.size() && i < columns.size(); ++i) {
        const auto& field = *declared[i];
        if (columns[i].is_null()) continue;
        if (field.kind != FieldKind::scalar_register && field.kind != FieldKind::text) continue;
        const auto is_this = [&](const FieldState& each) {
            return each.field == field.id && std::holds_alternative<Register>(each.data);
        };
        const auto end = state.fields.begin() + static_cast<std::ptrdiff_t>(listed);
        if (std::any_of(state.fields.begin(), end, is_this)) continue;
        Register reg;
        reg.heads.push_back({*state.created, state.created_at, columns[i]});
        FieldState made;
        made.field = field.id;
        made.data = std::move(reg);
        state.fields.push_back(std::move(made));
    }
    std::sort(state.fields.begin(), state.fields.end(), comes_before);
}

const Value* column_value(const Type* type, const std::vector<Value>& columns, FieldId id) {
    if (type == nullptr) return nullptr;
    const auto declared = column_fields(*type);
    for (std::size_t i = 0; i < declared.size() && i < columns.size(); ++i) {
        if (declared[i]->id == id) return &columns[i];
    }
    return nullptr;
}

}  // namespace

std::string set_text(const std::vector<Value>& elements) {
    std::string text = "[";
    for (const auto& value : elements) {
        if (text.size() > 1) text += ',';
        if (const auto* string = value.get<std::string>()) {
            print_json_string(*string, text);
        } else {
            print_json(to_json(value), text);
        }
    }
    return text + ']';
}

Bytes created_row(RowId row, const Stamp& created_at, const std::vector<CreatedSet>& sets) {
    ByteWriter out;
    out.u8(static_cast<std::uint8_t>(has_creation | created_here | (sets.empty() ? 0U : has_more) |
                                     static_cast<unsigned>(created_at.quality) << 4U));
    out.zigzag(created_at.time);
    if (sets.empty()) return out.take();
    const auto dot = [&] {
        out.varint(row_actor(row));
        out.varint(row_counter(row));
    };
    out.varint(sets.size());
    for (const auto& set : sets) {
        out.varint(set.field);
        out.u8(static_cast<std::uint8_t>(FieldState::kind_of<ElementSet>()));
        out.varint(set.elements->size());
        for (const auto& value : *set.elements) {
            write_value(value, out);
            out.varint(1);
            dot();
        }
    }
    // The rest, as write_rest() has it: one write, no delete, nothing frozen.
    out.varint(1);
    dot();
    out.varint(0);
    out.varint(0);
    return out.take();
}

Value from_column(Value native_value, const Field& field) {
    if (field.kind != FieldKind::scalar_register && field.kind != FieldKind::text) {
        return native_value;
    }
    return conform(std::move(native_value), field);
}

RecordRow to_row(const RecordState& state, const Type* type, RowId row, SpaceIndex space,
                 const Actors& actors) {
    RecordRow out;
    out.presence = state.presence();
    out.has_tombstones = !state.tombstones.empty();
    if (type != nullptr) {
        for (const auto* field : column_fields(*type)) {
            std::size_t shown = 0;
            out.columns.push_back(column_of(*field, state, &shown));
        }
    }
    RowWriter writer(actors, space);
    std::uint8_t flags = 0;
    bool here = false;
    if (state.created) {
        here = row_id(writer.index(state.created->actor), state.created->counter) == row;
        flags = static_cast<std::uint8_t>(has_creation | (here ? created_here : 0U) |
                                          static_cast<unsigned>(state.created_at.quality) << 4U);
    }
    std::vector<const FieldState*> listed;
    for (const auto& field : state.fields) {
        const Field* declared = type == nullptr ? nullptr : type->field(field.field);
        const auto* reg = std::get_if<Register>(&field.data);
        if (reg != nullptr && is_conflict(reg->heads)) ++out.conflicts;
        if (!is_plain(field, declared, state)) listed.push_back(&field);
    }
    const auto& writes = state.writes.entries();
    const bool only_created = state.created && writes.size() == 1 &&
                              Dot{writes[0].actor, writes[0].counter} == *state.created;
    const bool more = !listed.empty() || !only_created || !state.tombstones.empty() ||
                      !state.frozen_by.empty();
    writer.out.u8(static_cast<std::uint8_t>(flags | (more ? has_more : 0U)));
    if (state.created) {
        if (!here) writer.dot(*state.created);
        writer.out.zigzag(state.created_at.time);
    }
    if (more) {
        writer.out.varint(listed.size());
        for (const auto* field : listed) {
            write_field(writer, *field, type == nullptr ? nullptr : type->field(field->field));
        }
        write_rest(writer, state);
    }
    out.merge = writer.out.take();
    return out;
}

Result<RecordState> from_row(ByteView merge, const std::vector<Value>& columns, const Type* type,
                             RowId row, const Actors& actors) {
    RowReader reader(merge, actors);
    RecordState state;
    const auto flags = reader.in.u8();
    if ((flags & has_creation) != 0) {
        state.created = (flags & created_here) != 0
                            ? Dot{actors.at(row_actor(row)).id, row_counter(row)}
                            : reader.dot();
        state.created_at.time = reader.in.zigzag();
        state.created_at.quality = static_cast<ClockQuality>(flags >> 4U & 3U);
    }
    if ((flags & has_more) != 0) {
        for (auto left = reader.in.count(reader.in.left(), 2); left > 0; --left) {
            if (reader.in.failed()) break;
            const auto field = static_cast<FieldId>(reader.in.varint_to(0xFFFFFFFFU));
            const auto kind = reader.in.u8();
            state.fields.push_back(
                {field, read_data(reader, kind, column_value(type, columns, field))});
        }
        read_rest(reader, state);
    } else if (state.created) {
        state.writes.raise(state.created->actor, state.created->counter);
    }
    TRELLIS_DO(reader.in.finish("a record's row"));
    if (type != nullptr) add_plain_fields(state, *type, columns);
    return state;
}

}  // namespace trellis::core
