// SPDX-License-Identifier: Apache-2.0
#include "sync/device/device_session.hpp"

#include <catch2/catch.hpp>

#include "tests/sync/device/scene.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

/// One pass over both spaces with nothing in them, up to the barrier.
void pass_empty(Scene& scene, DeviceSession& session, FakeSyncable& replica) {
    scene.open_all(session, replica);
    for (Channel i = 0; i < 2; ++i) {
        scene.relay.say(session, scene.log.opened(scene.open_of(i), i));
    }
}

std::string failure_of(const DeviceSession& session) {
    return session.progress().failure ? session.progress().failure->message : "";
}

}  // namespace

TEST_CASE("a device proves itself with its log and pins the relay it meets first", "[sync]") {
    Scene scene;
    DeviceSession session(scene.tablet, one_pass(), scene.tablet.env, scene.relay.now);
    scene.relay.shake(session);
    const auto& claim = scene.relay.proof->claim;
    REQUIRE(claim.kind == crypto::ProofKind::device);
    REQUIRE(claim.id == crypto::signer(scene.tablet.device()));
    REQUIRE(claim.log_length == scene.tablet.membership().length());
    REQUIRE(claim.log_head == scene.tablet.membership().head());
    REQUIRE(crypto::verify_proof(*scene.relay.proof, scene.tablet.device_key().sign().key()));
    REQUIRE_FALSE(scene.tablet.relay_key());
    REQUIRE_FALSE(session.was_welcomed());

    scene.relay.say(session, scene.welcome(scene.tablet));
    REQUIRE(session.was_welcomed());
    REQUIRE(scene.tablet.relay_key() == scene.relay.key());
    REQUIRE(scene.tablet.heard == 1'700'000'000'000);
}

TEST_CASE("a founder brings its organisation under its own key", "[sync]") {
    FakeSyncable founder(5);
    founder.found();
    ScriptRelay relay;
    DeviceSession session(founder, one_pass(), founder.env, relay.now);
    relay.shake(session);
    REQUIRE(relay.proof->claim.kind == crypto::ProofKind::founder);
    REQUIRE(relay.proof->claim.sign_key == founder.device_key().sign().key());
    relay.say(session, Welcome{.time = 1, .log_length = 0, .log_head = {}, .push_window = 1});
    REQUIRE(relay.expect<PutEntry>().entry == founder.log().front());
    relay.expect_silence();
    relay.say(session, EntryAnswer{.accepted = true,
                                   .code = {},
                                   .message = {},
                                   .log_length = 1,
                                   .log_head = founder.membership().head()});
    REQUIRE(founder.confirmed_entries() == 1);
    REQUIRE(relay.expect<Open>().space == founder.membership().directory());
}

TEST_CASE("another relay than the pinned one is refused before anything is said", "[sync]") {
    Scene scene;
    FakeEnv other(77);
    REQUIRE(scene.tablet.pin_relay_key(crypto::SignSecret::generate(other).key()));
    DeviceSession session(scene.tablet, one_pass(), scene.tablet.env, 0);
    crypto::SignSecret secret = crypto::SignSecret::generate(scene.centre.env);
    crypto::ServerHandshake handshake(secret, scene.centre.env);
    auto hello = std::get<DeviceSend>(*session.next_action()).frame;
    session.receive(*handshake.receive_hello(hello), 1);
    auto action = session.next_action();
    REQUIRE(action);
    REQUIRE(std::get<DeviceClose>(*action).code == Code::denied);
    REQUIRE_FALSE(session.next_action());
}

TEST_CASE("one pass over nothing ends once the relay has said all it had", "[sync]") {
    Scene scene;
    DeviceSession session(scene.tablet, one_pass(), scene.tablet.env, 0);
    pass_empty(scene, session, scene.tablet);
    const auto ping = scene.relay.expect<Ping>();
    scene.relay.expect_silence();
    REQUIRE_FALSE(session.done());
    REQUIRE_FALSE(session.progress().complete);

    scene.relay.say(session, Pong{ping.token + 1});
    REQUIRE_FALSE(session.done());
    scene.relay.say(session, Pong{ping.token});
    REQUIRE(session.done());
    REQUIRE(session.progress().complete);
    REQUIRE(scene.relay.closed);
    REQUIRE_FALSE(scene.relay.closed->code);
}

TEST_CASE("what comes before the last Pong still belongs to the pass", "[sync]") {
    Scene scene;
    scene.log.append(scene.centre, scene.space);
    DeviceSession session(scene.tablet, one_pass(), scene.tablet.env, 0);
    const auto channel = scene.open_all(session, scene.tablet);
    scene.relay.say(session, scene.log.opened(scene.open_of(channel), channel));
    const auto other = static_cast<Channel>(1 - channel);
    scene.relay.say(session, scene.directory_log.opened(scene.open_of(other), other));
    auto ping = scene.relay.expect<Ping>();

    // An entry came in meanwhile: it is fetched, and only then is the pass over.
    scene.centre.let_in(scene.tablet.device(), scene.directory);
    scene.relay.say(session, EntryNews{scene.centre.membership().length(),
                                       scene.centre.membership().head()});
    scene.relay.say(session, Pong{ping.token});
    REQUIRE_FALSE(session.done());
    const auto get = scene.relay.expect<GetEntries>();
    scene.relay.say(session, Entries{get.from, {scene.centre.log().back()}, false});
    ping = scene.relay.expect<Ping>();
    scene.relay.say(session, Pong{ping.token});
    REQUIRE(session.done());
    REQUIRE(scene.tablet.membership().length() == scene.centre.membership().length());
}

TEST_CASE("a live session stays, pings after half a minute and gives up after a minute and a half",
          "[sync]") {
    Scene scene;
    DeviceSession session(scene.tablet, SessionOptions(), scene.tablet.env, scene.relay.now);
    pass_empty(scene, session, scene.tablet);
    scene.relay.expect_silence();
    REQUIRE(session.progress().complete);
    REQUIRE_FALSE(session.done());

    const auto start = scene.relay.now;
    REQUIRE(session.deadline() == start + 30'000);
    session.tick(start + 29'999);
    scene.relay.listen(session);
    scene.relay.expect_silence();
    session.tick(start + 30'000);
    scene.relay.listen(session);
    const auto ping = scene.relay.expect<Ping>();
    REQUIRE(session.deadline() == start + 60'000);

    scene.relay.now = start + 31'000;
    scene.relay.say(session, Pong{ping.token});
    REQUIRE(session.deadline() == start + 61'000);
    session.tick(start + 61'000);
    session.tick(start + 91'000);
    session.tick(start + 120'999);
    scene.relay.listen(session);
    REQUIRE_FALSE(scene.relay.closed);
    session.tick(start + 121'000);
    scene.relay.listen(session);
    REQUIRE(scene.relay.closed);
    REQUIRE(scene.relay.closed->code == Code::timeout);
    REQUIRE(session.progress().failure->code == Code::timeout);
    REQUIRE_FALSE(session.progress().complete);
}

TEST_CASE("bytes of an unfinished frame keep a slow line alive", "[sync]") {
    Scene scene;
    DeviceSession session(scene.tablet, SessionOptions(), scene.tablet.env, 0);
    pass_empty(scene, session, scene.tablet);
    session.heard(60'000);
    session.tick(100'000);
    scene.relay.listen(session);
    REQUIRE_FALSE(scene.relay.closed);
    session.tick(150'000);
    scene.relay.listen(session);
    REQUIRE(scene.relay.closed->code == Code::timeout);
}

TEST_CASE("a relay that never lets the device in is given up", "[sync]") {
    Scene scene;
    DeviceSession session(scene.tablet, SessionOptions(), scene.tablet.env, 500);
    SECTION("silent from the start") {}
    SECTION("silent after the proof") { scene.relay.shake(session); }
    REQUIRE(session.deadline() == 30'500);
    session.tick(30'499);
    REQUIRE_FALSE(session.progress().failure);
    session.tick(30'500);
    REQUIRE(session.progress().failure->code == Code::timeout);
}

TEST_CASE("a relay that says Pong but never answers is given up", "[sync]") {
    Scene scene;
    DeviceSession session(scene.tablet, SessionOptions(), scene.tablet.env, scene.relay.now);
    scene.open_all(session, scene.tablet);
    const auto start = scene.relay.now;
    while (!scene.relay.closed && scene.relay.now < start + 400'000) {
        scene.relay.now = session.deadline();
        session.tick(scene.relay.now);
        scene.relay.listen(session);
        if (scene.relay.closed) break;
        scene.relay.say(session, Pong{scene.relay.expect<Ping>().token});
    }
    REQUIRE(scene.relay.closed);
    REQUIRE(scene.relay.now == start + 300'000);
    REQUIRE(scene.relay.closed->code == Code::timeout);
}

TEST_CASE("the time for an answer runs from the question, not from the last answer", "[sync]") {
    Scene scene;
    DeviceSession session(scene.tablet, SessionOptions(), scene.tablet.env, scene.relay.now);
    pass_empty(scene, session, scene.tablet);
    const auto until = scene.relay.now + 400'000;
    while (scene.relay.now < until) {
        scene.relay.now = session.deadline();
        session.tick(scene.relay.now);
        scene.relay.listen(session);
        scene.relay.say(session, Pong{scene.relay.expect<Ping>().token});
    }
    scene.tablet.write(scene.space, "after a long silence");
    session.outbox_changed(scene.relay.now);
    session.tick(scene.relay.now + 1);
    scene.relay.listen(session);
    scene.relay.expect<Push>();
    REQUIRE_FALSE(scene.relay.closed);
}

TEST_CASE("a relay's Bye ends the session with the relay's words and no answer", "[sync]") {
    Scene scene;
    DeviceSession session(scene.tablet, SessionOptions(), scene.tablet.env, 0);
    SECTION("instead of a welcome") { scene.relay.shake(session); }
    SECTION("in the middle") { scene.open_all(session, scene.tablet); }
    scene.relay.say(session, Bye{Code::busy, "come back at noon"});
    scene.relay.expect_silence();
    REQUIRE(scene.relay.closed->code == Code::busy);
    REQUIRE(failure_of(session) == "come back at noon");
}

TEST_CASE("a Ping of the relay is answered", "[sync]") {
    Scene scene;
    DeviceSession session(scene.tablet, SessionOptions(), scene.tablet.env, 0);
    pass_empty(scene, session, scene.tablet);
    scene.relay.say(session, Ping{99});
    REQUIRE(scene.relay.expect<Pong>().token == 99);
}

TEST_CASE("what only a device says, or nobody could say now, ends the session", "[sync]") {
    Scene scene;
    DeviceSession session(scene.tablet, SessionOptions(), scene.tablet.env, 0);
    pass_empty(scene, session, scene.tablet);
    Opened opened;
    opened.channel = GENERATE(Channel{0}, Channel{9});
    Stored stored;
    stored.channel = 2;
    EntryAnswer answer;
    answer.accepted = true;
    const std::vector<Message> wrong = {
        GetEntries{0}, PutEntry{{1}}, Open{}, Credit{1}, Vector{}, Welcome{},
        opened,        stored,        answer, OpenRefused{}, Entries{3, {{1}}, false}};
    const auto& message = wrong[GENERATE(range(0U, 11U))];
    scene.relay.say(session, message);
    const auto bye = scene.relay.expect<Bye>();
    REQUIRE(bye.code == Code::invalid);
    REQUIRE(scene.relay.closed->code == Code::invalid);
}

TEST_CASE("garbage at any step ends the session and changes nothing", "[sync]") {
    const auto step = GENERATE(0, 1, 2, 3);
    Scene scene;
    const auto before = scene.tablet.confirmed_entries();
    DeviceSession session(scene.tablet, one_pass(), scene.tablet.env, 0);
    if (step == 1) scene.relay.shake(session);
    if (step == 2) scene.open_all(session, scene.tablet);
    if (step == 3) pass_empty(scene, session, scene.tablet);
    Bytes garbage(GENERATE(0U, 1U, 64U, 168U, 4000U));
    scene.centre.env.random(garbage);
    session.receive(garbage, 1);
    REQUIRE(session.progress().failure);
    std::optional<DeviceClose> closed;
    while (auto action = session.next_action()) {
        REQUIRE_FALSE(closed);
        if (auto* close = std::get_if<DeviceClose>(&*action)) closed = *close;
    }
    REQUIRE(closed);
    REQUIRE(closed->code == session.progress().failure->code);
    session.receive(garbage, 2);
    session.tick(1'000'000);
    REQUIRE_FALSE(session.next_action());
    REQUIRE(scene.tablet.confirmed_entries() == before);
    REQUIRE(scene.tablet.applied == 0);
}
