// SPDX-License-Identifier: Apache-2.0
#include "core/record/change.hpp"

#include <catch2/catch.hpp>

namespace trellis::core {
namespace {

const ActorId alice{{1}};
const ActorId bob{{2}};
const ActorId carol{{3}};
const ActorId dave{{4}};

/// Knows bob and carol.
class Known final : public ActorLookup {
public:
    const ActorId* find(const RecordId::ActorPrefix& prefix) const override {
        for (const auto* actor : {&bob, &carol}) {
            if (actor->bytes[0] == prefix[0]) return actor;
        }
        return nullptr;
    }
};

Body body_of(std::vector<Op> ops) {
    return {{}, {}, {{5, {1'790'000'000'000, ClockQuality::synced}, std::move(ops)}}};
}

Op update(const RecordId& record, std::vector<Dot> seen, Value value) {
    return {1, record, Write{false, {{1, Assign{std::move(seen), std::move(value)}}}}};
}

}  // namespace

TEST_CASE("actors are introduced once, in the order they are mentioned", "[core]") {
    Body body = body_of({update(RecordId::dotted({carol, 9}), {{bob, 3}}, Value(1)),
                         update(RecordId::dotted({alice, 1}), {{alice, 1}}, Value(1))});
    body.seen.raise(dave, 8);
    introduce_actors({alice, {}}, Known(), body);
    CHECK(body.introduced == std::vector<ActorId>{dave, carol, bob});
    Body again = body_of(body.changes[0].ops);
    introduce_actors({alice, {bob, carol}}, Known(), again);
    CHECK(again.introduced.empty());
}

TEST_CASE("a record of an actor that nobody knows is written in full", "[core]") {
    const Op op = update(RecordId::dotted({dave, 9}), {}, Value(RecordId::dotted({dave, 10})));
    Body body = body_of({op});
    const ActorTable table{alice, {}};
    introduce_actors(table, Known(), body);
    CHECK(body.introduced.empty());
    const Bytes bytes = encode_body(table, body);
    CHECK(decode_body(table, 5, bytes).value() == body);
    CHECK(bytes.size() > 32);
}

TEST_CASE("a value that names what no record can be introduces nobody", "[core]") {
    auto stranger = RecordId::dotted({bob, 1});
    const bool is_beyond = GENERATE(true, false);
    stranger.bytes[is_beyond ? 10 : 15] = is_beyond ? 1 : 0;
    Body body = body_of({update(RecordId::dotted({alice, 1}), {}, Value(stranger))});
    const ActorTable table{alice, {}};
    introduce_actors(table, Known(), body);
    CHECK(body.introduced.empty());
    CHECK(decode_body(table, 5, encode_body(table, body)).value() == body);
}

TEST_CASE("a record that becomes known later in the body is mentioned from the start", "[core]") {
    Body body = body_of({update(RecordId::dotted({dave, 9}), {}, Value(1)),
                         update(RecordId::dotted({dave, 9}), {{dave, 9}}, Value(2))});
    const ActorTable table{alice, {}};
    introduce_actors(table, Known(), body);
    CHECK(body.introduced == std::vector<ActorId>{dave});
    CHECK(decode_body(table, 5, encode_body(table, body)).value() == body);
}

TEST_CASE("an introduction of somebody known, or that nothing mentions, is refused", "[core]") {
    const ActorTable table{alice, {bob}};
    const auto refuses = [&](std::vector<ActorId> introduced, const Body& body) {
        Body with = body;
        with.introduced = std::move(introduced);
        const auto decoded = decode_body(table, 5, encode_body(table, with));
        return !decoded && decoded.error().code == Code::corrupt;
    };
    const Body mentions_carol = body_of({update(RecordId::dotted({carol, 9}), {}, Value(1))});
    CHECK_FALSE(refuses({carol}, mentions_carol));
    CHECK(refuses({carol, dave}, mentions_carol));
    CHECK(refuses({carol, carol}, mentions_carol));
    CHECK(refuses({carol, bob}, mentions_carol));
    CHECK(refuses({carol, alice}, mentions_carol));
    Body newer = mentions_carol;
    newer.changes[0].ops.push_back({1, RecordId::dotted({alice, 6}), UnknownOp{70, {1}}});
    CHECK_FALSE(refuses({carol, dave}, newer));
}

TEST_CASE("what was seen of others does not name the author", "[core]") {
    const ActorTable table{alice, {bob}};
    CHECK(decode_body(table,
                      1,
                      from_hex("020101"
                               "05")
                          .value())
              .has_value());
    CHECK_FALSE(decode_body(table,
                            1,
                            from_hex("020100"
                                     "05")
                                .value())
                    .has_value());
    CHECK_FALSE(decode_body(table,
                            1,
                            from_hex("020101"
                                     "00")
                                .value())
                    .has_value());
    CHECK_FALSE(decode_body(table,
                            1,
                            from_hex("020102"
                                     "05")
                                .value())
                    .has_value());
    CHECK_FALSE(decode_body(table, 1, from_hex("0200").value()).has_value());
    CHECK_FALSE(decode_body(table, 1, from_hex("0100").value()).has_value());
    CHECK_FALSE(decode_body(table, 1, from_hex("04").value()).has_value());
}

}  // namespace trellis::core
