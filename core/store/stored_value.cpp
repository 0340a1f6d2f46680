// SPDX-License-Identifier: Apache-2.0
#include "core/store/stored_value.hpp"

#include <cstring>

namespace trellis::core {
namespace {

enum Tag : std::uint8_t { null, no, yes, integer, number, text, bytes, date, record };

}  // namespace

void write_value(const Value& value, ByteWriter& out) {
    if (value.is_null()) return out.u8(null);
    if (const auto* flag = value.get<bool>()) return out.u8(*flag ? yes : no);
    if (const auto* whole = value.get<std::int64_t>()) {
        out.u8(integer);
        return out.zigzag(*whole);
    }
    if (const auto* real = value.get<double>()) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, real, sizeof bits);
        out.u8(number);
        return out.u64(bits);
    }
    if (const auto* string = value.get<std::string>()) {
        out.u8(text);
        return out.run(as_bytes(*string));
    }
    if (const auto* blob = value.get<Bytes>()) {
        out.u8(bytes);
        return out.run(*blob);
    }
    if (const auto* day = value.get<Date>()) {
        out.u8(date);
        return out.zigzag(day->days);
    }
    out.u8(record);
    out.raw(value.get<RecordId>()->view());
}

Value read_value(ByteReader& in) {
    switch (in.u8()) {
        case null: return {};
        case no: return Value(false);
        case yes: return Value(true);
        case integer: return Value(in.zigzag());
        case number: {
            const auto bits = in.u64();
            double real = 0;
            std::memcpy(&real, &bits, sizeof real);
            return Value(real);
        }
        case text: return Value(std::string(as_text(in.run(in.left()))));
        case bytes: return Value(to_bytes(in.run(in.left())));
        case date: return Value(Date{static_cast<std::int32_t>(in.zigzag())});
        case record: return Value(RecordId{in.id<RecordIdBytes>()});
        default: in.fail(); return {};
    }
}

}  // namespace trellis::core
