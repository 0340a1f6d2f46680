// SPDX-License-Identifier: Apache-2.0
#include "core/base/limits.hpp"
#include "core/record/op_context.hpp"

#include <cstring>
#include <limits>

// A value is one byte that tells its form, and what that form needs. Every value has exactly
// one form: the first of this list that fits.
//
//   00 null   01 false   02 true
//   10…2F     an integer from 0 to 31
//   04        an integer that is a whole minute within 2^20 minutes of the change's: the
//             difference in minutes, zigzag
//   0C        an integer within 2^27 of the change's time: the difference, zigzag
//   03        any other integer, zigzag
//   05        a number: its 64 bits, last byte first, as a varint: the zeros that end the
//             mantissa of most numbers cost nothing
//   80…FF     a text of 0 to 127 bytes, which follow
//   06        a longer text: length varint, bytes
//   07        bytes: length varint, bytes
//   08        a date: days since the day of the change, zigzag
//   0A        a record that the author created: own counter - counter, varint
//   40…7F     a record that actor 1 to 64 of the table created: counter varint
//   0B        a record that a later actor of the table created: index, counter, varints
//   09        any other record: 16 bytes
//
// All other first bytes are refused. Without a table, records are always 16 bytes.
namespace trellis::core {
namespace {

enum Tag : std::uint8_t {
    tag_null = 0x00,
    tag_false = 0x01,
    tag_true = 0x02,
    tag_integer = 0x03,
    tag_minute = 0x04,
    tag_number = 0x05,
    tag_long_text = 0x06,
    tag_bytes = 0x07,
    tag_date = 0x08,
    tag_full_record = 0x09,
    tag_author_record = 0x0A,
    tag_far_record = 0x0B,
    tag_near_integer = 0x0C,
    tag_small_integer = 0x10,
    tag_after_small_integer = 0x30,
    tag_near_record = 0x40,
    tag_short_text = 0x80,
};

constexpr std::int64_t small_integer_max = tag_after_small_integer - tag_small_integer - 1;
constexpr std::size_t short_text_max = 0xFF - tag_short_text;
constexpr std::size_t near_record_max = tag_short_text - tag_near_record;
constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t day_ms = minute_ms * 60 * 24;
constexpr std::int64_t minutes_distance = std::int64_t{1} << 20U;
constexpr std::int64_t near_distance = std::int64_t{1} << 27U;

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
    return value / by - (value % by < 0 ? 1 : 0);
}

bool is_within(std::int64_t value, std::int64_t of, std::int64_t distance) {
    return value > of - distance && value < of + distance;
}

Tag integer_tag(std::int64_t value, Time stamp) {
    if (value >= 0 && value <= small_integer_max) return tag_small_integer;
    const auto minute = floor_divide(stamp, minute_ms) * minute_ms;
    if (value % minute_ms == 0 && is_within(value, minute, minutes_distance * minute_ms)) {
        return tag_minute;
    }
    return is_within(value, stamp, near_distance) ? tag_near_integer : tag_integer;
}

std::uint64_t swap_bytes(std::uint64_t bits) {
    std::uint64_t swapped = 0;
    for (int i = 0; i < 8; ++i) {
        swapped = swapped << 8U | (bits & 0xFFU);
        bits >>= 8U;
    }
    return swapped;
}

class Writer {
public:
    Writer(ByteWriter& writer, const OpContext& context) : writer_(writer), context_(context) {}

    void operator()(std::monostate) { writer_.u8(tag_null); }
    void operator()(bool value) { writer_.u8(value ? tag_true : tag_false); }
    void operator()(std::int64_t value) {
        const Tag tag = integer_tag(value, context_.stamp);
        if (tag == tag_small_integer) {
            writer_.u8(static_cast<std::uint8_t>(tag_small_integer + value));
            return;
        }
        writer_.u8(tag);
        if (tag == tag_minute) {
            writer_.zigzag(value / minute_ms - floor_divide(context_.stamp, minute_ms));
        } else {
            writer_.zigzag(tag == tag_near_integer ? value - context_.stamp : value);
        }
    }
    void operator()(double value) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &value, sizeof bits);
        writer_.u8(tag_number);
        writer_.varint(swap_bytes(bits));
    }
    void operator()(const std::string& text) {
        if (text.size() <= short_text_max) {
            writer_.u8(static_cast<std::uint8_t>(tag_short_text + text.size()));
            writer_.raw(as_bytes(text));
        } else {
            writer_.u8(tag_long_text);
            writer_.run(as_bytes(text));
        }
    }
    void operator()(const Bytes& bytes) {
        writer_.u8(tag_bytes);
        writer_.run(bytes);
    }
    void operator()(Date date) {
        writer_.u8(tag_date);
        writer_.zigzag(date.days - floor_divide(context_.stamp, day_ms));
    }
    void operator()(const RecordId& record) {
        const auto mention = find_mention(context_, record);
        if (!mention) {
            writer_.u8(tag_full_record);
            writer_.raw(record.view());
        } else if (mention->index == 0) {
            writer_.u8(tag_author_record);
            writer_.varint(context_.own - mention->counter);
        } else {
            if (mention->index <= near_record_max) {
                writer_.u8(static_cast<std::uint8_t>(tag_near_record + mention->index - 1));
            } else {
                writer_.u8(tag_far_record);
                writer_.varint(mention->index);
            }
            writer_.varint(mention->counter);
        }
    }

private:
    ByteWriter& writer_;
    const OpContext& context_;
};

std::int64_t read_integer(BoundedReader& reader, Tag tag, Time stamp) {
    std::int64_t value = reader.zigzag();
    if (tag == tag_minute) {
        if (!is_within(value, 0, 2 * minutes_distance)) reader.fail();
        value = reader.failed() ? 0 : (value + floor_divide(stamp, minute_ms)) * minute_ms;
    } else if (tag == tag_near_integer) {
        if (!is_within(value, 0, 2 * near_distance)) reader.fail();
        value = reader.failed() ? 0 : value + stamp;
    }
    if (integer_tag(value, stamp) != tag) reader.fail();
    return value;
}

double read_number(BoundedReader& reader) {
    const std::uint64_t bits = swap_bytes(reader.varint());
    double value = 0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

std::string read_text(BoundedReader& reader, std::size_t least) {
    const std::size_t size = reader.list(limits::text_max);
    if (size < least) reader.fail();
    return std::string(as_text(reader.raw(size)));
}

Date read_date(BoundedReader& reader, Time stamp) {
    const std::int64_t from = floor_divide(stamp, day_ms);
    const std::int64_t distance = reader.zigzag();
    constexpr std::int64_t range = std::numeric_limits<std::int32_t>::max() / 4;
    if (!is_within(distance, 0, range)) reader.fail();
    return {reader.failed() ? 0 : static_cast<std::int32_t>(distance + from)};
}

RecordId read_table_record(BoundedReader& reader, const OpContext& context, std::uint64_t index) {
    const std::size_t known = read_index(reader, context, index);
    if (known == 0) reader.fail();
    const Counter counter = read_counter(reader);
    return resolve(reader, context, {known, counter});
}

RecordId read_far_record(BoundedReader& reader, const OpContext& context) {
    const std::uint64_t index = reader.varint();
    if (index <= near_record_max) reader.fail();
    return read_table_record(reader, context, index);
}

RecordId read_author_record(BoundedReader& reader, const OpContext& context) {
    if (context.actors == nullptr) reader.fail();
    const Counter counter = read_distance(reader, context, 0);
    return resolve(reader, context, {0, counter});
}

}  // namespace

void write_value(ByteWriter& writer, const OpContext& context, const Value& value) {
    std::visit(Writer(writer, context), value.data);
}

void read_value(BoundedReader& reader, const OpContext& context, Value& value) {
    const std::uint8_t tag = reader.u8();
    auto& data = value.data;
    if (tag >= tag_short_text) {
        data.emplace<std::string>(as_text(reader.raw(tag - std::size_t{tag_short_text})));
        return;
    }
    if (tag >= tag_near_record) {
        data = read_table_record(reader, context, tag - std::uint64_t{tag_near_record} + 1);
        return;
    }
    if (tag >= tag_small_integer && tag < tag_after_small_integer) {
        data = std::int64_t{tag - tag_small_integer};
        return;
    }
    switch (tag) {
        case tag_null:
            data = std::monostate{};
            return;
        case tag_false:
            data = false;
            return;
        case tag_true:
            data = true;
            return;
        case tag_minute:
        case tag_near_integer:
        case tag_integer:
            data = read_integer(reader, Tag{tag}, context.stamp);
            return;
        case tag_number:
            data = read_number(reader);
            return;
        case tag_long_text:
            data = read_text(reader, short_text_max + 1);
            return;
        case tag_bytes:
            data = to_bytes(reader.raw(reader.list(limits::value_bytes_max)));
            return;
        case tag_date:
            data = read_date(reader, context.stamp);
            return;
        case tag_full_record:
            data = read_full_record(reader, context);
            return;
        case tag_author_record:
            data = read_author_record(reader, context);
            return;
        case tag_far_record:
            data = read_far_record(reader, context);
            return;
        default:
            reader.fail();
    }
}

}  // namespace trellis::core
