// SPDX-License-Identifier: Apache-2.0
#include "core/codec/encode.hpp"
#include "core/record/op_context.hpp"
#include "tests/core/record/describe.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace trellis::core {
namespace {

const std::string folder = "fixtures/change/v1/";
const ActorId alice{{0xA1, 1, 2, 3}};
const ActorId bob{{0xB0, 0xB}};
const ActorId carol{{0xCA, 0x70}};
const ActorTable table{alice, {bob}};
constexpr Counter first = 700;
constexpr Time monday = 1'787'590'503'123;

struct Sample {
    std::string name;
    Body body;
};

Op op_of(TypeId type, Counter own, decltype(Op::action) action) {
    return {type, RecordId::dotted({alice, own}), std::move(action)};
}

Change change_of(Counter counter, std::vector<Op> ops) {
    return {counter, {monday + static_cast<Time>(counter), ClockQuality::precise}, std::move(ops)};
}

Body check_in() {
    Write write{true, {}};
    const auto put = [&](FieldId field, Value value) {
        write.fields.push_back({field, Assign{{}, std::move(value)}});
    };
    put(1, Value(RecordId::dotted({bob, 4711})));
    write.fields.push_back({2, EditSet{{Value(RecordId::dotted({bob, 812}))}, {}}});
    put(3, Value(monday / 60'000 * 60'000 - 900'000));
    put(5, Value("phone"));
    put(6, Value("es"));
    put(10, Value("some_concerns"));
    put(12, Value(RecordId::dotted({alice, first - 1})));
    put(14, Value("Needs a ride to the clinic."));
    put(15, Value(true));
    put(17, Value(parse_date("2026-08-31").value()));
    put(18, Value("complete"));
    return {{}, {}, {change_of(first, {op_of(7, first, std::move(write))})}};
}

Body edits() {
    const RecordId bobs = RecordId::dotted({bob, 90});
    const RecordId keyed = RecordId::keyed(Bytes(16, 0x55));
    Body body;
    body.changes.push_back(change_of(
        first,
        {{3, bobs, Write{false, {{2, Assign{{{bob, 90}}, Value("creation seen")}}}}},
         {3, bobs, Write{false, {{2, Assign{{{bob, 91}}, Value(7)}}}}},
         {3, bobs, Write{false, {{9, Assign{{{bob, 91}, {carol, 5}}, Value(-7)}}}}},
         {4, keyed, Write{false, {{300, Increment{-3}}}}},
         {4, keyed, Write{false, {{3, EditSet{{}, {{Value("old"), {{alice, 699}}}}}}}}}}));
    body.changes.push_back(change_of(first + 5, {op_of(9, 1, Append{16, {{1, Value(2.5)}}})}));
    body.seen.raise(carol, 40'000);
    body.introduced = {carol};
    return body;
}

Body rest() {
    const RecordId other = RecordId::dotted({bob, 3});
    VersionVector seen;
    seen.raise(alice, 699);
    seen.raise(bob, 12);
    Counter counter = first;
    Body body;
    for (auto& action :
         std::vector<decltype(Op::action)>{Raise{9, 1},
                                           Advance{9, {alice, 700}, 2},
                                           CloseTokens{9, {{alice, 700}}, "resolved"},
                                           Delete{seen, "twice"},
                                           Restore{{{alice, 703}}},
                                           Link{other},
                                           Unlink{other, {{alice, 705}}},
                                           UnknownOp{77, {1, 2, 3}}}) {
        body.changes.push_back(change_of(counter, {op_of(10, 500, std::move(action))}));
        ++counter;
    }
    return body;
}

Body witness() {
    Body body = check_in();
    body.witness.log = LogWitness{{{1, 2, 3, 4}},
                                  300,
                                  {{0xA1, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7, 0xA8}}};
    body.witness.entries = EntryWitness{5, {{0xB1, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8}}};
    return body;
}

std::vector<Sample> samples() {
    return {{"check_in", check_in()},
            {"edits", edits()},
            {"other_ops", rest()},
            {"witness", witness()}};
}

const std::vector<Value>& values() {
    static const std::vector<Value> values{Value(),
                                           Value(false),
                                           Value(true),
                                           Value(0),
                                           Value(31),
                                           Value(32),
                                           Value(-1),
                                           Value(60'000),
                                           Value(INT64_MAX),
                                           Value(INT64_MIN),
                                           Value(0.0),
                                           Value(7.0),
                                           Value(-0.1),
                                           Value(""),
                                           Value("Ngôn ngữ"),
                                           Value(std::string(127, 'a')),
                                           Value(std::string(128, 'a')),
                                           Value(Bytes{}),
                                           Value(Bytes{0, 255}),
                                           Value(Date{0}),
                                           Value(Date{-719'162}),
                                           Value(RecordId::dotted({alice, 5})),
                                           Value(RecordId::keyed(Bytes(16, 1)))};
    return values;
}

std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file.is_open()) FAIL("there is no " << path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

}  // namespace

TEST_CASE("old bodies are understood and written as they were", "[core]") {
    for (const auto& [name, body] : samples()) {
        CAPTURE(name);
        const auto bytes = from_hex(line(read(folder + name + ".hex"))).value();
        const auto decoded = decode_body(table, first, bytes);
        if (!decoded) FAIL(decoded.error().message);
        CHECK(print_json(describe(*decoded)) == line(read(folder + name + ".json")));
        CHECK(*decoded == body);
        CHECK(encode_body(table, body) == bytes);
    }
}

TEST_CASE("old values are understood and written as they were", "[core]") {
    const auto fixtures = parse_json(read("fixtures/value/v1.json")).value();
    REQUIRE(fixtures.array() != nullptr);
    REQUIRE(fixtures.array()->size() == values().size());
    for (std::size_t i = 0; i < values().size(); ++i) {
        const Json& fixture = fixtures.array()->at(i);
        CAPTURE(print_json(fixture));
        const auto value = decode<Value>(from_hex(*fixture["hex"].string()).value(), "a value");
        REQUIRE(value.has_value());
        CHECK(*value == values()[i]);
        CHECK(print_json(to_json(*value)) == print_json(fixture["value"]));
        CHECK(to_hex(encode(*value)) == *fixture["hex"].string());
    }
}

// By hand, for a new version only: record_tests "[.make_fixtures]".
TEST_CASE("the fixtures of changes and values are written anew", "[.make_fixtures]") {
    for (const auto& [name, body] : samples()) {
        std::ofstream(folder + name + ".hex") << to_hex(encode_body(table, body)) << '\n';
        std::ofstream(folder + name + ".json") << print_json(describe(body)) << '\n';
    }
    std::ofstream file("fixtures/value/v1.json");
    const char* before = "[";
    for (const auto& value : values()) {
        Json json;
        json.set("hex", to_hex(encode(value)));
        json.set("value", to_json(value));
        file << before << print_json(json);
        before = ",\n";
    }
    file << "]\n";
}

}  // namespace trellis::core
