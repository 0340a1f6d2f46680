// SPDX-License-Identifier: Apache-2.0
#include "tests/sync/relay/scene.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

std::vector<Bytes>& stored_entries(Scene& scene) {
    return scene.store.orgs[scene.membership->org()];
}

/// An entry the founder could add now.
Bytes some_entry(Scene& scene, std::string_view name) {
    auto created = crypto::create_space(scene.author(), name, crypto::SpaceClass::general);
    REQUIRE(created);
    return created->entry;
}

struct Guest {
    crypto::Invite invite;
    crypto::InviteKeys keys;
    crypto::ProofClaim claim;
};

Guest invite_guest(Scene& scene, Time expiry) {
    crypto::InviteOrder order;
    order.grants = {{scene.space, crypto::right_read | crypto::right_write}};
    order.expiry = expiry;
    auto invited = crypto::invite_create(scene.author(), order);
    REQUIRE(invited);
    scene.add_entry(invited->entry);
    auto keys = crypto::invite_keys(invited->invite);
    crypto::ProofClaim claim;
    claim.kind = crypto::ProofKind::invite;
    claim.id = crypto::signer(keys.id);
    return {std::move(invited->invite), std::move(keys), claim};
}

}  // namespace

TEST_CASE("the log is read in slices that fit a frame", "[sync]") {
    Scene scene(2);
    for (int i = 0; i < 40; ++i)
        scene.add_entry(some_entry(scene, "space"));
    scene.restart();
    Line line(scene);
    line.greet(1);
    std::vector<Bytes> read;
    bool more = true;
    while (more) {
        line.say(GetEntries{.from = read.size()});
        auto slice = line.expect<Entries>();
        CHECK(slice.from == read.size());
        more = slice.more;
        read.insert(read.end(), slice.entries.begin(), slice.entries.end());
    }
    CHECK(read == stored_entries(scene));
    line.say(GetEntries{.from = 1'000'000});
    CHECK(line.expect<Entries>().entries.empty());
}

TEST_CASE("an entry is appended and everybody hears of it", "[sync]") {
    Scene scene(3);
    Line admin(scene);
    Line member(scene);
    admin.greet(0);
    member.greet(1);
    const auto entry = some_entry(scene, "New");
    scene.host->hold(MemoryRelayHost::Kind::entry);
    admin.say(PutEntry{.entry = entry});
    admin.silence();
    scene.host->release();
    REQUIRE(scene.membership->extend(entry));
    const auto answer = admin.expect<EntryAnswer>();
    CHECK(answer.accepted);
    CHECK(answer.log_length == scene.membership->length());
    CHECK(answer.log_head == scene.membership->head());
    CHECK(member.expect<EntryNews>().log_head == scene.membership->head());
    CHECK(stored_entries(scene).back() == entry);

    // The answer was lost: the same entry again is welcome, and not added again.
    const auto length = stored_entries(scene).size();
    admin.rest();
    admin.say(PutEntry{.entry = entry});
    CHECK(admin.expect<EntryAnswer>().accepted);
    CHECK(stored_entries(scene).size() == length);
    member.silence();
}

TEST_CASE("of two entries made on the same log the second is told to read again", "[sync]") {
    Scene scene(2);
    Line one(scene);
    Line two(scene);
    one.greet(0);
    two.greet(0);
    const auto first = some_entry(scene, "One");
    const auto second = some_entry(scene, "Two");
    scene.host->hold(MemoryRelayHost::Kind::entry);
    one.say(PutEntry{.entry = first});
    two.say(PutEntry{.entry = second});
    scene.host->release();
    CHECK(one.expect<EntryAnswer>().accepted);
    two.expect<EntryNews>();
    const auto answer = two.expect<EntryAnswer>();
    CHECK_FALSE(answer.accepted);
    CHECK(answer.code == Code::conflict);
    CHECK(answer.log_length == stored_entries(scene).size());
}

TEST_CASE("another node's entry is noticed", "[sync]") {
    Scene scene(2);
    Line line(scene);
    line.greet(0);
    const auto mine = some_entry(scene, "Mine");
    scene.add_entry(some_entry(scene, "Theirs"));  // straight into the store
    Line other(scene);
    other.greet(1);
    line.say(PutEntry{.entry = mine});
    CHECK(other.expect<EntryNews>().log_head == scene.membership->head());
    CHECK(line.expect<EntryNews>().log_length == scene.membership->length());
    const auto answer = line.expect<EntryAnswer>();
    CHECK(answer.code == Code::conflict);
    CHECK(answer.log_length == scene.membership->length());
    line.say(PutEntry{.entry = some_entry(scene, "Mine")});
    CHECK(line.expect<EntryAnswer>().accepted);
}

TEST_CASE("an entry that breaks a rule, or is no entry, changes nothing", "[sync]") {
    Scene scene(2);
    const auto good = some_entry(scene, "Good");
    Line line(scene);
    line.greet(1);
    const auto before = stored_entries(scene);
    auto unsigned_entry = good;
    unsigned_entry.back() ^= 1;
    for (const auto& bad : {Bytes(),
                            Bytes(300, 7),
                            unsigned_entry,
                            to_bytes(ByteView(good).first(good.size() - 1))}) {
        line.say(PutEntry{.entry = bad});
        CHECK_FALSE(line.expect<EntryAnswer>().accepted);
    }
    CHECK(stored_entries(scene) == before);
    line.say(PutEntry{.entry = good});  // anybody may bring it
    CHECK(line.expect<EntryAnswer>().accepted);
}

TEST_CASE("a device has so many entries a day", "[sync]") {
    RelayOptions options;
    options.device_entries_per_day = 2;
    Scene scene(2, options);
    Line line(scene);
    line.greet(0);
    for (int i = 0; i < 2; ++i) {
        const auto entry = some_entry(scene, "s");
        line.say(PutEntry{.entry = entry});
        CHECK(line.expect<EntryAnswer>().accepted);
        line.expect<EntryNews>();
        REQUIRE(scene.membership->extend(entry));
    }
    line.say(PutEntry{.entry = some_entry(scene, "s")});
    CHECK(line.expect<EntryAnswer>().code == Code::no_space);
}

TEST_CASE("with an invite one joins, and does nothing else", "[sync]") {
    Scene scene(2);
    const auto guest = invite_guest(scene, scene.now + 1'000'000);
    const auto org = scene.membership->org();
    Line line(scene);
    line.prove(org, guest.claim, guest.keys.sign);
    line.expect<Welcome>();
    line.say(GetEntries{.from = 0});
    CHECK(line.expect<Entries>().entries == stored_entries(scene));
    line.say(PutEntry{.entry = some_entry(scene, "Smuggled")});
    CHECK(line.expect<EntryAnswer>().code == Code::denied);
    line.open();
    CHECK(line.expect<OpenRefused>().code == Code::denied);

    const auto key = crypto::DeviceKey::generate(scene.env);
    const auto join =
        crypto::join(*scene.membership,
                     guest.invite,
                     key,
                     {.device_name = "Tablet", .device_kind = crypto::DeviceKind::tablet},
                     scene.now,
                     scene.env);
    REQUIRE(join);
    line.say(PutEntry{.entry = *join});
    CHECK(line.expect<EntryAnswer>().accepted);

    Line device(scene);
    crypto::ProofClaim claim;
    claim.id = crypto::signer(key.id(org));
    device.prove(org, claim, key.sign());
    device.expect<Welcome>();
    device.open();
    CHECK(device.expect<Opened>().known);
}

TEST_CASE("whatever the joiner's clock says, an old invite is old", "[sync]") {
    Scene scene(2);
    const auto expiry = scene.now + 1'000'000;
    const auto guest = invite_guest(scene, expiry);
    const auto key = crypto::DeviceKey::generate(scene.env);
    const auto join =
        crypto::join(*scene.membership,
                     guest.invite,
                     key,
                     {.device_name = "Tablet", .device_kind = crypto::DeviceKind::tablet},
                     scene.now,
                     scene.env);
    REQUIRE(join);
    Line line(scene);
    line.prove(scene.membership->org(), guest.claim, guest.keys.sign);
    line.expect<Welcome>();
    scene.now = expiry + 1;
    line.say(PutEntry{.entry = *join});
    const auto answer = line.expect<EntryAnswer>();
    CHECK(answer.code == Code::denied);
    CHECK(answer.message == "this invite expired on 2026-05-28: ask for a new one");
    // Nor through a member.
    Line member(scene);
    member.greet(1);
    member.say(PutEntry{.entry = *join});
    CHECK(member.expect<EntryAnswer>().code == Code::denied);
    scene.now = expiry;
    line.say(PutEntry{.entry = *join});
    CHECK(line.expect<EntryAnswer>().accepted);
}

TEST_CASE("a device whose membership ends hears of that and of nothing after it", "[sync]") {
    Scene scene(3);
    Line admin(scene);
    Line member(scene);
    admin.greet(0);
    member.greet(1).open();
    member.expect<Opened>();
    const auto entry = crypto::revoke_device(scene.author(), scene.devices[1], {});
    REQUIRE(entry);
    admin.say(PutEntry{.entry = *entry});
    const auto answer = admin.expect<EntryAnswer>();
    CAPTURE(answer.message);
    REQUIRE(answer.accepted);
    const auto last = member.expect<EntryNews>().log_length;
    CHECK(last == answer.log_length);
    CHECK(member.expect<OpenRefused>().code == Code::denied);
    CHECK_FALSE(member.closed());
    REQUIRE(scene.membership->extend(*entry));
    scene.keyring.update(*scene.membership, scene.keys[0]);
    const auto later = crypto::create_space(scene.author(), "Later", crypto::SpaceClass::general);
    REQUIRE(later);
    admin.say(PutEntry{.entry = later->entry});
    admin.expect<EntryNews>();
    REQUIRE(admin.expect<EntryAnswer>().accepted);
    member.silence();
    member.say(GetEntries{.from = last - 1});
    const auto entries = member.expect<Entries>();
    CHECK(entries.entries.size() == 1);
    CHECK_FALSE(entries.more);
    Line again(scene);
    again.greet(1).say(GetEntries{.from = last});
    CHECK(again.expect<Entries>().entries.empty());
    again.say(PutEntry{.entry = later->entry});
    CHECK(again.expect<EntryAnswer>().code == Code::denied);
}

TEST_CASE("a device whose right in a space ends loses that space only", "[sync]") {
    Scene scene(3);
    Line admin(scene);
    Line member(scene);
    admin.greet(0).open();
    admin.expect<Opened>();
    member.greet(1).open();
    member.expect<Opened>();
    const auto entry = crypto::make_entry(
        scene.author(),
        {crypto::RevokeGrantOp{.device = scene.devices[1], .space = scene.space, .cutoffs = {}}});
    REQUIRE(entry);
    admin.say(PutEntry{.entry = *entry});
    const auto answer = admin.expect<EntryAnswer>();
    CAPTURE(answer.message);
    REQUIRE(answer.accepted);
    member.expect<EntryNews>();
    CHECK(member.expect<OpenRefused>().space == scene.space);
    auto pen = scene.pen(0);
    admin.push(1, {pen.write(scene.env)});
    member.silence();
    CHECK_FALSE(member.closed());
}

// Founding -----------------------------------------------------------------------------------

namespace {

struct NewOrg {
    crypto::DeviceKey key;
    crypto::Founding founding;
    crypto::ProofClaim claim;
};

NewOrg found(Scene& scene) {
    auto key = crypto::DeviceKey::generate(scene.env);
    auto founding = crypto::found_org({.org_name = "Another",
                                       .directory_name = "Directory",
                                       .device_name = "Centre",
                                       .server_key = scene.server.key(),
                                       .device_kind = crypto::DeviceKind::desktop,
                                       .recovery = {}},
                                      key,
                                      scene.now,
                                      scene.env);
    REQUIRE(founding);
    crypto::ProofClaim claim;
    claim.kind = crypto::ProofKind::founder;
    claim.id = crypto::signer(key.id(founding->org));
    claim.sign_key = key.sign().key();
    return {std::move(key), *std::move(founding), claim};
}

}  // namespace

TEST_CASE("a stranger founds an organisation and is its first device at once", "[sync]") {
    RelayOptions options;
    options.new_orgs = true;
    Scene scene(2, options);
    const auto other = found(scene);
    Line line(scene);
    line.prove({}, other.claim, other.key.sign());
    CHECK(line.expect<Welcome>().log_length == 0);
    line.say(GetEntries{.from = 0});
    CHECK(line.expect<Entries>().entries.empty());
    line.open();
    CHECK(line.expect<OpenRefused>().code == Code::denied);
    line.say(PutEntry{.entry = other.founding.entry});
    const auto answer = line.expect<EntryAnswer>();
    CHECK(answer.accepted);
    CHECK(answer.log_length == 1);
    Open directory{};
    directory.space = other.founding.directory;
    line.rest();
    line.say(directory);
    CHECK(line.expect<Opened>().channel == 1);

    // Its answer was lost: again, on another connection, even after a restart.
    scene.restart();
    Line again(scene);
    again.prove({}, other.claim, other.key.sign());
    again.expect<Welcome>();
    again.say(PutEntry{.entry = other.founding.entry});
    CHECK(again.expect<EntryAnswer>().accepted);
    CHECK(scene.store.orgs.at(other.founding.org).size() == 1);
}

TEST_CASE("nobody becomes another organisation's device by bringing its first entry", "[sync]") {
    RelayOptions options;
    options.new_orgs = true;
    Scene scene(2, options);
    auto mallory = found(scene);
    mallory.claim.id = crypto::signer(scene.devices[0]);
    Line line(scene);
    line.prove({}, mallory.claim, mallory.key.sign());
    line.expect<Welcome>();
    line.say(PutEntry{.entry = stored_entries(scene)[0]});
    const auto answer = line.expect<EntryAnswer>();
    CHECK(answer.code == Code::denied);
    CHECK(answer.log_length == 0);
    line.say(GetEntries{.from = 0});
    CHECK(line.expect<Entries>().entries.empty());
    line.say(PutEntry{.entry = stored_entries(scene)[1]});
    CHECK(line.expect<EntryAnswer>().code == Code::denied);
    line.open();
    CHECK(line.expect<OpenRefused>().code == Code::denied);
}

TEST_CASE("a relay that takes no new organisations says so", "[sync]") {
    Scene scene(1);
    const auto other = found(scene);
    Line line(scene);
    line.prove({}, other.claim, other.key.sign());
    CHECK(line.expect<Bye>().code == Code::denied);
}
