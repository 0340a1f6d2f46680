// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <csignal>

#include "tests/faultlab/device.hpp"
#include "tests/faultlab/lab.hpp"
#include "tests/faultlab/proxy.hpp"

using namespace trellis;
using namespace trellis::faultlab;
using clients::test::Folder;

namespace {

/// What a device may say about a broken connection. Never `internal`: that would be our fault.
const std::set<std::string> clear_codes{
    "offline", "timeout", "corrupt", "invalid", "denied", "too_large", "wrong_key", "unsupported"};

/// A server behind a network that can be harmed.
struct Scene {
    Folder folder;
    Relay relay{folder.file("relay.db")};
    Proxy proxy{relay.port()};
    District district{folder.file("."), proxy.url(), 3};

    /// Everybody writes, and tries to sync once. How many could not.
    std::size_t sync_all(std::int64_t deadline_ms) {
        std::size_t failed = 0;
        for (const auto& device : district.devices) {
            for (int i = 0; i < 4; ++i) device->ask_put(district.space);
            if (!device->sync(deadline_ms).empty()) ++failed;
            for (const auto& code : device->take_codes()) {
                CAPTURE(code);
                CHECK(clear_codes.contains(code));
            }
        }
        return failed;
    }
    void all_is_well_again() {
        proxy.heal();
        REQUIRE(district.converge() == "");
        for (const auto& device : district.devices) {
            CHECK(district.lost(device->shown()).empty());
            CHECK(device->problems() == 0);
        }
        relay.stop();
        CHECK(relay.problems() == "");
    }
};

/// The Upgrade takes a few hundred bytes, the handshake some hundreds more: this is in all of it
/// and amid the frames behind.
std::size_t somewhere(Dice& dice) { return dice.up_to(dice.up_to(1) == 0 ? 800 : 6000); }

}  // namespace

TEST_CASE("connections cut after any number of bytes cost time and nothing else", "[faultlab]") {
    Scene scene;
    Dice dice;
    const auto rounds = amount("FAULTLAB_ROUNDS", 8);
    std::size_t failed = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        Fault cut;
        cut.cut_after = 1 + somewhere(dice);
        scene.proxy.harm(dice.up_to(1) == 0 ? cut : Fault{}, cut);
        failed += scene.sync_all(60'000);
    }
    CHECK(failed > 0);
    scene.all_is_well_again();
    figure("cut links: " + std::to_string(scene.proxy.struck()) + " cuts, " +
           std::to_string(failed) + " failed syncs, 0 writes lost");
}

TEST_CASE("a byte changed on the way is a clear error", "[faultlab]") {
    Scene scene;
    Dice dice;
    const auto rounds = amount("FAULTLAB_ROUNDS", 8);
    std::size_t failed = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        Fault flip;
        flip.flip_at = somewhere(dice);
        const bool is_up = dice.up_to(1) == 0;
        scene.proxy.harm(is_up ? flip : Fault{}, is_up ? Fault{} : flip);
        // A length that grew makes both sides wait for bytes that never come.
        failed += scene.sync_all(3'000);
    }
    CHECK(failed > 0);
    scene.all_is_well_again();
    figure("changed bytes: " + std::to_string(scene.proxy.struck()) + " changed, " +
           std::to_string(failed) + " failed syncs, 0 writes lost");
}

TEST_CASE("a half-open link ends at the device's deadline", "[faultlab]") {
    Scene scene;
    Dice dice;
    const auto rounds = amount("FAULTLAB_ROUNDS", 8) / 4 + 1;
    std::size_t failed = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        Fault half;
        half.swallow_after = dice.up_to(1500);
        const bool is_up = round % 2 == 0;
        scene.proxy.harm(is_up ? half : Fault{}, is_up ? Fault{} : half);
        failed += scene.sync_all(1'500);
    }
    CHECK(failed > 0);
    scene.all_is_well_again();
    figure("half-open links: " + std::to_string(scene.proxy.struck()) + " bytes swallowed, " +
           std::to_string(failed) + " failed syncs, 0 writes lost");
}

TEST_CASE("over a slow link and a far one all arrives", "[faultlab]") {
    Scene scene;
    Fault slow;
    slow.bytes_per_turn = 64;
    slow.delay = std::chrono::milliseconds(40);
    scene.proxy.harm(slow, slow);
    CHECK(scene.sync_all(300'000) == 0);
    scene.all_is_well_again();
    figure("slow link (at most 12.8 kB/s, 80 ms there and back): every sync went through");
}

TEST_CASE("a frozen server is given up at the deadline, and found again", "[faultlab]") {
    Scene scene;
    auto& device = scene.district.founder();
    SECTION("before the connection") {
        scene.relay.signal(SIGSTOP);
    }
    SECTION("amid a sync") {
        for (int i = 0; i < 200; ++i) device.ask_put(scene.district.space);
        REQUIRE(device.take_answers());
        device.ask_sync(3'000);
        linger(std::chrono::microseconds(Dice().up_to(20'000)));
        scene.relay.signal(SIGSTOP);
        REQUIRE(device.take_answers());
        device.take_codes();
    }
    const auto answer = device.ask(R"({"op":"sync","deadline_ms":1500})");
    CHECK(answer["code"] == Json("timeout"));
    CHECK_FALSE(clients::test::text_of(answer, "message").empty());
    device.ask_put(scene.district.space);
    REQUIRE(device.take_answers());
    scene.relay.signal(SIGCONT);
    scene.all_is_well_again();
    figure("frozen server: given up by `timeout`, in sync once it went on");
}
