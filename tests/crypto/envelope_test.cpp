// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/envelope.hpp"

#include "core/base/limits.hpp"
#include "crypto/primitive/pad.hpp"
#include "crypto/secret/seal.hpp"
#include "tests/crypto/expect.hpp"
#include "tests/support/fake_env.hpp"
#include "tests/support/people.hpp"

#include <set>

using namespace trellis;
using namespace trellis::crypto;
using namespace trellis::test;

namespace {

struct Desk {
    FakeEnv env;
    DeviceKey device = alice();
    EnvelopePlace place;
    Key key;

    Desk() {
        env.random(place.org.bytes);
        env.random(place.space.bytes);
        place.actor = actor_id(place.space, device.id(place.org), Incarnation{});
        place.first = 7;
        env.random(place.previous.bytes);
        Key epoch_key;
        env.random(epoch_key.span());
        key = batch_key(epoch_key, place.space, 1, place.actor);
    }
    Result<Bytes> seal_body(ByteView body) { return seal({place, 1, 3, body}, key, device, env); }
    bool is_genuine(const EnvelopePlace& at, ByteView envelope) const {
        return parse_envelope(envelope).has_value() &&
               verify_envelope(device.sign().key(), at.org, chain_hash(at, envelope), envelope);
    }
};

const Bytes body = to_bytes(as_bytes("a check-in, compressed"));

}  // namespace

TEST_CASE("an envelope opens to the body that was sealed", "[crypto]") {
    Desk desk;
    const auto envelope = must(desk.seal_body(body));
    REQUIRE(envelope.size() == envelope_overhead + 64 + 16);
    const auto header = must(parse_envelope(envelope));
    REQUIRE(header == EnvelopeHeader{1, 0, 1, 3, 80});
    REQUIRE(desk.is_genuine(desk.place, envelope));
    REQUIRE(must(open(desk.place, desk.key, envelope)) == body);
}

TEST_CASE("every flipped bit of an envelope is noticed", "[crypto]") {
    Desk desk;
    const auto envelope = must(desk.seal_body(body));
    for (std::size_t bit = 0; bit < envelope.size() * 8; ++bit) {
        auto altered = envelope;
        altered[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        CAPTURE(bit);
        REQUIRE_FALSE(desk.is_genuine(desk.place, altered));
        // The seal covers all but the signature by itself.
        if (bit / 8 < envelope.size() - 64) {
            REQUIRE_FALSE(open(desk.place, desk.key, altered).has_value());
        }
    }
}

TEST_CASE("every truncation of an envelope, and every byte too many, is refused", "[crypto]") {
    Desk desk;
    auto envelope = must(desk.seal_body(body));
    for (std::size_t size = 0; size < envelope.size(); ++size) {
        CAPTURE(size);
        REQUIRE(outcome(parse_envelope(ByteView(envelope).first(size))) == "corrupt");
        REQUIRE(outcome(open(desk.place, desk.key, ByteView(envelope).first(size))) == "corrupt");
    }
    for (int more = 1; more <= 64; ++more) {
        envelope.push_back(0);
        REQUIRE(outcome(parse_envelope(envelope)) == "corrupt");
    }
}

TEST_CASE("an envelope stands in one place only", "[crypto]") {
    Desk desk;
    const auto envelope = must(desk.seal_body(body));
    const auto refuse = [&](auto change) {
        auto elsewhere = desk.place;
        change(elsewhere);
        CHECK_FALSE(desk.is_genuine(elsewhere, envelope));
        CHECK(outcome(open(elsewhere, desk.key, envelope)) == "wrong_key");
    };
    refuse([](auto& place) { place.org.bytes[0] ^= 1; });
    refuse([](auto& place) { place.space.bytes[0] ^= 1; });
    refuse([](auto& place) { place.actor.bytes[0] ^= 1; });
    refuse([](auto& place) { ++place.first; });
    refuse([](auto& place) { place.previous.bytes[31] ^= 1; });
}

TEST_CASE("a batch key is for one space, epoch and actor", "[crypto]") {
    Desk desk;
    Key epoch_key;
    const auto one = [&](std::uint8_t space, std::uint32_t epoch, std::uint8_t actor) {
        SpaceId space_id;
        ActorId actor_name;
        space_id.bytes[0] = space;
        actor_name.bytes[0] = actor;
        return to_hex(batch_key(epoch_key, space_id, epoch, actor_name).view());
    };
    const std::set<std::string> keys{one(0, 1, 0), one(1, 1, 0), one(0, 2, 0), one(0, 1, 1)};
    REQUIRE(keys.size() == 4);
    SealKeys cache;
    const auto* first = &cache.get(epoch_key, {}, 1, {});
    REQUIRE(to_hex(first->view()) == one(0, 1, 0));
    REQUIRE(&cache.get(Key(), {}, 1, {}) == first);
    REQUIRE(to_hex(cache.get(epoch_key, {}, 2, {}).view()) == one(0, 2, 0));
}

TEST_CASE("with a dead random source a nonce repeats for the identical envelope only", "[crypto]") {
    Desk desk;
    desk.env.break_random();
    const auto salt = [&](ByteView content) {
        return to_hex(ByteView(must(desk.seal_body(content))).subspan(12, 16));
    };
    const auto first = salt(body);
    REQUIRE(salt(body) == first);
    REQUIRE(must(desk.seal_body(body)) == must(desk.seal_body(body)));
    auto other = body;
    other[0] ^= 1;
    REQUIRE(salt(other) != first);
    desk.place.previous.bytes[0] ^= 1;  // restored from a copy, then gone another way
    REQUIRE(salt(body) != first);
    desk.place.previous.bytes[0] ^= 1;
    REQUIRE(salt(body) == first);
    desk.device = bob();
    REQUIRE(salt(body) != first);
}

TEST_CASE("with a live random source the same body never looks the same", "[crypto]") {
    Desk desk;
    const auto one = must(desk.seal_body(body));
    const auto other = must(desk.seal_body(body));
    for (std::size_t at : {12U, 28U}) {
        REQUIRE_FALSE(equal(ByteView(one).subspan(at, 16), ByteView(other).subspan(at, 16)));
    }
}

TEST_CASE("the size of an envelope tells only a padded size", "[crypto]") {
    Desk desk;
    std::set<std::size_t> sizes;
    for (std::size_t size = 0; size < 64; ++size) {
        sizes.insert(must(desk.seal_body(Bytes(size, 1))).size());
    }
    REQUIRE(sizes.size() == 1);
}

TEST_CASE("a body at the limit is sealed, one byte more is refused", "[crypto]") {
    Desk desk;
    const Bytes largest(sealed_body_max(), 0x55);
    const auto envelope = must(desk.seal_body(largest));
    REQUIRE(must(parse_envelope(envelope)).sealed_size <= limits::envelope_sealed_max);
    REQUIRE(must(open(desk.place, desk.key, envelope)) == largest);
    REQUIRE(outcome(desk.seal_body(Bytes(sealed_body_max() + 1, 0x55))) == "too_large");
    REQUIRE(padded_size(sealed_body_max() + 2) + 16 > limits::envelope_sealed_max);
}

TEST_CASE("counters end at their limit", "[crypto]") {
    Desk desk;
    desk.place.first = limits::counter_max - 2;
    REQUIRE(outcome(desk.seal_body(body)) == "ok");
    desk.place.first = limits::counter_max - 1;
    REQUIRE(outcome(desk.seal_body(body)) == "too_large");
    desk.place.first = UINT64_MAX;
    REQUIRE(outcome(desk.seal_body(body)) == "too_large");
    desk.place.first = 0;
    REQUIRE(outcome(desk.seal_body(body)) == "invalid");
}

TEST_CASE("a header that lies is refused before anything is allocated", "[crypto]") {
    Desk desk;
    const auto genuine = must(desk.seal_body(body));
    const auto with = [&](std::size_t at, std::uint8_t value) {
        auto altered = genuine;
        altered[at] = value;
        return outcome(parse_envelope(altered));
    };
    CHECK(with(0, 2) == "unsupported");
    CHECK(with(1, 1) == "unsupported");
    CHECK(with(2, 0) == "corrupt");   // no ops
    CHECK(with(4, 0) == "corrupt");   // no epoch
    CHECK(with(8, 81) == "corrupt");  // a size that is never padded to
    CHECK(with(8, 88) == "corrupt");  // a padded size that is not there
    CHECK(with(11, 0xFF) == "too_large");
    const auto tiny = *from_hex("0100030001000000100000000000000000000000000000000000000000");
    CHECK(outcome(parse_envelope(tiny)) == "corrupt");
}

TEST_CASE("an actor is one life of one device in one space", "[crypto]") {
    SpaceId space;
    DeviceId device;
    Incarnation life;
    const auto actor = actor_id(space, device, life);
    life.bytes[7] = 1;
    REQUIRE(actor_id(space, device, life) != actor);
    device.bytes[0] = 1;
    REQUIRE(actor_id(space, device, Incarnation{}) != actor);
    space.bytes[0] = 1;
    REQUIRE(actor_id(space, DeviceId{}, Incarnation{}) != actor);
}
