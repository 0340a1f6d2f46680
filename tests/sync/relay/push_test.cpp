// SPDX-License-Identifier: Apache-2.0
#include "tests/sync/relay/scene.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

std::size_t logged(const Scene& scene) {
    const auto found = scene.store.spaces.find({scene.membership->org(), scene.space});
    return found == scene.store.spaces.end() ? 0 : found->second.log.size();
}

}  // namespace

TEST_CASE("a push is answered once it is stored, in the words it was made", "[sync]") {
    Scene scene;
    auto pen = scene.pen(1);
    Line line(scene);
    line.greet(1).open();
    line.expect<Opened>();
    scene.host->hold(MemoryRelayHost::Kind::append);
    line.push(1, {pen.write(scene.env, 3)});
    line.silence();
    scene.host->release();
    auto stored = line.expect<Stored>();
    CHECK(stored.device.is_zero());
    CHECK(stored.incarnation.is_zero());
    CHECK(stored.last == 3);
    CHECK(stored.position == 1);
    CHECK(logged(scene) == 1);
    line.expect<Deliver>();

    const auto first = pen.last + 1;
    line.push_of(pen, first, {pen.write(scene.env)});
    stored = line.expect<Stored>();
    CHECK(stored.device == pen.device);
    CHECK(stored.incarnation == pen.incarnation);
    CHECK(stored.last == 4);
}

TEST_CASE("the same push again is answered again and stored once", "[sync]") {
    Scene scene;
    auto pen = scene.pen(1);
    std::vector<Bytes> envelopes;
    for (int i = 0; i < 100; ++i)
        envelopes.push_back(pen.write(scene.env));
    Line line(scene);
    line.greet(1).open({}, false);
    line.expect<Opened>();
    line.push(1, envelopes);
    CHECK(line.expect<Stored>().last == 100);

    SECTION("all of it, from memory or from the store") {
        line.push(1, envelopes);
        CHECK(line.expect<Stored>().last == 100);
    }
    SECTION("the last one, from memory") {
        const auto fetches = scene.host->figures.chains;
        line.push(100, {envelopes[99]});
        CHECK(line.expect<Stored>().last == 100);
        CHECK(scene.host->figures.chains == fetches);
    }
    SECTION("one in the middle, from the store") {
        line.push(50, {envelopes[49]});
        CHECK(line.expect<Stored>().last == 50);
    }
    SECTION("the tail of it, with something new behind") {
        const auto fresh = pen.write(scene.env);
        line.push(99, {envelopes[98], envelopes[99], fresh});
        CHECK(line.expect<Stored>().last == 101);
        CHECK(logged(scene) == 101);
        return;
    }
    SECTION("all of it with something new behind, after a restart") {
        scene.restart();
        Line again(scene);
        again.greet(1).open({}, false);
        CHECK(again.expect<Opened>().own_last == 100);
        envelopes.push_back(pen.write(scene.env));
        again.push(1, envelopes);
        CHECK(again.await<Stored>().last == 101);
        CHECK(logged(scene) == 101);
        return;
    }
    line.silence();
    CHECK(logged(scene) == 100);
}

TEST_CASE("a push that comes again while it is being stored waits for it", "[sync]") {
    Scene scene;
    auto pen = scene.pen(1);
    const auto envelope = pen.write(scene.env);
    Line line(scene);
    line.greet(1).open({}, false);
    line.expect<Opened>();
    const auto kind = GENERATE(MemoryRelayHost::Kind::verify, MemoryRelayHost::Kind::append);
    scene.host->hold(kind);
    line.push(1, {envelope}).push(1, {envelope});
    line.silence();
    scene.host->release();
    CHECK(line.expect<Stored>().last == 1);
    CHECK(logged(scene) == 1);
}

TEST_CASE("a push that leaves a gap is told where to begin", "[sync]") {
    Scene scene;
    auto pen = scene.pen(1);
    const auto one = pen.write(scene.env, 2);
    const auto two = pen.write(scene.env, 2);
    Line line(scene);
    line.greet(1).open({}, false);
    line.expect<Opened>();
    line.push(3, {two});
    CHECK(line.expect<Need>().from == 1);
    line.push(1, {one});
    CHECK(line.expect<Stored>().last == 2);
    line.push(7, {two});
    CHECK(line.expect<Need>().from == 3);
    CHECK(logged(scene) == 1);
}

TEST_CASE("another envelope at a place that is taken is a fork", "[sync]") {
    Scene scene;
    auto pen = scene.pen(1);
    auto clone = pen.copy();
    std::vector<Bytes> envelopes;
    for (int i = 0; i < 80; ++i)
        envelopes.push_back(pen.write(scene.env));
    auto line = std::make_unique<Line>(scene);
    line->greet(1).open({}, false);
    line->expect<Opened>();
    line->push(1, envelopes);
    line->expect<Stored>();
    // What the relay no longer remembers it asks the store for.
    const bool remembers = GENERATE(true, false);
    if (!remembers) {
        scene.restart();
        line = std::make_unique<Line>(scene);
        line->greet(1).open({}, false);
        line->expect<Opened>();
    }
    const auto refused = [&](Counter first, std::vector<Bytes> bytes) {
        line->push(first, std::move(bytes));
        const auto answer = line->await<PushRefused>();
        CHECK(answer.code == Code::fork);
        CHECK(answer.first == first);
        CHECK(logged(scene) == 80);
    };
    refused(1, {clone.write(scene.env, 1, "other")});
    refused(1, {envelopes[0], clone.write(scene.env, 1, "other")});
    // Other boundaries, at the end and beyond it.
    auto wide = scene.pen(1);
    refused(1, {wide.write(scene.env, 81)});
    auto last = pen.copy();
    last.last = 79;
    refused(80, {last.write(scene.env, 1, "other")});
    refused(80, {last.write(scene.env, 5, "other")});
    CHECK((scene.host->figures.chains > 0) == !remembers);
    // The device goes on where it was.
    line->push(81, {pen.write(scene.env)});
    CHECK(line->expect<Stored>().last == 81);
}

TEST_CASE("a signature that is not the author's is refused and forks nobody", "[sync]") {
    Scene scene(3);
    auto pen = scene.pen(1);
    auto forged = scene.pen(2);
    forged.device = pen.device;
    Line mallory(scene);
    mallory.greet(2).open({}, false);
    mallory.expect<Opened>();
    Line line(scene);
    line.greet(1).open({}, false);
    line.expect<Opened>();
    scene.host->hold(MemoryRelayHost::Kind::verify);
    mallory.push_of(pen, 1, {forged.write(scene.env)});
    line.push(1, {pen.write(scene.env)});
    scene.host->release();
    CHECK(mallory.expect<PushRefused>().code == Code::corrupt);
    CHECK(line.expect<Stored>().last == 1);
    CHECK(logged(scene) == 1);
}

TEST_CASE("of an author's own run the last signature is checked, of another's each", "[sync]") {
    Scene scene(3);
    auto pen = scene.pen(1);
    std::vector<Bytes> envelopes;
    for (int i = 0; i < 5; ++i)
        envelopes.push_back(pen.write(scene.env));
    auto spoiled = envelopes;
    spoiled[2].back() ^= 1;
    Line other(scene);
    other.greet(2).open({}, false);
    other.expect<Opened>();
    other.push_of(pen, 1, spoiled);
    CHECK(other.expect<PushRefused>().code == Code::corrupt);
    CHECK(scene.host->figures.signatures == 5);
    Line line(scene);
    line.greet(1).open({}, false);
    line.expect<Opened>();
    line.push(1, envelopes);
    line.expect<Stored>();
    CHECK(scene.host->figures.signatures == 6);
}

TEST_CASE("every signature is checked where the operator wants it", "[sync]") {
    RelayOptions options;
    options.every_signature = true;
    Scene scene(2, options);
    auto pen = scene.pen(1);
    std::vector<Bytes> envelopes{pen.write(scene.env), pen.write(scene.env)};
    envelopes[0].back() ^= 1;
    Line line(scene);
    line.greet(1).open({}, false);
    line.expect<Opened>();
    line.push(1, envelopes);
    CHECK(line.expect<PushRefused>().code == Code::corrupt);
}

TEST_CASE("an envelope altered anywhere is refused", "[sync]") {
    RelayOptions options;
    options.false_signatures_max = 1000;
    Scene scene(2, options);
    auto pen = scene.pen(1);
    const auto good = pen.write(scene.env);
    Line line(scene);
    line.greet(1).open({}, false);
    line.expect<Opened>();
    for (std::size_t byte = 0; byte < good.size(); ++byte) {
        auto bad = good;
        bad[byte] ^= 0x10;
        CAPTURE(byte);
        line.push(1, {bad});
        line.expect<PushRefused>();
    }
    line.push(1, {good});
    line.expect<Stored>();
    CHECK(logged(scene) == 1);
}

TEST_CASE("an envelope's key epoch must be in the log, and never goes back", "[sync]") {
    Scene scene;
    auto pen = scene.pen(0);
    const auto rotated = crypto::rotate(scene.author(), scene.space);
    REQUIRE(rotated);
    scene.add_entry(*rotated);
    Line line(scene);
    line.greet(0).open({}, false);
    line.expect<Opened>();
    const auto refused = [&](std::uint32_t epoch) {
        auto copy = pen.copy();
        line.push(pen.last + 1, {copy.write(scene.env, 1, "x", epoch)});
        CHECK(line.expect<PushRefused>().code == Code::denied);
    };
    refused(3);
    line.push(1, {pen.write(scene.env, 1, "x", 1)});  // late, but sealed before it knew
    line.expect<Stored>();
    line.push(2, {pen.write(scene.env, 1, "x", 2)});
    line.expect<Stored>();
    refused(1);
    scene.restart();
    Line again(scene);
    again.greet(0).open({}, false);
    again.expect<Opened>();
    auto copy = pen.copy();
    again.push(3, {copy.write(scene.env, 1, "x", 1)});
    CHECK(again.await<PushRefused>().code == Code::denied);
}

TEST_CASE("who may not write is refused, and who may read may bring what others wrote", "[sync]") {
    Scene scene(3);
    scene.add_reader();
    auto writer = scene.pen(1);
    auto reader = scene.pen(3);
    Line line(scene);
    line.greet(3).open({}, false);
    line.expect<Opened>();
    line.push(1, {reader.write(scene.env)});
    CHECK(line.expect<PushRefused>().code == Code::denied);
    line.push_of(writer, 1, {writer.write(scene.env)});
    const auto stored = line.expect<Stored>();
    CHECK(stored.device == writer.device);
    const auto stranger = DeviceId::from(Bytes(16, 3));
    auto nobody = scene.pen(2);
    nobody.device = stranger;
    line.push_of(nobody, 1, {nobody.write(scene.env)});
    CHECK(line.expect<PushRefused>().code == Code::denied);
}

TEST_CASE("a former member's late work is kept like any other, as far as there is room", "[sync]") {
    RelayOptions options;
    auto room = GENERATE(true, false);
    if (!room) options.late_bytes_max = 100;
    Scene scene(3, options);
    auto pen = scene.pen(1);
    std::vector<Bytes> envelopes{pen.write(scene.env), pen.write(scene.env)};
    const auto chain = pen.chain;
    envelopes.push_back(pen.write(scene.env));
    crypto::RevokeDeviceOp revoke{.device = pen.device, .reason = 1, .cutoffs = {}};
    revoke.cutoffs.push_back({.space = scene.space,
                              .actor = crypto::actor_id(pen.space, pen.device, pen.incarnation),
                              .counter = 2,
                              .chain = chain});
    const auto entry = crypto::make_entry(scene.author(), {revoke});
    CAPTURE(entry ? "" : entry.error().message);
    REQUIRE(entry);
    scene.add_entry(*entry);
    Line line(scene);
    line.greet(2).open({}, false);
    line.expect<Opened>();
    line.push_of(pen, 1, {envelopes[0], envelopes[1]});
    CHECK(line.expect<Stored>().last == 2);
    line.push_of(pen, 3, {envelopes[2]});
    if (room) {
        CHECK(line.expect<Stored>().last == 3);
    } else {
        CHECK(line.expect<PushRefused>().code == Code::no_space);
    }
    CHECK(logged(scene) == (room ? 3U : 2U));
}

TEST_CASE("a former member cannot rewrite what led to its end", "[sync]") {
    Scene scene(3);
    auto pen = scene.pen(1);
    auto other = pen.copy();
    auto longer = pen.copy();
    const auto actor = crypto::actor_id(pen.space, pen.device, pen.incarnation);
    const auto agreed = pen.write(scene.env);
    const crypto::Cutoff cutoff{
        .space = scene.space, .actor = actor, .counter = 1, .chain = pen.chain};
    const auto entry = crypto::revoke_device(scene.author(), scene.devices[1], {cutoff});
    REQUIRE(entry);
    scene.add_entry(*entry);
    Line line(scene);
    line.greet(2).open({}, false);
    line.expect<Opened>();
    line.push_of(pen, 1, {other.write(scene.env, 1, "other")});
    CHECK(line.expect<PushRefused>().code == Code::denied);
    line.push_of(pen, 1, {longer.write(scene.env, 1, "other"), longer.write(scene.env)});
    CHECK(line.expect<PushRefused>().code == Code::denied);
    line.push_of(pen, 1, {agreed});
    CHECK(line.expect<Stored>().last == 1);
}

TEST_CASE("a push for a space that is not open gets its answer", "[sync]") {
    Scene scene;
    auto pen = scene.pen(1);
    Line line(scene);
    line.greet(1);
    Open elsewhere{};
    elsewhere.space = SpaceId::from(Bytes(16, 1));
    line.say(elsewhere);
    CHECK(line.expect<OpenRefused>().code == Code::denied);
    line.push(1, {pen.write(scene.env)});
    CHECK(line.expect<PushRefused>().code == Code::denied);
    CHECK_FALSE(line.closed());
    line.say(Push{
        .channel = 1,
        .runs = {
            {.device = {}, .incarnation = {}, .first = 1, .envelopes = {pen.write(scene.env)}}}});
    CHECK(line.expect<Bye>().code == Code::invalid);
    CHECK(line.closed() == Code::invalid);
}
