// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>
#include <set>

#include "tests/sync/device/relay_world.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

/// Draws from a seed; the same on every machine.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : env_(seed) {}
    std::size_t roll(std::size_t sides) {
        ByteArray<4> bytes{};
        env_.random(bytes);
        std::size_t value = 0;
        for (const auto byte : bytes) value = value << 8U | byte;
        return value % sides;
    }

private:
    FakeEnv env_;
};

/// One bad week of a district: anybody writes, anybody connects, and the network, the relay and
/// the devices go wrong in every way they know.
class BadWeek {
public:
    explicit BadWeek(std::uint64_t seed) : dice_(seed) {
        district.world.fate = [this](std::size_t) {
            const auto number = dice_.roll(40);
            if (number == 0) return Fate::cut;
            if (number == 1) return Fate::twice;
            return number == 2 ? Fate::garbage : Fate::passes;
        };
        backup_ = district.world.store;
    }
    void go_on() {
        auto& world = district.world;
        auto& replica = *replicas_[dice_.roll(3)];
        switch (dice_.roll(12)) {
            case 0:
            case 1:
            case 2:
                return write(replica);
            case 3:
                return live();
            case 4:
                return world.start_relay();
            case 5:
                backup_ = world.store;
                return;
            case 6:
                if (dice_.roll(4) == 0) restore_relay();
                return;
            case 7:
                if (dice_.roll(3) == 0) restore_device(replica);
                return;
            default:
                world.pass(replica);
        }
    }

    District district;
    std::size_t written = 0;

private:
    void write(FakeSyncable& replica) {
        const auto count = 1 + dice_.roll(4);
        for (std::size_t i = 0; i < count; ++i) {
            replica.write(district.space, "text " + std::to_string(++written));
        }
    }
    void live() {
        std::vector<std::unique_ptr<DeviceSession>> sessions;
        for (auto* replica : replicas_) {
            sessions.push_back(std::make_unique<DeviceSession>(*replica, SessionOptions(),
                                                               replica->env, district.world.now));
            district.world.connect(*sessions.back());
        }
        district.world.run();
        for (std::size_t i = 0; i < sessions.size(); ++i) {
            write(*replicas_[i]);
            sessions[i]->outbox_changed(district.world.now);
        }
        district.world.run();
        district.world.disconnect_all();
    }
    /// The membership log has its own backup: only the spaces go back here.
    void restore_relay() {
        auto orgs = district.world.store.orgs;
        auto backup = backup_;
        backup.orgs = std::move(orgs);
        district.world.restore(backup, dice_.roll(2) == 0);
    }
    /// To a copy made now, after it has written and sent something more: the relay alone holds
    /// that, so no older backup of the relay is put back after this.
    void restore_device(FakeSyncable& replica) {
        const auto copy = replica.state();
        write(replica);
        district.world.pass(replica);
        if (!replica.is_all_stored()) return;
        replica.restore(copy);
        backup_ = district.world.store;
    }

    Dice dice_;
    std::array<FakeSyncable*, 3> replicas_{&district.centre, &district.first, &district.second};
    MemoryRelayStore backup_;
};

}  // namespace

TEST_CASE("after any bad week all devices come to hold the same", "[sync]") {
    const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{26}));
    CAPTURE(seed);
    BadWeek week(seed);
    for (int i = 0; i < 60; ++i) week.go_on();
    week.district.settle();
    week.district.settle();
    const auto texts = week.district.centre.texts(week.district.space);
    week.district.require_equal(texts.size());
    std::set<std::string> found;
    for (const auto& text : texts) found.insert(text.substr(text.find(' ') + 1));
    REQUIRE(found.size() == week.written);
}
