// SPDX-License-Identifier: Apache-2.0
#include "core/base/limits.hpp"
#include "core/codec/byte_writer.hpp"
#include "crypto/public/log_roll.hpp"
#include "sync/wire/frame.hpp"
#include "tests/support/fake_env.hpp"
#include "tests/sync/wire/samples.hpp"

#include <catch2/catch.hpp>

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

constexpr std::size_t envelope_max = crypto::envelope_overhead + limits::envelope_sealed_max;

/// A Push of an own run, written by hand.
Bytes raw_push(std::size_t runs, std::size_t envelopes, std::size_t size) {
    ByteWriter out;
    out.u8(15);
    out.u16(0);
    out.u16(static_cast<std::uint16_t>(runs));
    for (std::size_t i = 0; i < runs; ++i) {
        out.u8(1);
        out.u32(1);
        out.u8(0);
        out.u16(static_cast<std::uint16_t>(envelopes));
        for (std::size_t j = 0; j < envelopes; ++j) {
            out.u16(static_cast<std::uint16_t>(size));
            out.u8(static_cast<std::uint8_t>(size >> 16U));
            out.raw(Bytes(size, 7));
        }
    }
    return out.take();
}

bool is_taken(const Bytes& bytes) {
    const auto message = decode(bytes);
    if (message) CHECK(encode(*message) == bytes);
    return message.has_value();
}

}  // namespace

TEST_CASE("an envelope of the largest size passes, one byte more does not", "[sync]") {
    CHECK(is_taken(raw_push(1, 1, envelope_max)));
    CHECK_FALSE(is_taken(raw_push(1, 1, envelope_max + 1)));
    CHECK(is_taken(raw_push(1, 1, 1)));
    CHECK_FALSE(is_taken(raw_push(1, 1, 0)));
}

TEST_CASE("a page of the most envelopes passes, one more does not", "[sync]") {
    CHECK(is_taken(raw_push(1, limits::page_envelopes_max, 100)));
    CHECK_FALSE(is_taken(raw_push(1, limits::page_envelopes_max + 1, 100)));
    CHECK(is_taken(raw_push(limits::page_envelopes_max, 1, 100)));
    CHECK_FALSE(is_taken(raw_push(limits::page_envelopes_max + 1, 1, 100)));
    CHECK_FALSE(is_taken(raw_push(2, limits::page_envelopes_max / 2 + 1, 100)));
}

TEST_CASE("a push without a run, or a run without an envelope, is refused", "[sync]") {
    CHECK_FALSE(is_taken(raw_push(0, 0, 0)));
    CHECK_FALSE(is_taken(raw_push(1, 0, 0)));
}

TEST_CASE("a run begins at a counter from 1 on", "[sync]") {
    auto push = raw_push(1, 1, 10);
    push[6] = 0;
    CHECK_FALSE(is_taken(push));
    for (std::size_t i = 6; i < 11; ++i)
        push[i] = 0xFF;
    CHECK(is_taken(push));
    const auto decoded = decode(push);
    CHECK(std::get<Push>(*decoded).runs[0].first == limits::counter_max);
}

TEST_CASE("a message of the largest size passes, one byte more does not", "[sync]") {
    // One entry less than the wire's limit, filled up by a second one.
    const auto entries_of = [](std::size_t total) {
        ByteWriter out;
        out.u8(6);
        out.u64(0);
        out.u8(0);
        out.u16(2);
        out.blob(Bytes(wire_entry_max, 1));
        out.blob(Bytes(total - out.size() - 4, 1));
        return out.take();
    };
    CHECK(entries_of(message_max).size() == message_max);
    CHECK(is_taken(entries_of(message_max)));
    CHECK_FALSE(is_taken(entries_of(message_max + 1)));
    CHECK(message_max + 17 == limits::frame_max);
}

TEST_CASE("an entry of the most the wire carries passes, one byte more does not", "[sync]") {
    for (const auto type : Bytes{6, 7}) {
        for (const std::size_t size : {wire_entry_max, wire_entry_max + 1}) {
            ByteWriter out;
            out.u8(type);
            if (type == 6) out.raw(Bytes(9, 0));
            if (type == 6) out.u16(1);
            out.blob(Bytes(size, 1));
            CAPTURE(type, size);
            CHECK(is_taken(out.take()) == (size == wire_entry_max));
        }
    }
}

TEST_CASE("a text of the most bytes passes, one byte more does not", "[sync]") {
    for (const std::size_t size : {text_size_max, text_size_max + 1}) {
        ByteWriter out;
        out.u8(1);
        out.u8(0);
        out.u16(static_cast<std::uint16_t>(size));
        out.raw(Bytes(size, 'x'));
        CHECK(is_taken(out.take()) == (size == text_size_max));
    }
}

TEST_CASE("a text too long to be sent is cut at a character", "[sync]") {
    // The last character of two bytes would end one byte after the limit.
    const auto text = std::string(text_size_max - 1, 'x') + "\xC3\xA9";
    const auto decoded = decode(encode(Bye{.code = Code::busy, .message = text}));
    REQUIRE(decoded);
    CHECK(std::get<Bye>(*decoded).message == std::string(text_size_max - 1, 'x'));
}

TEST_CASE("a vector of the most chains fits a frame, one more is refused", "[sync]") {
    Vector vector;
    vector.heads.resize(limits::vector_actors_max);
    auto bytes = encode(vector);
    CHECK(is_taken(bytes));
    const auto count = limits::vector_actors_max + 1;
    bytes[4] = static_cast<std::uint8_t>(count);
    bytes[5] = static_cast<std::uint8_t>(count >> 8U);
    bytes.insert(bytes.end(), 37, 0);
    CHECK_FALSE(is_taken(bytes));
}

namespace {

Bytes raw_submissions(std::size_t count, std::size_t size) {
    ByteWriter out;
    out.u8(25);
    out.u16(0);
    out.raw(Bytes(16, 1));
    out.u8(0);
    out.u16(static_cast<std::uint16_t>(count));
    for (std::size_t i = 0; i < count; ++i) {
        out.u64(i + 1);
        out.u64(0);
        out.blob(Bytes(size, 7));
    }
    return out.take();
}

Bytes raw_filed(std::size_t count) {
    ByteWriter out;
    out.u8(27);
    out.u16(0);
    out.raw(Bytes(16, 1));
    out.u16(static_cast<std::uint16_t>(count));
    out.raw(Bytes(count * Digest::size, 7));
    return out.take();
}

}  // namespace

TEST_CASE("so many submissions fit a frame, of so many bytes, and so many are filed", "[sync]") {
    CHECK(is_taken(raw_submissions(limits::submissions_page_max, 10)));
    CHECK_FALSE(is_taken(raw_submissions(limits::submissions_page_max + 1, 10)));
    const auto most = limits::submission_max + limits::submission_overhead;
    CHECK(is_taken(raw_submissions(1, most)));
    CHECK_FALSE(is_taken(raw_submissions(1, most + 1)));
    CHECK(is_taken(raw_filed(limits::filed_max)));
    CHECK_FALSE(is_taken(raw_filed(limits::filed_max + 1)));
    CHECK_FALSE(is_taken(raw_filed(0)));
    // A page as the relay fills it always fits.
    CHECK(limits::page_max + limits::submissions_page_max * 20 + 64 <= message_max);
}

TEST_CASE("a claimed count beyond the bytes that are there allocates nothing", "[sync]") {
    for (const auto type : Bytes{6, 14, 15, 19, 20, 25, 27}) {
        for (std::size_t size = 1; size < 64; ++size) {
            Bytes bytes(size, 0xFF);
            bytes[0] = type;
            CHECK_FALSE(is_taken(bytes));
        }
    }
}

TEST_CASE("the rolling hash depends on what came before, the place and the envelope", "[sync]") {
    const auto chain = counting<Digest>(1);
    const auto head = crypto::next_head({}, 1, chain);
    CHECK(head != crypto::next_head({}, 2, chain));
    CHECK(head != crypto::next_head(chain, 1, chain));
    CHECK(head != crypto::next_head({}, 1, counting<Digest>(2)));
    CHECK(head == crypto::next_head({}, 1, chain));
}
