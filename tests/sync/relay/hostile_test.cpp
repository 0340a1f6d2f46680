// SPDX-License-Identifier: Apache-2.0
#include "tests/sync/relay/scene.hpp"

#include <functional>

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

/// The conversation of a whole day, step by step, to be disturbed at every one.
std::vector<Message> conversation(Scene& scene, Pen& pen) {
    std::vector<Message> steps;
    Open open{};
    open.space = scene.space;
    open.own = pen.incarnation;
    open.follow = true;
    steps.emplace_back(GetEntries{.from = 0});
    steps.emplace_back(open);
    for (int i = 0; i < 3; ++i) {
        const auto first = pen.last + 1;
        steps.emplace_back(
            Push{.channel = 0,
                 .runs = {{.device = {},
                           .incarnation = {},
                           .first = first,
                           .envelopes = {pen.write(scene.env), pen.write(scene.env)}}}});
    }
    steps.emplace_back(Credit{.bytes = 1000});
    steps.emplace_back(Vector{.channel = 0, .heads = {}, .more = false});
    steps.emplace_back(Ping{.token = 1});
    return steps;
}

std::size_t logged(const Scene& scene) {
    const auto found = scene.store.spaces.find({scene.membership->org(), scene.space});
    return found == scene.store.spaces.end() ? 0 : found->second.log.size();
}

/// The relay still serves everybody else.
void check_alive(Scene& scene) {
    scene.host->release();
    auto pen = scene.pen(2, 77);
    const auto before = logged(scene);
    Line line(scene);
    line.greet(2).open({}, false, 77);
    CHECK(line.expect<Opened>().known);
    line.push(1, {pen.write(scene.env)});
    CHECK(line.await<Stored>().last == 1);
    CHECK(logged(scene) == before + 1);
    line.hang_up();
}

}  // namespace

TEST_CASE("a connection may end at any step, with any request still out", "[sync]") {
    using Kind = MemoryRelayHost::Kind;
    for (const auto kind : {Kind::org,
                            Kind::space,
                            Kind::verify,
                            Kind::append,
                            Kind::page,
                            Kind::chain,
                            Kind::head,
                            Kind::entry}) {
        for (std::size_t cut = 0; cut <= 8; ++cut) {
            CAPTURE(static_cast<int>(kind), cut);
            Scene scene(3);
            auto pen = scene.pen(1);
            const auto steps = conversation(scene, pen);
            {
                auto other = scene.pen(2);
                Line filler(scene);
                filler.greet(2).open({}, false);
                filler.push(1, {other.write(scene.env), other.write(scene.env)});
                filler.hang_up();
            }
            if (cut % 2 == 0) scene.restart();
            Line line(scene);
            if (kind != Kind::org) line.greet(1);
            scene.host->hold(kind);
            if (kind == Kind::org) {
                crypto::ProofClaim claim;
                claim.id = crypto::signer(scene.devices[1]);
                line.prove(scene.membership->org(), claim, scene.keys[1].sign());
                line.say(steps[0]);
            } else {
                for (std::size_t i = 0; i < cut; ++i)
                    line.say(steps[i]);
            }
            line.hang_up();
            scene.host->settle();
            check_alive(scene);
            CHECK(scene.relay->figures().sessions == 0);
        }
    }
}

TEST_CASE("garbage at any step ends that connection and no other", "[sync]") {
    for (std::size_t step = 0; step <= 8; ++step) {
        for (const auto size : {0, 1, 17, 200, 5000}) {
            CAPTURE(step, size);
            Scene scene(3);
            auto pen = scene.pen(1);
            const auto steps = conversation(scene, pen);
            Line line(scene);
            line.greet(1);
            for (std::size_t i = 0; i < step; ++i)
                line.say(steps[i]);
            Bytes garbage(static_cast<std::size_t>(size));
            scene.env.random(garbage);
            line.say_raw(garbage);
            CHECK(line.closed() == Code::wrong_key);
            check_alive(scene);
        }
    }
}

TEST_CASE("garbage in the handshake ends the connection", "[sync]") {
    Scene scene(3);
    for (const auto size : {0, 1, 101, 102, 103, 169, 512, 5000}) {
        CAPTURE(size);
        Bytes garbage(static_cast<std::size_t>(size));
        scene.env.random(garbage);
        Line line(scene);
        line.say_raw(garbage);
        CHECK(line.closed());
        Line later(scene);
        crypto::ClientHandshake handshake(scene.membership->org(), scene.env);
        later.say_raw(handshake.hello());
        later.say_raw(garbage);
        CHECK(later.closed());
    }
    check_alive(scene);
}

TEST_CASE("any bit changed on the way is noticed", "[sync]") {
    Scene scene(3);
    auto pen = scene.pen(1);
    const auto steps = conversation(scene, pen);
    for (std::size_t step = 0; step < steps.size(); ++step) {
        Line line(scene);
        line.greet(1);
        for (std::size_t i = 0; i < step; ++i)
            line.say(steps[i]);
        auto frame = line.seal(steps[step]);
        frame[step * 7 % frame.size()] ^= 4;
        line.say_raw(frame);
        CHECK(line.closed() == Code::wrong_key);
    }
}

TEST_CASE("every message may come twice, and a frame that is replayed ends the connection", "[sync]") {
    Scene scene(3);
    auto pen = scene.pen(1);
    const auto steps = conversation(scene, pen);
    Line line(scene);
    line.greet(1);
    for (const auto& step : steps)
        line.say(step).say(step);
    CHECK_FALSE(line.closed());
    CHECK(logged(scene) == 6);
    const auto frame = line.seal(Ping{});
    line.say_raw(frame);
    CHECK_FALSE(line.closed());
    line.say_raw(frame);
    CHECK(line.closed() == Code::wrong_key);
    check_alive(scene);
}

TEST_CASE("what only a relay says is not taken from a device", "[sync]") {
    Scene scene(3);
    const std::vector<Message> wrong{Welcome{},
                                     Entries{},
                                     EntryAnswer{},
                                     EntryNews{},
                                     Opened{},
                                     OpenRefused{},
                                     Deliver{},
                                     Stored{},
                                     Need{},
                                     PushRefused{},
                                     Want{}};
    for (const auto& message : wrong) {
        Line line(scene);
        line.greet(1).say(message);
        CHECK(line.expect<Bye>().code == Code::invalid);
        CHECK(line.closed() == Code::invalid);
    }
}

TEST_CASE("a message of an unknown type or with bytes too many is answered with a word", "[sync]") {
    Scene scene(3);
    crypto::ClientHandshake handshake(scene.membership->org(), scene.env);
    const auto session = scene.relay->connected(scene.now);
    const auto hear = [&] {
        scene.host->settle();
        return scene.host->take_frames(session);
    };
    scene.relay->receive(session, handshake.hello(), scene.now);
    crypto::ProofClaim claim;
    claim.id = crypto::signer(scene.devices[1]);
    const auto proof =
        handshake.receive_answer(hear().front(), scene.server.key(), claim, scene.keys[1].sign());
    REQUIRE(proof);
    auto channel = handshake.take_channel();
    scene.relay->receive(session, *proof, scene.now);
    REQUIRE(channel.open(hear().front()));
    scene.relay->receive(session, channel.seal(Bytes{99, 1, 2}), scene.now);
    const auto plain = channel.open(hear().front());
    REQUIRE(plain);
    const auto bye = decode(*plain);
    REQUIRE(bye);
    CHECK(std::get<Bye>(*bye).code == Code::unsupported);
    CHECK(scene.host->closed(session) == Code::unsupported);
}

TEST_CASE("a frame over the limit is refused before it is opened", "[sync]") {
    Scene scene(3);
    Line line(scene);
    line.greet(1);
    line.say_raw(Bytes(limits::frame_max, 1));
    CHECK(line.closed() == Code::wrong_key);
    Line over(scene);
    over.greet(1);
    over.say_raw(Bytes(limits::frame_max + 1, 1));
    CHECK(over.closed() == Code::too_large);
}

TEST_CASE("answers to requests that nobody made, or twice, harm nothing", "[sync]") {
    Scene scene(3);
    Line line(scene);
    line.greet(1).open();
    for (Ticket ticket = 0; ticket < 20; ++ticket) {
        scene.relay->org_loaded(ticket, std::vector<Bytes>{});
        scene.relay->entry_appended(ticket, {});
        scene.relay->space_loaded(ticket, LoadedSpace{});
        scene.relay->appended(ticket, {});
        scene.relay->caught_up(ticket, LogPage{});
        scene.relay->chain_fetched(ticket, ChainPage{});
        scene.relay->head_found(ticket, Digest{});
        scene.relay->verified(ticket, {});
    }
    check_alive(scene);
}
