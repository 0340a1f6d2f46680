// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "sync/device/join_session.hpp"
#include "tests/sync/device/relay_world.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

/// Everything durable of a district, to begin again from the same moment.
struct Moment {
    explicit Moment(District& district)
        : centre(district.centre.state()),
          first(district.first.state()),
          second(district.second.state()),
          store(district.world.store) {}
    void bring_back(District& district) const {
        district.centre.restore(centre);
        district.first.restore(first);
        district.second.restore(second);
        district.world.store = store;
        district.world.start_relay();
        for (auto* replica : {&district.centre, &district.first, &district.second}) {
            replica->applied = 0;
        }
    }
    FakeSyncable::State centre, first, second;
    MemoryRelayStore store;
};

/// Two tablets and the centre, all live at once, and each writes while connected.
void live_together(District& district) {
    DeviceSession a(district.first, SessionOptions(), district.first.env, district.world.now);
    DeviceSession b(district.second, SessionOptions(), district.second.env, district.world.now);
    district.world.connect(a);
    district.world.connect(b);
    district.world.run();
    district.first.write(district.space, "from the first, live");
    a.outbox_changed(district.world.now);
    district.second.add_space("Made while others write");
    b.outbox_changed(district.world.now);
    district.world.run();
    district.world.disconnect_all();
}

/// What every fault below happens to: 7 texts in the end.
void write_some(District& district) {
    for (int i = 0; i < 3; ++i) district.first.write(district.space, "first " + std::to_string(i));
    for (int i = 0; i < 2; ++i) district.second.write(district.space, std::to_string(i));
    district.centre.write(district.space, "centre");
}

/// Lets a fault happen to each frame of a live meeting in turn; how many frames there were.
std::size_t with_each_frame(Fate fault) {
    District district;
    write_some(district);
    const Moment start(district);
    std::size_t target = 0;
    for (;; ++target) {
        CAPTURE(target);
        start.bring_back(district);
        district.world.frames = 0;
        district.world.fate = [&](std::size_t i) { return i == target ? fault : Fate::passes; };
        live_together(district);
        const bool was_hit = district.world.frames > target;
        district.settle();
        district.require_equal(7);
        REQUIRE(district.centre.applied == 6);
        REQUIRE(district.first.applied == 3);
        REQUIRE(district.second.applied == 5);
        REQUIRE(district.centre.membership().spaces().size() == 3);
        if (!was_hit) return target;
    }
}

}  // namespace

TEST_CASE("two tablets and a centre exchange everything in passes", "[sync]") {
    District district;
    write_some(district);
    district.first.write(district.space, "one more");
    district.settle();
    district.require_equal(7);
    district.settle();  // the last words about what was pushed last
    const auto end = district.centre.cursor(district.space).position;
    REQUIRE(district.first.seen_by(district.space, district.second.device()) == end);
    const auto progress = district.world.pass(district.first);
    REQUIRE(progress.sent == 0);
    REQUIRE(progress.received == 0);
    REQUIRE(progress.pending == 0);
}

TEST_CASE("what one tablet writes live arrives at the other and is seen", "[sync]") {
    District district;
    DeviceSession a(district.first, SessionOptions(), district.first.env, 0);
    DeviceSession b(district.second, SessionOptions(), district.second.env, 0);
    district.world.connect(a);
    district.world.connect(b);
    district.world.run();
    REQUIRE(a.progress().complete);
    district.first.write(district.space, "now");
    a.outbox_changed(district.space, 1);
    district.world.run();
    REQUIRE(district.second.texts(district.space) == district.first.texts(district.space));
    REQUIRE(district.first.seen_by(district.space, district.second.device()) == 1);
    REQUIRE(a.progress().complete);
    REQUIRE(b.progress().complete);
}

TEST_CASE("a connection cut after any frame loses nothing and doubles nothing", "[sync]") {
    REQUIRE(with_each_frame(Fate::cut) > 40);
}

TEST_CASE("a frame that comes twice ends its connection and nothing else", "[sync]") {
    REQUIRE(with_each_frame(Fate::twice) > 40);
}

TEST_CASE("garbage in place of any frame ends its connection and nothing else", "[sync]") {
    REQUIRE(with_each_frame(Fate::garbage) > 40);
}

TEST_CASE("a pass that is cut again and again gets through in the end", "[sync]") {
    District district;
    for (int i = 0; i < 200; ++i) district.first.write(district.space, std::string(4'000, 'x'));
    district.second.write(district.space, "meanwhile");
    std::size_t passes = 0;
    while (!district.first.is_all_stored()) {
        REQUIRE(++passes < 200);
        district.world.frames = 0;
        district.world.fate = [](std::size_t i) { return i >= 11 ? Fate::cut : Fate::passes; };
        district.world.pass(district.first);
    }
    REQUIRE(passes > 2);
    district.settle();
    district.require_equal(201);
}

TEST_CASE("more than the relay's credit comes down as it is taken in", "[sync]") {
    District district;
    for (int i = 0; i < 60; ++i) district.first.write(district.space, std::string(120'000, 'x'));
    REQUIRE(district.world.pass(district.first).sent == 60);
    const auto progress = district.world.pass(district.second);
    REQUIRE(progress.bytes_down > limits::credit_default);
    REQUIRE(progress.received == 60);
    district.settle();
    district.require_equal(60);
}

TEST_CASE("a relay restored from a backup is refilled by whoever comes", "[sync]") {
    const bool is_careful = GENERATE(true, false);
    CAPTURE(is_careful);
    District district;
    write_some(district);
    district.settle();
    const auto backup = district.world.store;
    for (int i = 0; i < 50; ++i) district.first.write(district.space, "after the backup");
    district.second.write(district.space, "after it too");
    district.settle();
    district.require_equal(57);

    district.world.restore(backup, is_careful);
    SECTION("the author comes first") { REQUIRE(district.world.pass(district.first).complete); }
    SECTION("another comes first") { REQUIRE(district.world.pass(district.centre).complete); }
    SECTION("one with something new comes first") {
        district.second.write(district.space, "new");
        REQUIRE(district.world.pass(district.second).complete);
        district.second.restore(district.second.state());
    }
    district.settle();
    district.require_equal(district.centre.texts(district.space).size());
    REQUIRE(district.centre.texts(district.space).size() >= 57);
}

TEST_CASE("a relay that lost a whole space is filled again, also by devices that are cut off",
          "[sync]") {
    District district;
    write_some(district);
    district.settle();
    const Moment start(district);
    for (std::size_t target = 0;; ++target) {
        CAPTURE(target);
        start.bring_back(district);
        district.world.store.spaces.clear();
        district.world.start_relay();
        district.world.frames = 0;
        district.world.fate = [&](std::size_t i) { return i == target ? Fate::cut : Fate::passes; };
        district.world.pass(district.second);
        const bool was_hit = district.world.frames > target;
        district.settle();
        district.require_equal(6);
        if (!was_hit) break;
    }
}

TEST_CASE("a tablet restored from a backup gets its work back and goes on", "[sync]") {
    District district;
    write_some(district);
    district.settle();
    const auto backup = district.first.state();
    district.first.write(district.space, "after the backup");
    district.settle();
    district.first.restore(backup);
    SECTION("with nothing new") {
        district.settle();
        district.require_equal(7);
    }
    SECTION("with something written before it met the relay again") {
        district.first.write(district.space, "after the restore");
        district.settle();
        district.require_equal(8);
    }
    REQUIRE(district.first.rollbacks == 1);
}

TEST_CASE("two admins who change the log at once both get their way", "[sync]") {
    District district;
    district.centre.add_space("By the centre");
    district.second.add_space("By the second");
    district.second.add_space("By the second again");
    DeviceSession a(district.centre, SessionOptions(), district.centre.env, 0);
    DeviceSession b(district.second, SessionOptions(), district.second.env, 0);
    district.world.connect(a);
    district.world.connect(b);
    district.world.run();
    REQUIRE(a.progress().complete);
    REQUIRE(b.progress().complete);
    REQUIRE(district.centre.log() == district.second.log());
    REQUIRE(district.centre.membership().spaces().size() == 5);
    REQUIRE(district.centre.next_entry() == std::nullopt);
}

TEST_CASE("a space that a live device is let into opens at once", "[sync]") {
    District district;
    DeviceSession a(district.centre, SessionOptions(), district.centre.env, 0);
    DeviceSession b(district.first, SessionOptions(), district.first.env, 0);
    district.world.connect(a);
    district.world.connect(b);
    district.world.run();
    const auto made = district.centre.add_space("Counselling");
    district.centre.let_in(district.first.device(), made);
    district.centre.write(made, "welcome");
    a.outbox_changed(1);
    district.world.run();
    REQUIRE(district.first.texts(made).size() == 1);
}

TEST_CASE("an invite joins through the relay, cut off at any frame", "[sync]") {
    for (std::size_t target = 0;; ++target) {
        CAPTURE(target);
        District district;
        std::optional<crypto::Invite> invite;
        const crypto::InviteOrder order{
            .role = crypto::role_member,
            .grants = {{district.space, crypto::right_read | crypto::right_write}},
            .expiry = district.world.now + 3'600'000,
            .url = "wss://relay.example/sync"};
        district.centre.intend([&](const crypto::Author& author) -> Result<Bytes> {
            TRELLIS_TRY(auto fresh, crypto::invite_create(author, order));
            invite = std::move(fresh.invite);
            return fresh.entry;
        });
        district.centre.write(district.space, "for the newcomer");
        district.settle();

        FakeSyncable newcomer(77);
        const auto make = [&](const std::vector<Bytes>& entries) -> Result<Bytes> {
            TRELLIS_TRY(auto membership, crypto::Membership::found(entries.front()));
            for (std::size_t i = 1; i < entries.size(); ++i) {
                TRELLIS_DO(membership.extend(entries[i]));
            }
            const crypto::JoinOrder join{.device_name = "Tablet",
                                         .device_kind = crypto::DeviceKind::tablet};
            return crypto::join(membership, *invite, newcomer.device_key(), join,
                                newcomer.env.wall_time(), newcomer.env);
        };
        district.world.frames = 0;
        district.world.fate = [&](std::size_t i) { return i == target ? Fate::cut : Fate::passes; };
        JoinSession joining(*invite, make, SessionTimes(), newcomer.env, district.world.now);
        district.world.connect(joining);
        district.world.run();
        district.world.disconnect_all();
        const bool was_hit = district.world.frames > target;
        district.world.fate = [](std::size_t) { return Fate::passes; };
        if (!was_hit) {
            REQUIRE(joining.done());
            newcomer.adopt(joining.entries());
        } else {
            // The centre's log tells whether the entry got there before the cut.
            district.settle();
            const auto id = newcomer.id_in(district.centre.org());
            if (district.centre.membership().device(id) == nullptr) continue;
            newcomer.adopt(district.centre);
        }
        REQUIRE(district.world.pass(newcomer).complete);
        REQUIRE(newcomer.texts(district.space).size() == 1);
        if (!was_hit) break;
    }
}
