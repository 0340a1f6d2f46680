// SPDX-License-Identifier: Apache-2.0
#include "sync/relay/org_log.hpp"
#include "tests/sync/relay/scene.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

crypto::ProofClaim device_claim(const Scene& scene, std::size_t index) {
    crypto::ProofClaim claim;
    claim.id = crypto::signer(scene.devices[index]);
    return claim;
}

}  // namespace

TEST_CASE("a member is welcomed with the log's length, its head and a window", "[sync]") {
    Scene scene;
    Line line(scene);
    line.prove(scene.membership->org(), device_claim(scene, 1), scene.keys[1].sign());
    const auto welcome = line.expect<Welcome>();
    CHECK(welcome.time == scene.now);
    CHECK(welcome.log_length == scene.membership->length());
    CHECK(welcome.log_head == scene.membership->head());
    CHECK(welcome.push_window == limits::push_window);
    line.silence();
    CHECK(scene.relay->figures().sessions == 1);
}

TEST_CASE("strangers of every kind hear the same words", "[sync]") {
    Scene scene;
    const auto org = scene.membership->org();
    const auto key = crypto::DeviceKey::generate(scene.env);
    crypto::ProofClaim unknown;
    unknown.id = crypto::signer(key.id(org));
    auto invite = unknown;
    invite.kind = crypto::ProofKind::invite;

    std::vector<std::string> words;
    const auto refused = [&](const OrgId& at, const crypto::ProofClaim& claim) {
        Line line(scene);
        line.prove(at, claim, key.sign());
        const auto bye = line.expect<Bye>();
        CHECK(bye.code == Code::denied);
        CHECK(line.closed() == Code::denied);
        words.push_back(bye.message);
    };
    refused(org, unknown);
    refused(OrgId::from(Bytes(32, 9)), unknown);
    refused({}, unknown);
    refused(org, invite);
    refused(org, device_claim(scene, 1));  // a member's name without its key
    for (const auto& word : words)
        CHECK(word == words[0]);
    CHECK(scene.relay->figures().sessions == 0);
}

TEST_CASE("an organisation that nobody uses is forgotten, one that is unknown at once", "[sync]") {
    Scene scene;
    Line line(scene);
    line.greet(0);
    CHECK(scene.relay->figures().orgs == 1);
    scene.relay->tick(scene.now += 1'000'000);
    CHECK(scene.relay->figures().orgs == 1);
    line.hang_up();
    scene.relay->tick(scene.now + scene.options.forget_ms - 1);
    CHECK(scene.relay->figures().orgs == 1);
    CHECK(scene.relay->deadline() <= scene.now + scene.options.forget_ms);
    scene.relay->tick(scene.now + scene.options.forget_ms);
    CHECK(scene.relay->figures().orgs == 0);

    Line stranger(scene);
    stranger.prove(OrgId::from(Bytes(32, 9)), device_claim(scene, 1), scene.keys[1].sign());
    scene.relay->tick(scene.now);
    CHECK(scene.relay->figures().orgs == 0);
}

TEST_CASE("a proof must come within ten seconds", "[sync]") {
    Scene scene;
    Line silent(scene);
    Line member(scene);
    member.greet(0);
    CHECK(scene.relay->deadline() == scene.now + 10'000);
    scene.relay->tick(scene.now + 9'999);
    scene.host->settle();
    CHECK_FALSE(silent.closed());
    scene.relay->tick(scene.now + 10'000);
    scene.host->settle();
    CHECK(silent.closed() == Code::timeout);
    CHECK_FALSE(member.closed());
}

TEST_CASE("a stranger gets 512 bytes and no more", "[sync]") {
    Scene scene;
    Line within(scene);
    within.say_raw(Bytes(512, 1));
    CHECK(within.closed() == Code::corrupt);
    Line over(scene);
    over.say_raw(Bytes(513, 1));
    CHECK(over.closed() == Code::too_large);

    // While its proof waits for the store, what it says ahead counts too.
    scene.host->hold(MemoryRelayHost::Kind::org);
    Line eager(scene);
    eager.prove(scene.membership->org(), device_claim(scene, 1), scene.keys[1].sign());
    const auto left = 512 - crypto::handshake_hello_size - crypto::handshake_proof_size;
    eager.say_raw(Bytes(left, 1));
    CHECK_FALSE(eager.closed());
    eager.say_raw(Bytes(1, 1));
    CHECK(eager.closed() == Code::too_large);
}

TEST_CASE("what is said before the proof was judged is answered after it", "[sync]") {
    Scene scene;
    scene.host->hold(MemoryRelayHost::Kind::org);
    Line line(scene);
    line.prove(scene.membership->org(), device_claim(scene, 1), scene.keys[1].sign());
    line.open();
    line.silence();
    scene.host->release();
    line.expect<Welcome>();
    CHECK(line.expect<Opened>().known);
}

TEST_CASE("a proof whose session is gone before the log is loaded harms nothing", "[sync]") {
    Scene scene;
    scene.host->hold(MemoryRelayHost::Kind::org);
    Line gone(scene);
    gone.prove(scene.membership->org(), device_claim(scene, 1), scene.keys[1].sign());
    gone.hang_up();
    scene.host->release();
    CHECK(scene.relay->figures().sessions == 0);
    Line(scene).greet(1);
}

TEST_CASE("a damaged membership log lets nobody in, and is told to the operator", "[sync]") {
    Scene scene;
    scene.store.orgs[scene.membership->org()][1][200] ^= 1;
    Line line(scene);
    line.prove(scene.membership->org(), device_claim(scene, 1), scene.keys[1].sign());
    CHECK(line.expect<Bye>().code == Code::corrupt);
    CHECK(scene.env.events().back().name == "org_broken");
}

TEST_CASE("a withdrawn invite and an old one are refused with what to do", "[sync]") {
    Scene scene;
    crypto::InviteOrder order;
    order.expiry = scene.now + 3'600'000;
    const auto invited = crypto::invite_create(scene.author(), order);
    REQUIRE(invited);
    scene.add_entry(invited->entry);
    const auto keys = crypto::invite_keys(invited->invite);
    crypto::ProofClaim claim;
    claim.kind = crypto::ProofKind::invite;
    claim.id = crypto::signer(keys.id);
    const auto org = scene.membership->org();

    Line line(scene);
    line.prove(org, claim, keys.sign);
    line.expect<Welcome>();

    scene.now = order.expiry + 1;
    Line late(scene);
    late.prove(org, claim, keys.sign);
    CHECK(late.expect<Bye>().message == "this invite expired on 2026-05-28: ask for a new one");

    scene.now = order.expiry;
    const auto revoked = crypto::invite_revoke(scene.author(), keys.id);
    REQUIRE(revoked);
    scene.add_entry(*revoked);
    scene.restart();
    Line withdrawn(scene);
    withdrawn.prove(org, claim, keys.sign);
    const auto bye = withdrawn.expect<Bye>();
    CHECK(bye.code == Code::denied);
    CHECK(bye.message == "this invite was withdrawn: ask for a new one");
}

TEST_CASE("a used invite still reads, for the join whose answer was lost, and adds nobody", "[sync]") {
    Scene scene;
    crypto::InviteOrder order;
    order.expiry = scene.now + 3'600'000;
    const auto invited = crypto::invite_create(scene.author(), order);
    REQUIRE(invited);
    scene.add_entry(invited->entry);
    const auto device = crypto::DeviceKey::generate(scene.env);
    const auto joined = crypto::join(*scene.membership, invited->invite, device, {"tablet"},
                                     scene.now, scene.env);
    REQUIRE(joined);
    const auto stranger = crypto::DeviceKey::generate(scene.env);
    const auto second = crypto::join(*scene.membership, invited->invite, stranger, {"another"},
                                     scene.now, scene.env);
    REQUIRE(second);
    scene.add_entry(*joined);
    scene.restart();

    const auto keys = crypto::invite_keys(invited->invite);
    crypto::ProofClaim claim;
    claim.kind = crypto::ProofKind::invite;
    claim.id = crypto::signer(keys.id);
    Line line(scene);
    line.prove(scene.membership->org(), claim, keys.sign);
    CHECK(line.expect<Welcome>().log_length == scene.membership->length());
    line.say(GetEntries{.from = 0});
    CHECK(line.expect<Entries>().entries.back() == *joined);
    line.say(PutEntry{.entry = *second});
    CHECK_FALSE(line.expect<EntryAnswer>().accepted);
}

TEST_CASE("the date of an invite is right around leap days and years", "[sync]") {
    const auto date = [](Time time) { return invite_expired(time).message.substr(23, 10); };
    CHECK(date(0) == "1970-01-01");
    CHECK(date(951'782'400'000) == "2000-02-29");
    CHECK(date(951'782'400'000 + 86'400'000) == "2000-03-01");
    CHECK(date(1'709'164'799'999) == "2024-02-28");
    CHECK(date(1'709'164'800'000) == "2024-02-29");
    CHECK(date(1'767'225'599'999) == "2025-12-31");
    CHECK(date(1'767'225'600'000) == "2026-01-01");
}

TEST_CASE("pings are answered, and not before an open space is", "[sync]") {
    Scene scene;
    Line line(scene);
    line.greet(1).say(Ping{.token = 5});
    CHECK(line.expect<Pong>().token == 5);
    scene.host->hold(MemoryRelayHost::Kind::space);
    line.open().say(Ping{.token = 6});
    line.silence();
    scene.host->release();
    line.expect<Opened>();
    CHECK(line.expect<Pong>().token == 6);
    line.say(Bye{.code = Code::offline, .message = {}});
    CHECK(line.closed() == Code::offline);
}

TEST_CASE("a relay that shuts down says so to everybody", "[sync]") {
    Scene scene;
    Line line(scene);
    line.greet(1);
    scene.relay->shut_down();
    scene.host->settle();
    CHECK(line.expect<Bye>().code == Code::offline);
    CHECK(line.closed() == Code::offline);
    CHECK(scene.relay->figures().sessions == 0);
}
