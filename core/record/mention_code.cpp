// SPDX-License-Identifier: Apache-2.0
#include "core/base/limits.hpp"
#include "core/record/op_context.hpp"

// actor   := index varint | 16 bytes                                     where there is no table
// dot     := actor, counter varint; of the author: own counter - counter, at least 1
// record  := 0, 16 bytes                                                 keyed, or actor unknown
//          | 1                                                           created by this op
//          | 2, own counter - counter varint (at least 1)                created by the author
//          | 2 + index varint, counter varint                            created by another
// dots    := 0 | 1 | count + 1 varint, dot…                none | exactly the record's creation
namespace trellis::core {
namespace {

constexpr std::uint64_t full_form = 0;
constexpr std::uint64_t own_form = 1;
constexpr std::uint64_t table_form = 2;

}  // namespace

std::optional<Mention> find_mention(const OpContext& context, const RecordId& record) {
    if (context.actors == nullptr || record.is_keyed() || !record.is_possible()) return std::nullopt;
    const Counter counter = record.counter();
    const auto index = context.actors->find(record.actor_prefix());
    if (!index || (*index == 0 && counter > context.own)) return std::nullopt;
    return Mention{*index, counter};
}

RecordId resolve(BoundedReader& reader, const OpContext& context, const Mention& mention) {
    if (reader.failed()) return {};
    const auto record = RecordId::dotted({context.actors->at(mention.index), mention.counter});
    if (mention.index > 0) {
        if (!context.actors->is_first_of_prefix(mention.index)) reader.fail();
        (*context.mentioned)[mention.index] = true;
    }
    return record;
}

RecordId read_full_record(BoundedReader& reader, const OpContext& context) {
    const auto record = RecordId{reader.id<RecordIdBytes>()};
    if (!reader.failed() && find_mention(context, record)) reader.fail();
    return record;
}

Counter read_distance(BoundedReader& reader, const OpContext& context, Counter least) {
    const Counter distance = reader.varint_to(context.own == 0 ? 0 : context.own - 1);
    if (distance < least) reader.fail();
    return context.own - distance;
}

Counter read_counter(BoundedReader& reader) {
    const Counter counter = reader.varint_to(limits::counter_max);
    if (counter == 0) reader.fail();
    return counter;
}

std::size_t read_index(BoundedReader& reader, const OpContext& context, std::uint64_t index) {
    if (context.actors != nullptr && index < context.actors->size()) {
        return static_cast<std::size_t>(index);
    }
    reader.fail();
    return 0;
}

void write_dot(ByteWriter& writer, const OpContext& context, const Dot& dot) {
    if (context.actors == nullptr) {
        writer.raw(dot.actor.view());
        writer.varint(dot.counter);
        return;
    }
    const auto index = context.actors->find(dot.actor);
    TRELLIS_CHECK(index.has_value());
    TRELLIS_CHECK(*index > 0 || dot.counter < context.own);
    writer.varint(*index);
    writer.varint(*index > 0 ? dot.counter : context.own - dot.counter);
}

Dot read_dot(BoundedReader& reader, const OpContext& context) {
    if (context.actors == nullptr) {
        const auto actor = reader.id<ActorId>();
        return {actor, read_counter(reader)};
    }
    const std::size_t index = read_index(reader, context, reader.varint());
    (*context.mentioned)[index] = true;
    const Counter counter = index > 0 ? read_counter(reader) : read_distance(reader, context, 1);
    return {context.actors->at(index), counter};
}

std::optional<Mention> write_record(ByteWriter& writer,
                                    const OpContext& context,
                                    const RecordId& record) {
    const auto mention = find_mention(context, record);
    if (!mention) {
        writer.varint(full_form);
        writer.raw(record.view());
    } else if (mention->index > 0) {
        writer.varint(table_form + mention->index);
        writer.varint(mention->counter);
    } else if (mention->counter == context.own) {
        writer.varint(own_form);
    } else {
        writer.varint(table_form);
        writer.varint(context.own - mention->counter);
    }
    return mention;
}

std::optional<Mention> read_record(BoundedReader& reader,
                                   const OpContext& context,
                                   RecordId& record) {
    const std::uint64_t form = reader.varint();
    if (form == full_form) {
        record = read_full_record(reader, context);
        return std::nullopt;
    }
    Mention mention{0, context.own};
    if (context.actors == nullptr) reader.fail();
    if (form != own_form) {
        mention.index = read_index(reader, context, form - table_form);
        mention.counter =
            mention.index > 0 ? read_counter(reader) : read_distance(reader, context, 1);
    }
    record = resolve(reader, context, mention);
    if (reader.failed()) return std::nullopt;
    return mention;
}

bool is_exactly_creation(const OpContext& context, const std::vector<Dot>& dots) {
    return context.creator != nullptr && context.created != context.own && dots.size() == 1 &&
           dots[0] == Dot{*context.creator, context.created};
}

void write_dots(ByteWriter& writer, const OpContext& context, const std::vector<Dot>& dots) {
    if (is_exactly_creation(context, dots)) {
        writer.varint(1);
        return;
    }
    writer.varint(dots.empty() ? 0 : dots.size() + 1);
    for (const auto& dot : dots)
        write_dot(writer, context, dot);
}

void read_dots(BoundedReader& reader, const OpContext& context, std::vector<Dot>& dots) {
    const std::uint64_t head = reader.varint();
    if (head == 0) return;
    if (head == 1) {
        if (context.creator == nullptr || context.created == context.own) return reader.fail();
        dots.push_back({*context.creator, context.created});
        return;
    }
    if (head - 1 > reader.left() / 2) return reader.fail();
    if (head - 1 > limits::heads_max) return reader.fail_too_large();
    dots.resize(static_cast<std::size_t>(head - 1));
    for (auto& dot : dots)
        dot = read_dot(reader, context);
    if (is_exactly_creation(context, dots)) reader.fail();
}

}  // namespace trellis::core
