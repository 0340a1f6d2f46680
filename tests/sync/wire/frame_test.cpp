// SPDX-License-Identifier: Apache-2.0
#include "sync/wire/frame.hpp"

#include "core/codec/byte_writer.hpp"
#include "sync/wire/version.hpp"
#include "tests/sync/wire/samples.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <set>
#include <sstream>

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

std::string read_file(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// What a hostile other end could send: never a crash, and never two encodings of one message.
void check_refused_or_same(const Bytes& bytes) {
    const auto message = decode(bytes);
    if (message) CHECK(encode(*message) == bytes);
}

}  // namespace

TEST_CASE("every frame has the bytes that are written down", "[sync]") {
    const auto index = read_file("fixtures/frame/v1/frames.json");
    for (const auto& sample : frame_samples()) {
        CAPTURE(sample.name);
        auto hex = read_file("fixtures/frame/v1/" + sample.name + ".hex");
        while (!hex.empty() && hex.back() == '\n')
            hex.pop_back();
        REQUIRE(!hex.empty());
        CHECK(to_hex(encode(sample.message)) == hex);
        const auto decoded = decode(*from_hex(hex));
        REQUIRE(decoded);
        CHECK(to_hex(encode(*decoded)) == hex);
        CHECK(index.find('"' + sample.name + '"') != std::string::npos);
    }
}

TEST_CASE("the samples show every type of frame", "[sync]") {
    std::set<std::size_t> types;
    for (const auto& sample : frame_samples()) {
        types.insert(sample.message.index());
        CHECK(encode(sample.message)[0] == sample.message.index() + 1);
    }
    CHECK(types.size() == std::variant_size_v<Message>);
}

TEST_CASE("a frame cut short anywhere, or with anything after it, is refused", "[sync]") {
    for (const auto& sample : frame_samples()) {
        CAPTURE(sample.name);
        const auto bytes = encode(sample.message);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            CHECK_FALSE(decode(ByteView(bytes).first(size)));
        }
        for (const auto extra : Bytes{0x00, 0x01, 0xFF}) {
            auto longer = bytes;
            longer.push_back(extra);
            CHECK_FALSE(decode(longer));
        }
    }
}

TEST_CASE("any flipped bit gives an error or another frame in its only form", "[sync]") {
    for (const auto& sample : frame_samples()) {
        CAPTURE(sample.name);
        const auto bytes = encode(sample.message);
        for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
            auto flipped = bytes;
            flipped[bit / 8] = static_cast<std::uint8_t>(flipped[bit / 8] ^ 1U << bit % 8);
            check_refused_or_same(flipped);
        }
    }
}

TEST_CASE("every type read out of every other type's bytes is refused or itself", "[sync]") {
    for (const auto& sample : frame_samples()) {
        auto bytes = encode(sample.message);
        for (unsigned type = 0; type < 256; ++type) {
            bytes[0] = static_cast<std::uint8_t>(type);
            CAPTURE(sample.name, type);
            check_refused_or_same(bytes);
            if (type == 0 || type > std::variant_size_v<Message>) CHECK_FALSE(decode(bytes));
        }
    }
}

TEST_CASE("enumerations, flags and truths are strict", "[sync]") {
    auto bye = encode(Bye{.code = Code::internal, .message = {}});
    bye[1] = static_cast<std::uint8_t>(Code::internal) + 1;
    CHECK_FALSE(decode(bye));

    auto opened = encode(Opened{});
    opened[3] = 2;
    CHECK_FALSE(decode(opened));

    auto deliver = encode(Deliver{});
    deliver[3] = 16;
    CHECK_FALSE(decode(deliver));

    auto stored = encode(Stored{});
    stored[3] = 2;
    CHECK_FALSE(decode(stored));

    auto text = encode(Bye{.code = Code::busy, .message = "x"});
    text.back() = 0xFF;
    CHECK_FALSE(decode(text));
}

TEST_CASE("what has a short form is refused in its long one", "[sync]") {
    // A named chain of zeros is the own one.
    ByteWriter named;
    named.u8(17);
    named.u16(0);
    named.u8(0);
    named.raw(Bytes(24, 0));
    named.raw(Bytes(5, 1));
    CHECK_FALSE(decode(named.view()));

    // A head of zeros, and an end that follows from the number of envelopes.
    for (const auto flags : Bytes{4, 8}) {
        ByteWriter deliver;
        deliver.u8(14);
        deliver.u16(0);
        deliver.u8(flags);
        deliver.u64(5);
        if (flags == 8) deliver.u64(5);
        if (flags == 4) deliver.raw(Bytes(32, 0));
        deliver.u16(0);
        CAPTURE(flags);
        CHECK_FALSE(decode(deliver.view()));
    }
}

TEST_CASE("a conversation with nothing to say costs at most 150 bytes", "[sync]") {
    constexpr std::size_t channel = 17;
    const auto open = encode(Open{}).size() + channel;
    const auto opened = encode(Opened{}).size() + channel;
    CHECK(open + opened == 125);
    CHECK(open + opened <= 150);
}

TEST_CASE("an envelope costs few bytes besides itself", "[sync]") {
    const Bytes envelope(200, 1);
    const auto cost = [&](const Message& message) {
        return encode(message).size() - envelope.size();
    };
    Push push{.channel = 0,
              .runs = {{.device = {}, .incarnation = {}, .first = 1, .envelopes = {envelope}}}};
    CHECK(cost(push) == 16);
    push.runs[0].device = counting<DeviceId>(1);
    CHECK(cost(push) == 40);
    Deliver deliver{.channel = 0,
                    .repair = false,
                    .last = true,
                    .from = 0,
                    .to = 1,
                    .head = {},
                    .runs = push.runs};
    CHECK(cost(deliver) == 49);
    deliver.head = counting<Digest>(1);
    CHECK(cost(deliver) == 81);
    deliver.runs[0].device = {};
    CHECK(cost(deliver) == 57);
}

TEST_CASE("this version speaks itself and no other", "[sync]") {
    CHECK(speaks(wire_version));
    CHECK_FALSE(speaks(wire_version_oldest - 1));
    CHECK_FALSE(speaks(wire_version + 1));
}
