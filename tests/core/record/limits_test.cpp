// SPDX-License-Identifier: Apache-2.0
#include "core/base/limits.hpp"

#include "core/record/check.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

namespace trellis::core {
namespace {

const ActorTable table{ActorId{{1}}, {ActorId{{2}}}};
const RecordId record = RecordId::keyed(Bytes(16, 5));

Change change_of(std::vector<Op> ops, Counter first = 2000) {
    return {first, {1'790'000'000'000, ClockQuality::synced}, std::move(ops)};
}

Code code_of(const Result<void>& result) {
    return result ? Code::internal : result.error().code;
}
template <class T>
Code code_of(const Result<T>& result) {
    return result ? Code::internal : result.error().code;
}

/// What check_op(), decode_change() and decode_body() say, which has to be the same;
/// Code::internal where all three accept it.
Code verdict(const Change& change) {
    const Code checked = code_of(check_change(change));
    const Code alone = code_of(decode_change(encode_change(change)));
    const Body body{{}, {}, {change}};
    const Code inside = code_of(decode_body(table, change.first, encode_body(table, body)));
    CHECK(alone == (checked == Code::invalid ? Code::corrupt : checked));
    CHECK(inside == alone);
    return checked;
}
Code verdict(Op op) {
    return verdict(change_of({std::move(op)}));
}
Code verdict_of_value(Value value) {
    return verdict(Op{1, record, Write{false, {{1, Assign{{}, std::move(value)}}}}});
}

constexpr Code accepted = Code::internal;

std::vector<Dot> dots(std::size_t count) {
    std::vector<Dot> dots;
    for (std::size_t i = 1; i <= count; ++i)
        dots.push_back({table.known[0], i});
    return dots;
}

Op write_of(std::size_t fields) {
    Write write;
    for (std::size_t i = 0; i < fields; ++i) {
        write.fields.push_back({static_cast<FieldId>(i), Increment{1}});
    }
    return {1, record, std::move(write)};
}

Op edit_set(std::size_t add, std::size_t remove) {
    EditSet edit;
    for (std::size_t i = 0; i < add; ++i)
        edit.add.emplace_back(static_cast<std::int64_t>(i));
    for (std::size_t i = 0; i < remove; ++i) {
        edit.remove.push_back({Value(static_cast<std::int64_t>(i)), {}});
    }
    return {1, record, Write{false, {{1, std::move(edit)}}}};
}

}  // namespace

TEST_CASE("values are as long as their limit", "[core]") {
    CHECK(verdict_of_value(Value(std::string(limits::text_max, 'a'))) == accepted);
    CHECK(verdict_of_value(Value(std::string(limits::text_max + 1, 'a'))) == Code::too_large);
    CHECK(verdict_of_value(Value(Bytes(limits::value_bytes_max))) == accepted);
    CHECK(verdict_of_value(Value(Bytes(limits::value_bytes_max + 1))) == Code::too_large);
}

TEST_CASE("values that have two forms, or none, are refused", "[core]") {
    CHECK(verdict_of_value(Value("\xC3\x28")) == Code::invalid);
    CHECK(verdict_of_value(Value(-0.0)) == Code::invalid);
    CHECK(verdict_of_value(Value(std::nan(""))) == Code::invalid);
    CHECK(verdict_of_value(Value(std::numeric_limits<double>::infinity())) == Code::invalid);
    CHECK(verdict_of_value(Value(Date{-719'162})) == accepted);
    CHECK(verdict_of_value(Value(Date{-719'163})) == Code::invalid);
    CHECK(verdict_of_value(Value(Date{2'932'896})) == accepted);
    CHECK(verdict_of_value(Value(Date{2'932'897})) == Code::invalid);
}

TEST_CASE("an op has at most so many fields, elements, dots and bytes", "[core]") {
    CHECK(verdict(write_of(limits::op_fields_max)) == accepted);
    CHECK(verdict(write_of(limits::op_fields_max + 1)) == Code::too_large);
    CHECK(verdict(edit_set(limits::op_values_max, 0)) == accepted);
    CHECK(verdict(edit_set(limits::op_values_max + 1, 0)) == Code::too_large);
    CHECK(verdict(edit_set(96, limits::op_values_max - 96)) == accepted);
    CHECK(verdict(edit_set(96, limits::op_values_max - 95)) == Code::too_large);
    CHECK(verdict(edit_set(0, limits::op_values_max + 1)) == Code::too_large);
    CHECK(verdict({1, record, Restore{dots(limits::heads_max)}}) == accepted);
    CHECK(verdict({1, record, Restore{dots(limits::heads_max + 1)}}) == Code::too_large);
    const auto assign = [](std::size_t count) {
        return Op{1, record, Write{false, {{1, Assign{dots(count), Value(1)}}}}};
    };
    CHECK(verdict(assign(limits::heads_max)) == accepted);
    CHECK(verdict(assign(limits::heads_max + 1)) == Code::too_large);
    CHECK(verdict({1, record, UnknownOp{99, Bytes(limits::op_max - 50)}}) == accepted);
    CHECK(verdict({1, record, UnknownOp{99, Bytes(limits::op_max + 1)}}) == Code::too_large);
    CHECK(verdict({1, record, UnknownOp{99, Bytes(limits::op_max)}}) == Code::too_large);
}

TEST_CASE("reasons and increments have limits", "[core]") {
    const auto close = [](std::size_t size) {
        return Op{1, record, CloseTokens{1, dots(1), std::string(size, 'a')}};
    };
    CHECK(verdict(close(limits::reason_max)) == accepted);
    CHECK(verdict(close(limits::reason_max + 1)) == Code::too_large);
    CHECK(verdict({1, record, Delete{{}, std::string(limits::reason_max + 1, 'a')}}) ==
          Code::too_large);
    const auto increment = [](std::int64_t by) {
        return Op{1, record, Write{false, {{1, Increment{by}}}}};
    };
    CHECK(verdict(increment(-limits::increment_max)) == accepted);
    CHECK(verdict(increment(-limits::increment_max - 1)) == Code::too_large);
    CHECK(verdict(increment(limits::increment_max)) == accepted);
    CHECK(verdict(increment(limits::increment_max + 1)) == Code::too_large);
}

TEST_CASE("lists that do not ascend are refused", "[core]") {
    const auto twice = std::vector<Dot>{dots(1)[0], dots(1)[0]};
    CHECK(verdict({1, record, Restore{twice}}) == Code::invalid);
    CHECK(verdict({1, record, Restore{{{table.known[0], limits::counter_max}}}}) == accepted);
    EditSet edit{{Value(2), Value(1)}, {}};
    CHECK(verdict({1, record, Write{false, {{1, edit}}}}) == Code::invalid);
    edit = {{}, {{Value(1), {}}, {Value(1), {}}}};
    CHECK(verdict({1, record, Write{false, {{1, edit}}}}) == Code::invalid);
    const Op unordered{1, record, Write{false, {{2, Increment{1}}, {1, Increment{1}}}}};
    CHECK(check_op(unordered).error().code == Code::invalid);
    const Op entry{1, record, Append{1, {{2, Value(1)}, {2, Value(1)}}}};
    CHECK(check_op(entry).error().code == Code::invalid);
}

TEST_CASE("an op is about a record that could be, and may mention any name", "[core]") {
    const auto named = [](Counter counter) {
        auto id = RecordId::dotted({table.known[0], 1});
        for (std::size_t i = 0; i < 6; ++i)
            id.bytes[15 - i] = static_cast<std::uint8_t>(counter >> (8U * i));
        return id;
    };
    CHECK(verdict(Op{1, named(1), Raise{1, 1}}) == accepted);
    CHECK(verdict(Op{1, named(limits::counter_max), Raise{1, 1}}) == accepted);
    for (const Counter counter : {Counter{0}, limits::counter_max + 1, (Counter{1} << 47U) - 1}) {
        CAPTURE(counter);
        CHECK(verdict(Op{1, named(counter), Raise{1, 1}}) == Code::invalid);
        CHECK(verdict_of_value(Value(named(counter))) == accepted);
        CHECK(verdict(Op{1, record, Link{named(counter)}}) == accepted);
        CHECK_FALSE(named(counter).is_named_by({table.known[0], counter}));
    }
}

TEST_CASE("a change has so many ops, and a time and counters in range", "[core]") {
    const auto many = [](std::size_t count) {
        return change_of(std::vector<Op>(count, Op{1, record, Raise{1, 1}}));
    };
    CHECK(verdict(many(limits::change_ops_max)) == accepted);
    CHECK(verdict(many(limits::change_ops_max + 1)) == Code::too_large);
    CHECK(check_change(change_of({})).error().code == Code::invalid);
    const Op raise{1, record, Raise{1, 1}};
    CHECK(verdict(change_of({raise}, limits::counter_max)) == accepted);
    CHECK(verdict(change_of({raise, raise}, limits::counter_max)) == Code::invalid);
    CHECK(check_change(change_of({raise}, 0)).error().code == Code::invalid);
    Change change = change_of({raise});
    for (const Time time : {limits::time_max, -limits::time_max}) {
        change.stamp.time = time;
        CHECK(verdict(change) == accepted);
        change.stamp.time = time + (time > 0 ? 1 : -1);
        CHECK(verdict(change) == Code::invalid);
    }
}

TEST_CASE("a body has at most so many changes, actors and bytes", "[core]") {
    const auto body_of = [](std::size_t count) {
        Body body;
        for (std::size_t i = 0; i < count; ++i) {
            body.changes.push_back(change_of({{1, record, Raise{1, 1}}}, i + 1));
        }
        return body;
    };
    const auto decoded = [](const Body& body) {
        return code_of(decode_body(table, 1, encode_body(table, body)));
    };
    CHECK(decoded(body_of(limits::envelope_changes_max)) == accepted);
    CHECK(decoded(body_of(limits::envelope_changes_max + 1)) == Code::too_large);
    const auto introducing = [&](std::size_t count) {
        Body body = body_of(1);
        for (std::size_t i = 0; i < count; ++i) {
            ActorId actor{{9}};
            actor.bytes[1] = static_cast<std::uint8_t>(i >> 8U);
            actor.bytes[2] = static_cast<std::uint8_t>(i);
            body.introduced.push_back(actor);
            body.seen.raise(actor, 1);
        }
        return body;
    };
    CHECK(decoded(introducing(limits::actors_max)) == accepted);
    CHECK(decoded(introducing(limits::actors_max + 1)) == Code::too_large);
    CHECK(code_of(decode_body(table, 1, Bytes(limits::envelope_plain_max + 1))) == Code::too_large);
}

TEST_CASE("counts that the bytes cannot hold are refused", "[core]") {
    // Each ends in a count of 2^63 and nothing: allocating for one would end the program.
    const std::string huge = "ffffffffffffffff7f";
    for (const std::string& start : {std::string("01"),
                                     std::string("02"),
                                     std::string("00"),            // actors, seen, ops
                                     std::string("000000000101"),  // fields
                                     std::string("00000000010101"
                                                 "04"),  // elements
                                     std::string("00000000010101"
                                                 "03"),  // heads
                                     std::string("00000000010101"
                                                 "0006"),  // text
                                     std::string("00000000010101"
                                                 "0007"),           // bytes
                                     std::string("000002010101"),   // entry
                                     std::string("0000070101"),     // dots
                                     std::string("0000060101"),     // seen by a delete
                                     std::string("0000400101")}) {  // an unknown op
        CAPTURE(start);
        const auto bytes = from_hex(start + huge).value();
        CHECK(decode_body(table, 7, bytes).error().code == Code::corrupt);
    }
}

}  // namespace trellis::core
