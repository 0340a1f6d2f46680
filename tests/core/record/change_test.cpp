// SPDX-License-Identifier: Apache-2.0
#include "core/record/change.hpp"

#include "core/base/limits.hpp"
#include "core/record/check.hpp"
#include "tests/core/record/random_body.hpp"

#include <catch2/catch.hpp>

namespace trellis::core {
namespace {

/// Anything that decodes has one form only: the bytes it came from.
void check_strict(const ActorTable& table, Counter first, const Bytes& bytes) {
    const auto body = decode_body(table, first, bytes);
    if (!body) return;
    if (encode_body(table, *body) != bytes) FAIL("another form was accepted: " << to_hex(bytes));
    for (const auto& change : body->changes) {
        if (!check_change(change)) FAIL("a change was accepted that nobody may write");
    }
}

void check_strict_change(const Bytes& bytes) {
    const auto change = decode_change(bytes);
    if (!change) return;
    if (encode_change(*change) != bytes) FAIL("another form was accepted: " << to_hex(bytes));
}

}  // namespace

TEST_CASE("a body decodes to itself", "[core]") {
    const auto seed = GENERATE(range(0, 400));
    CAPTURE(seed);
    RandomBody random(static_cast<std::uint64_t>(seed));
    const Counter first = 1 + random.number(1000);
    const Body body = random.body(first);
    for (const auto& change : body.changes)
        REQUIRE(check_change(change).has_value());
    const Bytes bytes = encode_body(random.table(), body);
    const auto decoded = decode_body(random.table(), first, bytes);
    if (!decoded) FAIL(decoded.error().message);
    CHECK(*decoded == body);
}

TEST_CASE("a change alone decodes to itself", "[core]") {
    const auto seed = GENERATE(range(0, 400));
    CAPTURE(seed);
    RandomBody random(static_cast<std::uint64_t>(seed));
    const Change change = random.change(1 + random.number(1000), 1'790'000'123'456);
    const auto decoded = decode_change(encode_change(change));
    if (!decoded) FAIL(decoded.error().message);
    CHECK(*decoded == change);
}

TEST_CASE("a body cut short or changed in one byte is refused or is another body", "[core][long]") {
    const auto seed = GENERATE(range(0, 10));
    CAPTURE(seed);
    RandomBody random(static_cast<std::uint64_t>(seed));
    const Counter first = 5;
    const Bytes bytes = encode_body(random.table(), random.body(first));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        check_strict(
            random.table(), first, Bytes(bytes.begin(), bytes.begin() + static_cast<long>(size)));
    }
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (unsigned change = 1; change < 256; ++change) {
            Bytes other = bytes;
            other[at] ^= static_cast<std::uint8_t>(change);
            check_strict(random.table(), first, other);
        }
    }
}

TEST_CASE("a change alone, cut short or changed in one byte, is refused or another", "[core][long]") {
    const auto seed = GENERATE(range(100, 110));
    CAPTURE(seed);
    RandomBody random(static_cast<std::uint64_t>(seed));
    const Bytes bytes = encode_change(random.change(9, 1'790'000'123'456));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        check_strict_change(Bytes(bytes.begin(), bytes.begin() + static_cast<long>(size)));
    }
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        for (unsigned change = 1; change < 256; ++change) {
            Bytes other = bytes;
            other[at] ^= static_cast<std::uint8_t>(change);
            check_strict_change(other);
        }
    }
}

TEST_CASE("random bytes are refused or are the one form of what they say", "[core][long]") {
    RandomBody random(7);
    for (int i = 0; i < 100'000; ++i) {
        Bytes bytes(1 + random.number(24));
        for (auto& byte : bytes) {
            byte = static_cast<std::uint8_t>(random.number(random.chance(70) ? 12 : 256));
        }
        check_strict(random.table(), 5, bytes);
        check_strict_change(bytes);
    }
}

TEST_CASE("an op of a newer version is kept byte for byte", "[core]") {
    Change change{3, {1'790'000'000'000, ClockQuality::synced}, {}};
    change.ops.push_back({7, RecordId::keyed(Bytes(16, 1)), UnknownOp{200, {9, 8, 7}}});
    const auto decoded = decode_change(encode_change(change));
    REQUIRE(decoded.has_value());
    CHECK(*decoded == change);
    CHECK(is_write(decoded->ops[0]));
}

TEST_CASE("an op of a kind that only this version should know is refused", "[core]") {
    Change change{3, {0, ClockQuality::plausible}, {}};
    change.ops.push_back({7, RecordId::keyed(Bytes(16, 1)), UnknownOp{64, {}}});
    Bytes bytes = encode_change(change);
    REQUIRE(bytes[3] == 64);
    bytes[3] = 63;
    CHECK(decode_change(bytes).error().code == Code::corrupt);
}

}  // namespace trellis::core
