// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>

#include "server/ops/descriptors.hpp"
#include "tests/faultlab/crowd.hpp"
#include "tests/faultlab/lab.hpp"
#include "tests/server/scripted_device.hpp"

using namespace trellis;
using namespace trellis::faultlab;
using clients::test::Folder;
using server::test::ScriptedDevice;

namespace {

/// As many as are asked for and as the system lets one process have sockets.
std::size_t crowd_of(const char* variable, std::size_t otherwise) {
    const auto wanted = amount(variable, otherwise);
    const auto room = static_cast<std::size_t>(
        server::make_room_for_sockets(static_cast<std::int64_t>(wanted) + 16) - 16);
    if (room < wanted) figure("no more than " + std::to_string(room) + " sockets are let to us");
    return std::min(room, wanted);
}

/// Everybody comes from one address here, and founder and writer come on top.
std::vector<std::string> room_for_all() {
    return {"--sockets-max", "19000", "--sockets-per-address-max", "19000"};
}

std::string seconds_since(std::chrono::steady_clock::time_point start) {
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    return std::to_string(time.count()) + " s";
}

}  // namespace

TEST_CASE("idle devices are all held, and a push reaches every one", "[faultlab]") {
    const auto size = crowd_of("FAULTLAB_IDLE", 10'000);
    const Folder folder;
    const Relay relay(folder.file("relay.db"), room_for_all());
    trellis::test::Organisation organisation;
    ScriptedDevice writer(organisation, 1);
    REQUIRE(writer.found(relay.url()));
    const auto before = resident_bytes(relay.process());
    Crowd crowd(organisation, relay.url(), size);
    const auto start = std::chrono::steady_clock::now();
    REQUIRE(crowd.gather(64));
    const auto took = seconds_since(start);
    const auto after = resident_bytes(relay.process());
    CHECK(relay.metric("trellis_sessions") == static_cast<std::int64_t>(size) + 1);
    REQUIRE(writer.open({}, false));
    writer.push(1);
    REQUIRE(writer.await<sync::Stored>());
    REQUIRE(crowd.run_until([&] { return crowd.delivered() >= size; }));
    CHECK(crowd.present() == size);
    CHECK(relay.metric("trellis_sessions") == static_cast<std::int64_t>(size) + 1);
    figure("idle: " + std::to_string(size) + " proven devices held, " +
           std::to_string((after - before) / static_cast<std::int64_t>(size)) +
           " bytes of server memory each (no TLS), in after " + took + ", a push reached all");
}

TEST_CASE("after the server's death all devices come back at once", "[faultlab]") {
    const auto size = crowd_of("FAULTLAB_STORM", 2'000);
    const Folder folder;
    Relay relay(folder.file("relay.db"), room_for_all());
    trellis::test::Organisation organisation;
    {
        ScriptedDevice founder(organisation, 1);
        REQUIRE(founder.found(relay.url()));
    }
    Crowd crowd(organisation, relay.url(), size);
    REQUIRE(crowd.gather(64));
    relay.kill();
    crowd.drop();
    REQUIRE(relay.start());
    const auto turned_away = crowd.refused();
    const auto start = std::chrono::steady_clock::now();
    REQUIRE(crowd.gather(size));
    const auto took = seconds_since(start);
    CHECK(eventually([&] {
        return relay.metric("trellis_sessions") == static_cast<std::int64_t>(size);
    }));
    figure("storm: " + std::to_string(size) + " devices at once, all in after " + took + ", " +
           std::to_string(crowd.refused() - turned_away) + " attempts that had to be repeated");
}
