// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/membership_entry.hpp"

#include "core/base/limits.hpp"
#include "crypto/primitive/hash.hpp"
#include "tests/crypto/membership_attempt.hpp"

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

constexpr std::size_t body_at = 108;

// Alice's entry that gives carol reading in the school, not appended.
Bytes next_entry(Organisation& organisation) {
    return must(grant(organisation.as(organisation.alice),
                      organisation.id(organisation.carol),
                      organisation.school,
                      right_read));
}

// The entry with another body, and the sizes right.
Bytes with_body(const Bytes& entry, ByteView body) {
    ByteReader reader(entry);
    ByteWriter writer;
    writer.raw(reader.raw(body_at - 4));
    reader.blob(limits::entry_max);
    writer.blob(body);
    writer.raw(reader.rest());
    return writer.take();
}

}  // namespace

TEST_CASE("every flipped bit of an entry is noticed, and changes nothing", "[crypto]") {
    Organisation organisation;
    const auto entry = next_entry(organisation);
    for (std::size_t bit = 0; bit < entry.size() * 8; ++bit) {
        auto altered = entry;
        altered[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        CAPTURE(bit);
        REQUIRE_FALSE(organisation.membership.extend(altered).has_value());
    }
    REQUIRE(outcome(organisation.membership.extend(entry)) == "ok");
}

TEST_CASE("every flipped bit of a first entry is noticed", "[crypto]") {
    const Organisation organisation;
    const auto& genesis = organisation.log.front();
    for (std::size_t bit = 0; bit < genesis.size() * 8; ++bit) {
        auto altered = genesis;
        altered[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        CAPTURE(bit);
        REQUIRE_FALSE(Membership::found(altered).has_value());
    }
}

TEST_CASE("every truncation of an entry, and every byte too many, is refused", "[crypto]") {
    Organisation organisation;
    auto entry = next_entry(organisation);
    for (std::size_t size = 0; size < entry.size(); ++size) {
        CAPTURE(size);
        REQUIRE_FALSE(parse_entry(ByteView(entry).first(size)).has_value());
    }
    entry.push_back(0);
    REQUIRE(outcome(parse_entry(entry)) == "corrupt");
}

TEST_CASE("what is parsed is what was written", "[crypto]") {
    const Organisation organisation;
    for (const auto& bytes : organisation.log) {
        const auto entry = must(parse_entry(bytes));
        auto again = write_unsigned_entry(entry);
        REQUIRE(entry_hash(again) == entry.hash);
        append_signatures(again, entry.signatures);
        REQUIRE(again == bytes);
    }
}

TEST_CASE("an entry's name leaves its signatures out", "[crypto]") {
    Organisation organisation;
    auto entry = next_entry(organisation);
    const auto hash = must(parse_entry(entry)).hash;
    entry.back() ^= 1;
    REQUIRE(must(parse_entry(entry)).hash == hash);
}

TEST_CASE("counts and sizes that cannot be are refused before they allocate", "[crypto]") {
    Organisation organisation;
    const auto entry = next_entry(organisation);
    const auto with_count = [&](std::uint32_t count, std::size_t ops) {
        ByteWriter body;
        body.u32(count);
        for (std::size_t i = 0; i < ops; ++i) {
            write_op(body, ServerKeyOp{});
        }
        return outcome(parse_entry(with_body(entry, body.view())));
    };
    CHECK(with_count(64, 64) == "ok");
    CHECK(with_count(65, 65) == "too_large");
    CHECK(with_count(0xFFFFFFFF, 1) == "too_large");
    CHECK(with_count(0, 0) == "corrupt");
    CHECK(with_count(2, 1) == "corrupt");
    CHECK(with_count(1, 2) == "corrupt");
    CHECK(outcome(parse_entry(Bytes(limits::entry_max + 1, 0))) == "too_large");

    auto endless = entry;
    for (std::size_t i = 0; i < 4; ++i)
        endless[body_at - 4 + i] = 0xFF;
    CHECK(outcome(parse_entry(endless)) == "corrupt");
}

TEST_CASE("lists in ops have limits, at N and at N + 1", "[crypto]") {
    const auto rotation = [](std::uint32_t wraps) {
        RotateOp op;
        op.wraps.resize(wraps);
        ByteWriter writer;
        write_op(writer, op);
        return outcome(read_op(RotateOp::kind, writer.view().subspan(6)));
    };
    CHECK(rotation(limits::wraps_max) == "ok");
    CHECK(rotation(limits::wraps_max + 1) == "corrupt");
    const auto invite = [](std::size_t grants) {
        InviteCreateOp op;
        op.grants.resize(grants);
        ByteWriter writer;
        write_op(writer, op);
        return outcome(read_op(InviteCreateOp::kind, writer.view().subspan(6)));
    };
    CHECK(invite(limits::invite_spaces_max) == "ok");
    CHECK(invite(limits::invite_spaces_max + 1) == "corrupt");
    const auto name = [](std::size_t size) {
        NameOp op;
        op.sealed.resize(size);
        ByteWriter writer;
        write_op(writer, op);
        return outcome(read_op(NameOp::kind, writer.view().subspan(6)));
    };
    CHECK(name(name_sealed_max) == "ok");
    CHECK(name(name_sealed_max + 1) == "corrupt");
}

TEST_CASE("a list that claims more than is there is refused", "[crypto]") {
    ByteWriter writer;
    writer.raw(Bytes(16 + 16, 1));
    writer.u8(1);
    writer.u32(limits::wraps_max);
    writer.raw(Bytes(84, 0));
    REQUIRE(outcome(read_op(GrantOp::kind, writer.view())) == "corrupt");
}

TEST_CASE("enumerations, flags and reserved bytes take their known values only", "[crypto]") {
    ByteWriter space;
    write_op(space, CreateSpaceOp{});
    const auto with = [&](std::size_t at, std::uint8_t value) {
        auto body = to_bytes(space.view().subspan(6));
        body.at(at) = value;
        return outcome(read_op(CreateSpaceOp::kind, body));
    };
    CHECK(with(16, 1) == "ok");
    CHECK(with(16, 2) == "corrupt");  // kind
    CHECK(with(17, 2) == "ok");       // class
    CHECK(with(17, 0) == "corrupt");
    CHECK(with(17, 3) == "corrupt");
    CHECK(with(18, 1) == "corrupt");  // flags
    CHECK(with(19, 1) == "corrupt");
    CHECK(outcome(read_op(AdminSetOp::kind, Bytes(17, 0))) == "ok");
    auto admin = Bytes(17, 0);
    admin[16] = 2;
    CHECK(outcome(read_op(AdminSetOp::kind, admin)) == "corrupt");
    CHECK(outcome(read_op(0x0999, {})) == "unsupported");
}

TEST_CASE("signers stand in order, each once, one to eight of them", "[crypto]") {
    Organisation organisation;
    const auto entry = must(parse_entry(next_entry(organisation)));
    const auto with = [&](std::vector<std::uint8_t> ids) {
        ByteWriter writer;
        writer.raw(write_unsigned_entry(entry));
        writer.u8(static_cast<std::uint8_t>(ids.size()));
        for (const auto id : ids) {
            writer.u8(id);
            writer.raw(Bytes(15 + 64, 0));
        }
        return outcome(parse_entry(writer.view()));
    };
    CHECK(with({1}) == "ok");
    CHECK(with({1, 2, 3, 4, 5, 6, 7, 8}) == "ok");
    CHECK(with({1, 2, 3, 4, 5, 6, 7, 8, 9}) == "corrupt");
    CHECK(with({}) == "corrupt");
    CHECK(with({2, 1}) == "corrupt");
    CHECK(with({1, 1}) == "corrupt");
}
