// SPDX-License-Identifier: Apache-2.0
// A relay and the end of a space: no work is destroyed that whoever asked for it had not read.
#include "tests/sync/relay/scene.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

const MemoryRelayStore::Space* kept(const Scene& scene) {
    const auto found = scene.store.spaces.find({scene.membership->org(), scene.space});
    return found == scene.store.spaces.end() ? nullptr : &found->second;
}

/// What an admin asks who has read the log up to where the store has it.
Bytes shredding(Scene& scene) {
    crypto::ShredOrder order{scene.space, 0, {}, {}};
    if (const auto* space = kept(scene)) {
        order.position = space->end.position;
        if (order.position > 0) order.head = short_digest(space->end.head);
    }
    auto entry = crypto::shred(scene.author(), order);
    REQUIRE(entry);
    return *entry;
}

void push_next(Scene& scene, Line& line, Pen& pen) {
    const auto first = pen.last + 1;
    line.push(first, {pen.write(scene.env)});
}

void fill(Scene& scene, Pen& pen, int count) {
    Line line(scene);
    line.greet(1).open({}, false);
    line.expect<Opened>();
    for (int i = 0; i < count; ++i) {
        push_next(scene, line, pen);
        line.await<Stored>();
    }
    line.hang_up();
}

}  // namespace

TEST_CASE("a shredded space is gone from the store, and takes nothing in", "[sync]") {
    Scene scene(3);
    auto pen = scene.pen(1);
    fill(scene, pen, 3);
    REQUIRE(kept(scene)->log.size() == 3);
    Line admin(scene);
    Line member(scene);
    admin.greet(0);
    member.greet(1).open({}, true);
    member.expect<Opened>();
    member.rest();
    admin.say(PutEntry{.entry = shredding(scene)});
    CHECK(admin.await<EntryAnswer>().accepted);
    CHECK(kept(scene) == nullptr);
    CHECK(member.await<OpenRefused>().code == Code::denied);
    member.rest();
    // What was written after it is refused, on the open channel and on a new one.
    push_next(scene, member, pen);
    CHECK(member.expect<PushRefused>().code == Code::denied);
    Line again(scene);
    again.greet(1).open();
    const auto refused = again.expect<OpenRefused>();
    CHECK(refused.code == Code::denied);
    CHECK(refused.message.find("shredded") != std::string::npos);
    CHECK(kept(scene) == nullptr);
}

TEST_CASE("work that has arrived since keeps its space", "[sync]") {
    Scene scene(3);
    auto pen = scene.pen(1);
    fill(scene, pen, 2);
    const auto too_late = shredding(scene);
    fill(scene, pen, 1);
    const auto restarts = GENERATE(false, true);
    if (restarts) scene.restart();
    Line admin(scene);
    admin.greet(0);
    admin.say(PutEntry{.entry = too_late});
    const auto answer = admin.expect<EntryAnswer>();
    CHECK_FALSE(answer.accepted);
    CHECK(answer.code == Code::conflict);
    CHECK(kept(scene)->log.size() == 3);
    // The space goes on.
    fill(scene, pen, 1);
    CHECK(kept(scene)->log.size() == 4);
    admin.say(PutEntry{.entry = shredding(scene)});
    CHECK(admin.await<EntryAnswer>().accepted);
    CHECK(kept(scene) == nullptr);
}

TEST_CASE("the same position under another history is another place", "[sync]") {
    Scene scene(2);
    auto pen = scene.pen(1);
    fill(scene, pen, 2);
    crypto::ShredOrder order{scene.space, 2, {}, {}};
    order.head.bytes.fill(1);
    Line admin(scene);
    admin.greet(0);
    admin.say(PutEntry{.entry = *crypto::shred(scene.author(), order)});
    CHECK(admin.expect<EntryAnswer>().code == Code::conflict);
    CHECK(kept(scene)->log.size() == 2);
}

TEST_CASE("what is pushed while the entry is on its way is refused, never stored and lost",
          "[sync]") {
    Scene scene(3);
    auto pen = scene.pen(1);
    fill(scene, pen, 1);
    Line admin(scene);
    Line member(scene);
    admin.greet(0);
    member.greet(1).open({}, false);
    member.expect<Opened>();
    member.rest();
    scene.host->hold(MemoryRelayHost::Kind::entry);
    admin.say(PutEntry{.entry = shredding(scene)});
    admin.silence();
    push_next(scene, member, pen);
    member.silence();

    SECTION("the entry is stored") {
        scene.host->release();
        CHECK(admin.await<EntryAnswer>().accepted);
        CHECK(member.await<PushRefused>().code == Code::denied);
        CHECK(kept(scene) == nullptr);
    }
    SECTION("another was first, and the work goes in") {
        auto other = crypto::create_space(scene.author(), "x", crypto::SpaceClass::general);
        REQUIRE(other);
        scene.add_entry(other->entry);
        scene.host->release();
        CHECK(admin.await<EntryAnswer>().code == Code::conflict);
        CHECK(member.await<Stored>().last == pen.last);
        CHECK(kept(scene)->log.size() == 2);
    }
}

TEST_CASE("work that is being stored keeps its space", "[sync]") {
    Scene scene(3);
    auto pen = scene.pen(1);
    fill(scene, pen, 1);
    Line admin(scene);
    Line member(scene);
    admin.greet(0);
    member.greet(1).open({}, false);
    member.expect<Opened>();
    member.rest();
    const auto entry = shredding(scene);
    scene.host->hold(MemoryRelayHost::Kind::append);
    push_next(scene, member, pen);
    member.silence();
    admin.say(PutEntry{.entry = entry});
    CHECK(admin.expect<EntryAnswer>().code == Code::conflict);
    scene.host->release();
    CHECK(member.await<Stored>().last == pen.last);
}

TEST_CASE("an older copy of the store is shredded again", "[sync]") {
    Scene scene(2);
    auto pen = scene.pen(1);
    fill(scene, pen, 2);
    const auto before = scene.store.spaces;
    Line admin(scene);
    admin.greet(0);
    const auto entry = shredding(scene);
    admin.say(PutEntry{.entry = entry});
    CHECK(admin.await<EntryAnswer>().accepted);

    SECTION("with the log, as soon as somebody comes") {
        scene.store.spaces = before;
        scene.restart();
        Line line(scene);
        line.greet(1);
        CHECK(kept(scene) == nullptr);
    }
    SECTION("without it, as soon as somebody brings the entry back") {
        REQUIRE(scene.membership->extend(entry));
        scene.store.spaces = before;
        scene.store.orgs[scene.membership->org()].pop_back();
        scene.restart();
        // The log has lost its place, and the entry still holds.
        scene.store.spaces.begin()->second.log.pop_back();
        crypto::ProofClaim claim;
        claim.id = crypto::signer(scene.devices[1]);
        claim.log_length = scene.membership->length();
        Line line(scene);
        line.prove(scene.membership->org(), claim, scene.keys[1].sign());
        line.say(PutEntry{.entry = entry});
        CHECK(line.await<EntryAnswer>().accepted);
        CHECK(kept(scene) == nullptr);
    }
}
