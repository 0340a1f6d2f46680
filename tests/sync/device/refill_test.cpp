// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/sync/device/relay_world.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

// A relay that went back in time or lost everything is filled again by the devices that come.

namespace {

/// Some work, a backup of the relay in the middle, and more of everything after it.
struct Loss {
    Loss() {
        district.first.write(district.space, "before");
        district.settle();
        backup = district.world.store;
        district.centre.add_space("After the backup");
        district.first.write(district.space, "after");
        district.settle();
        halfway = district.second.state();
        district.centre.add_space("Later still");
        district.second.write(district.space, "later");
        district.settle();
        // One device has slept since before the last things happened.
        district.second.restore(halfway);
    }
    [[nodiscard]] std::size_t entries() const {
        const auto found = district.world.store.orgs.find(district.centre.org());
        return found == district.world.store.orgs.end() ? 0 : found->second.size();
    }
    District district;
    MemoryRelayStore backup;
    FakeSyncable::State halfway;
};

}  // namespace

TEST_CASE("a restored relay gets entries and envelopes back from devices with different parts",
          "[sync]") {
    Loss loss;
    auto& district = loss.district;
    const auto whole = district.centre.log();
    district.world.restore(loss.backup, true);
    REQUIRE(loss.entries() < whole.size());
    REQUIRE(district.world.pass(district.second).complete);
    REQUIRE(loss.entries() == loss.halfway.log.size());
    REQUIRE(district.world.pass(district.centre).complete);
    REQUIRE(loss.entries() == whole.size());
    district.settle();
    REQUIRE(district.second.log() == whole);
    REQUIRE(district.centre.texts(district.space) == district.first.texts(district.space));
    REQUIRE(district.second.texts(district.space) == district.first.texts(district.space));
}

TEST_CASE("two devices give lost entries back at once", "[sync]") {
    Loss loss;
    auto& district = loss.district;
    const auto whole = district.centre.log();
    district.world.restore(loss.backup, true);
    DeviceSession a(district.centre, SessionOptions(), district.centre.env, 0);
    DeviceSession b(district.first, SessionOptions(), district.first.env, 0);
    district.world.connect(a);
    district.world.connect(b);
    district.world.run();
    REQUIRE(a.progress().complete);
    REQUIRE(b.progress().complete);
    REQUIRE(district.world.store.orgs.at(district.centre.org()) == whole);
}

TEST_CASE("a relay that holds another entry at a place stays a fork", "[sync]") {
    Loss loss;
    auto& district = loss.district;
    district.world.restore(loss.backup, true);
    // On the older log somebody else makes another entry.
    auto& log = district.world.store.orgs.at(district.centre.org());
    FakeSyncable admin(13);
    admin.adopt(log);
    admin.add_space("Another history");
    log.push_back(admin.log().back());
    const auto progress = district.world.pass(district.centre);
    REQUIRE(progress.failure);
    REQUIRE(progress.failure->code == Code::fork);
}

TEST_CASE("a lost relay is founded again by any member with the log", "[sync]") {
    Loss loss;
    auto& district = loss.district;
    const auto whole = district.centre.log();
    const auto texts = district.centre.texts(district.space);
    district.world.store = {};
    district.world.start_relay();
    SECTION("not where strangers may bring nothing") {
        district.world.takes_new_orgs = false;
        district.world.start_relay();
        const auto progress = district.world.pass(district.first);
        REQUIRE(progress.failure);
        REQUIRE(progress.failure->code == Code::denied);
        REQUIRE(loss.entries() == 0);
        return;
    }
    SECTION("by a tablet") { REQUIRE(district.world.pass(district.first).complete); }
    SECTION("by the one that slept") { REQUIRE(district.world.pass(district.second).complete); }
    REQUIRE(district.world.sessions == 2);
    district.settle();
    REQUIRE(district.world.store.orgs.at(district.centre.org()) == whole);
    district.require_equal(texts.size());
}

TEST_CASE("a device that joined after the backup brings the log that names it", "[sync]") {
    District district;
    const auto backup = district.world.store;
    FakeSyncable late(21);
    district.centre.add_member(late, false);
    district.settle();
    late.adopt(district.centre);
    REQUIRE(district.world.pass(late).complete);
    late.write(district.space, "mine");
    district.world.restore(backup, true);
    REQUIRE(district.world.pass(late).complete);
    REQUIRE(district.world.stored(district.centre.org(), district.space) == 1);
    REQUIRE(district.world.store.orgs.at(district.centre.org()) == late.log());
}

TEST_CASE("a pass reads the words of others that the relay has already", "[sync]") {
    District district;
    district.first.write(district.space, "seen?");
    district.settle();
    REQUIRE(district.world.pass(district.second).complete);
    REQUIRE(district.world.pass(district.first).complete);
    REQUIRE(district.first.seen_by(district.space, district.second.device()) == 1);
}

TEST_CASE("a pass that moved something asks for a receipt, and one that did not asks for none",
          "[sync]") {
    District district;
    district.settle();
    district.settle();
    auto& first = district.first;
    const auto before = first.receipts;
    const auto quiet = district.world.pass(first);
    REQUIRE(first.receipts == before);
    first.write(district.space, "one");
    district.world.pass(first);
    REQUIRE(first.receipts == before + 1);
    const auto others = district.second.receipts;
    district.world.pass(district.second);
    REQUIRE(district.second.receipts == others + 1);
    district.settle();
    district.settle();
    const auto after = first.receipts;
    const auto again = district.world.pass(first);
    REQUIRE(first.receipts == after);
    REQUIRE(again.bytes_up == quiet.bytes_up);
}
