// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.hpp"
#include "core/base/limits.hpp"
#include "core/codec/compress.hpp"
#include "core/record/change.hpp"
#include "core/store/stored_value.hpp"
#include "sync/wire/frame.hpp"
#include "tests/fuzz/targets.hpp"

namespace trellis::test {
namespace {

using namespace trellis::core;

/// A body as it lies inside an envelope, its author as in the fixtures.
ActorTable table() {
    ActorTable table;
    table.author.bytes.fill(0xA1);
    return table;
}

void body(ByteView bytes) {
    const auto decoded = decode_body(table(), 1, bytes);
    if (decoded) TRELLIS_CHECK(equal(encode_body(table(), *decoded), bytes));
    if (const auto change = decode_change(bytes)) {
        TRELLIS_CHECK(equal(encode_change(*change), bytes));
    }
}
std::vector<Bytes> body_seeds() { return hex_seeds("fixtures/change/v1"); }

void compressed(ByteView bytes) {
    static Compressor compressor;
    const auto plain = compressor.decompress(bytes, limits::envelope_plain_max);
    if (plain) TRELLIS_CHECK(plain->size() <= limits::envelope_plain_max);
}
std::vector<Bytes> compressed_seeds() {
    Compressor compressor;
    std::vector<Bytes> seeds;
    for (const auto& seed : body_seeds()) seeds.push_back(compressor.compress(seed));
    seeds.push_back(compressor.compress(Bytes(100'000, 'a')));
    return seeds;
}

void frame(ByteView bytes) {
    if (const auto message = sync::decode(bytes)) {
        TRELLIS_CHECK(equal(sync::encode(*message), bytes));
    }
}
std::vector<Bytes> frame_seeds() { return hex_seeds("fixtures/frame/v1"); }

void json(ByteView bytes) {
    const auto parsed = parse_json(as_text(bytes));
    if (!parsed) return;
    const auto text = print_json(*parsed);
    const auto again = parse_json(text);
    TRELLIS_CHECK(again.has_value());
    TRELLIS_CHECK(print_json(*again) == text);
    static_cast<void>(Schema::parse(*parsed));
}
std::vector<Bytes> json_seeds() {
    auto seeds = text_seeds("core/domain/types", ".json");
    for (auto& more : text_seeds("fixtures/value", ".json")) seeds.push_back(std::move(more));
    seeds.push_back(to_bytes(as_bytes(R"({"op":"put","fields":{"a":[1,-2.5e3,null,true,"\u00e9"]}})")));
    return seeds;
}

/// A value as it lies in a row.
void value(ByteView bytes) {
    ByteReader in(bytes);
    const auto read = read_value(in);
    if (in.failed()) return;
    ByteWriter out;
    write_value(read, out);
    ByteReader again(out.view());
    const auto same = read_value(again);
    TRELLIS_CHECK(again.finish("a value").has_value());
    TRELLIS_CHECK(!(read < same) && !(same < read));
}
std::vector<Bytes> value_seeds() {
    std::vector<Bytes> seeds;
    for (const auto& value : {Value(), Value(true), Value(std::int64_t{-300}), Value(1.5),
                              Value(std::string("é")), Value(Bytes{1, 2, 3}), Value(Date{20000}),
                              Value(RecordId::keyed(Bytes(16, 7)))}) {
        ByteWriter out;
        write_value(value, out);
        seeds.push_back(out.take());
    }
    return seeds;
}

}  // namespace

std::vector<FuzzTarget> record_targets() {
    return {{"body", &body, &body_seeds},
            {"compressed", &compressed, &compressed_seeds},
            {"frame", &frame, &frame_seeds},
            {"value", &value, &value_seeds},
            {"json", &json, &json_seeds}};
}

}  // namespace trellis::test
