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

void remove_device(Scene& scene, std::size_t index) {
    const auto entry = crypto::revoke_device(scene.author(), scene.devices[index], {});
    REQUIRE(entry);
    scene.add_entry(*entry);
}

void end_grant(Scene& scene, std::size_t index) {
    const auto entry =
        crypto::revoke_grant(scene.author(), scene.devices[index], scene.space, {});
    REQUIRE(entry);
    scene.add_entry(*entry);
}

/// Somebody else adds two envelopes of a chain of their own to the log.
void fill(Scene& scene) {
    auto pen = scene.pen(2, static_cast<std::uint8_t>(100 + logged(scene)));
    Line line(scene);
    line.greet(2).open({}, false, pen.incarnation.bytes[0]);
    line.expect<Opened>();
    line.push(1, {pen.write(scene.env), pen.write(scene.env)});
    line.await<Stored>();
    line.hang_up();
}

/// Opens, hands in one envelope, and learns nothing else.
void check_push_only(Scene& scene, Line& line, Pen& pen) {
    line.open({}, true);
    const auto opened = line.expect<Opened>();
    CHECK(opened.known);
    CHECK(opened.position == 0);
    CHECK(opened.incarnation.is_zero());
    CHECK(opened.own_last == pen.last);
    const auto before = logged(scene);
    const auto first = pen.last + 1;
    line.push(first, {pen.write(scene.env)});
    const auto stored = line.expect<Stored>();
    CHECK(stored.last == first);
    CHECK(stored.position == 0);
    CHECK(logged(scene) == before + 1);
    auto other = scene.pen(2, 9);
    line.push_of(other, 1, {other.write(scene.env)});
    CHECK(line.expect<PushRefused>().code == Code::denied);
    line.say(GetReceipt{0}).say(Credit{1'000'000});
    fill(scene);
    line.silence();
    line.say(Ping{7});
    CHECK(line.expect<Pong>().token == 7);
    line.say(Vector{.channel = 0, .heads = {}, .more = false});
    CHECK(line.expect<Bye>().code == Code::denied);
}

struct Courier {
    crypto::SignSecret installation;
    crypto::ProofClaim claim;
};

Courier courier_for(Scene& scene, std::size_t index) {
    auto installation = crypto::SignSecret::generate(scene.env);
    crypto::ProofClaim claim;
    claim.kind = crypto::ProofKind::courier;
    claim.id = crypto::signer(scene.devices[index]);
    claim.sign_key = installation.key();
    claim.bind = crypto::bind_installation(
        scene.keys[index].sign(), scene.membership->org(), installation.key());
    return {std::move(installation), claim};
}

}  // namespace

TEST_CASE("a removed device hands in its sealed work and learns nothing", "[sync]") {
    Scene scene(3);
    fill(scene);
    auto pen = scene.pen(1);
    remove_device(scene, 1);
    scene.restart();
    Line line(scene);
    line.greet(1);
    check_push_only(scene, line, pen);
}

TEST_CASE("a member who lost one space hands in its work there and follows the others",
          "[sync]") {
    Scene scene(3);
    fill(scene);
    auto pen = scene.pen(1);
    end_grant(scene, 1);
    scene.restart();
    Line line(scene);
    line.greet(1).say(GetEntries{0});
    CHECK(line.expect<Entries>().entries.size() == scene.membership->length());
    check_push_only(scene, line, pen);
}

TEST_CASE("who never could write in a space does not get to hand in anything", "[sync]") {
    Scene scene(2);
    scene.add_reader();
    remove_device(scene, 2);
    scene.restart();
    Line line(scene);
    line.greet(2).open();
    CHECK(line.expect<OpenRefused>().code == Code::denied);
}

TEST_CASE("an installation hands in the sealed work of a seat bound to it", "[sync]") {
    const bool is_removed = GENERATE(false, true);
    CAPTURE(is_removed);
    Scene scene(3);
    fill(scene);
    auto pen = scene.pen(1);
    if (is_removed) remove_device(scene, 1);
    scene.restart();
    const auto courier = courier_for(scene, 1);
    Line line(scene);
    line.prove(scene.membership->org(), courier.claim, courier.installation);
    const auto welcome = line.expect<Welcome>();
    CHECK(welcome.log_length == 0);
    CHECK(welcome.log_head.is_zero());
    line.say(GetEntries{0});
    CHECK(line.expect<Entries>().entries.empty());
    line.say(PutEntry{scene.store.orgs.at(scene.membership->org())[0]});
    CHECK(line.expect<EntryAnswer>().code == Code::denied);
    check_push_only(scene, line, pen);
}

TEST_CASE("a courier hears of no changes of the membership log", "[sync]") {
    Scene scene(3);
    const auto courier = courier_for(scene, 1);
    Line line(scene);
    line.prove(scene.membership->org(), courier.claim, courier.installation);
    line.expect<Welcome>();
    Line admin(scene);
    const auto made = crypto::create_space(scene.author(), "More", crypto::SpaceClass::general);
    REQUIRE(made);
    admin.greet(0).say(PutEntry{made->entry});
    CHECK(admin.await<EntryAnswer>().accepted);
    line.silence();
}

TEST_CASE("a courier without the seat's word gets the answer that strangers get", "[sync]") {
    Scene scene(3);
    auto courier = courier_for(scene, 1);
    auto org = scene.membership->org();
    SECTION("another's word") { courier.claim.bind = courier_for(scene, 2).claim.bind; }
    SECTION("the word for another installation") {
        courier.installation = crypto::SignSecret::generate(scene.env);
        courier.claim.sign_key = courier.installation.key();
    }
    SECTION("another's signature") {
        courier.installation = crypto::SignSecret::generate(scene.env);
    }
    SECTION("an unknown seat") { courier.claim.id.bytes.fill(9); }
    SECTION("an unknown organisation") { org.bytes.fill(9); }
    Line line(scene);
    line.prove(org, courier.claim, courier.installation);
    const auto bye = line.expect<Bye>();
    CHECK(bye.code == Code::denied);
    Line stranger(scene);
    crypto::ProofClaim claim;
    claim.id.bytes.fill(9);
    stranger.prove(scene.membership->org(), claim, scene.keys[1].sign());
    CHECK(bye.message == stranger.expect<Bye>().message);
}

TEST_CASE("the key of the recovery sheets reads the log and opens no space", "[sync]") {
    Scene scene(2);
    crypto::ProofClaim claim;
    claim.kind = crypto::ProofKind::root;
    Line stranger(scene);
    stranger.prove(scene.membership->org(), claim, scene.keys[0].sign());
    CHECK(stranger.expect<Bye>().code == Code::denied);

    const auto root = crypto::SignSecret::generate(scene.env);
    const auto founding = crypto::found_org({.org_name = "Other",
                                             .directory_name = "Directory",
                                             .device_name = "Centre",
                                             .server_key = scene.server.key(),
                                             .device_kind = crypto::DeviceKind::desktop,
                                             .recovery = {}},
                                            crypto::DeviceKey::generate(scene.env),
                                            scene.now,
                                            scene.env);
    REQUIRE(founding);
    scene.store.orgs[founding->org] = {founding->entry};
    Line line(scene);
    const auto sheets = founding->sheets;
    const auto seed = crypto::combine_sheets(sheets);
    REQUIRE(seed);
    line.prove(founding->org, claim, crypto::root_keys(seed->seed).sign);
    CHECK(line.expect<Welcome>().log_length == 1);
    line.say(GetEntries{0});
    CHECK(line.expect<Entries>().entries.size() == 1);
    Open open{};
    open.space = crypto::Membership::found(founding->entry)->directory();
    line.say(open);
    CHECK(line.expect<OpenRefused>().code == Code::denied);
}

// Shares -------------------------------------------------------------------------------------

TEST_CASE("a device's signatures are checked at a sustained rate, and others do not wait",
          "[sync]") {
    Scene scene(3);
    scene.options.device_checks_per_second = 1;  // 2000 at once, then one each second
    scene.options.every_signature = true;
    scene.restart();
    auto pen = scene.pen(1);
    Line line(scene);
    line.greet(1).open({}, false);
    line.expect<Opened>();
    for (int round = 0; round < 2; ++round) {
        std::vector<Bytes> many;
        const auto first = pen.last + 1;
        for (int i = 0; i < 1000; ++i) many.push_back(pen.write(scene.env));
        line.push(first, std::move(many));
        line.expect<Stored>();
    }
    const auto first = pen.last + 1;
    line.push(first, {pen.write(scene.env)});
    line.expect<Stored>();  // what is over is paid for by the next
    line.push(first + 1, {pen.write(scene.env)});
    line.silence();
    CHECK(scene.relay->deadline() <= scene.now + 1000);
    fill(scene);
    scene.now = scene.relay->deadline();
    scene.relay->tick(scene.now);
    scene.host->settle();
    CHECK(line.expect<Stored>().last == pen.last);
}

TEST_CASE("who goes on pushing false signatures is hung up on", "[sync]") {
    Scene scene(2);
    auto pen = scene.pen(1);
    auto bad = pen.write(scene.env);
    bad.back() ^= 1U;
    Line line(scene);
    line.greet(1).open({}, false);
    line.expect<Opened>();
    for (std::size_t i = 0; i < limits::false_signatures_max; ++i) {
        line.push(1, {bad});
        CHECK(line.expect<PushRefused>().code == Code::corrupt);
    }
    CHECK_FALSE(line.closed());
    line.push(1, {bad});
    CHECK(line.await<Bye>().code == Code::denied);
    CHECK(line.closed() == Code::denied);
}

// Receipts -----------------------------------------------------------------------------------

TEST_CASE("a receipt says where the logs end, and is the relay's", "[sync]") {
    Scene scene(3);
    fill(scene);
    Line line(scene);
    line.greet(1).open({}, false);
    line.expect<Opened>();
    line.say(GetReceipt{0});
    auto receipt = line.await<ReceiptIs>().receipt;
    CHECK(receipt.space.is_zero());
    receipt.space = scene.space;
    CHECK(receipt.cursor == scene.store.spaces.at({scene.membership->org(), scene.space}).end);
    CHECK(receipt.log_length == scene.membership->length());
    CHECK(receipt.log_head == scene.membership->head());
    CHECK(receipt.time == scene.now);
    CHECK(crypto::verify_receipt(scene.server.key(), scene.membership->org(), receipt));
}

TEST_CASE("receipts are signed at a measured rate", "[sync]") {
    Scene scene(3);
    Line line(scene);
    line.greet(1).open({}, false);
    line.expect<Opened>();
    for (int i = 0; i < limits::device_receipts_per_second; ++i) {
        line.say(GetReceipt{0});
        line.expect<ReceiptIs>();
    }
    line.say(GetReceipt{0});
    line.silence();
    scene.now += 1000;
    line.say(GetReceipt{0});
    line.expect<ReceiptIs>();
}
