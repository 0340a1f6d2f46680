// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <csignal>

#include "tests/faultlab/device.hpp"
#include "tests/faultlab/lab.hpp"

using namespace trellis;
using namespace trellis::faultlab;
using clients::test::Folder;

namespace {

/// Writes and syncs, more than will be waited for.
void give_work(Device& device, const std::string& space, Dice& dice) {
    for (int i = 0; i < 3; ++i) {
        for (auto puts = 1 + dice.up_to(4); puts > 0; --puts) device.ask_put(space);
        device.ask_sync(60'000);
    }
}

/// Some answers, then a moment more: the signal comes amid whatever it is doing by then.
void let_it_work(Device& device, Dice& dice) {
    for (auto answers = dice.up_to(device.unanswered() - 1); answers > 0; --answers) {
        if (!device.take_answer()) return;
    }
    linger(std::chrono::microseconds(dice.up_to(20'000)));
}

std::set<std::string> names_of(const std::map<std::string, std::string>& promised) {
    std::set<std::string> names;
    for (const auto& [name, dot] : promised) names.insert(name);
    return names;
}

}  // namespace

TEST_CASE("devices killed amid writes and syncs lose nothing they acknowledged", "[faultlab]") {
    const auto kills = amount("FAULTLAB_KILLS", 30);
    Dice dice;
    const Folder folder;
    Relay relay(folder.file("relay.db"));
    District district(folder.file("."), relay.url(), 3);
    for (std::size_t kill = 0; kill < kills; ++kill) {
        CAPTURE(kill);
        auto& device = *district.devices[dice.up_to(district.devices.size() - 1)];
        give_work(device, district.space, dice);
        let_it_work(device, dice);
        device.kill();
        device.start();
        REQUIRE(device.problems() == 0);
        REQUIRE(missing(names_of(device.promised()), device.shown()).empty());
    }
    REQUIRE(district.converge() == "");
    CHECK(district.lost(district.founder().shown()).empty());
    relay.stop();
    CHECK(relay.problems() == "");
    figure("device kill -9: " + std::to_string(kills) + " kills, " +
           std::to_string(district.founder().shown().size()) + " records, 0 lost");
}

TEST_CASE("a server killed under pushing devices loses nothing it acknowledged", "[faultlab]") {
    const auto kills = amount("FAULTLAB_KILLS", 30);
    Dice dice;
    const Folder folder;
    Relay relay(folder.file("relay.db"));
    District district(folder.file("."), relay.url(), 5);
    // The last one only reads: what it has, it has from the server.
    auto& witness = *district.devices.back();
    const auto writers = district.devices.size() - 1;
    std::size_t broken_syncs = 0;
    for (std::size_t kill = 0; kill < kills; ++kill) {
        CAPTURE(kill);
        for (std::size_t i = 0; i < writers; ++i) {
            give_work(*district.devices[i], district.space, dice);
        }
        let_it_work(*district.devices[dice.up_to(writers - 1)], dice);
        relay.kill();
        std::set<std::string> stored;
        for (std::size_t i = 0; i < writers; ++i) {
            auto& device = *district.devices[i];
            REQUIRE(device.take_answers());
            stored.merge(device.stored());
            for (const auto& code : device.take_codes()) {
                CHECK(code == "offline");
                ++broken_syncs;
            }
        }
        REQUIRE(relay.start());
        // Before any writer can give back what the server might have lost.
        REQUIRE(witness.sync() == "");
        REQUIRE(missing(stored, witness.shown()).empty());
    }
    REQUIRE(district.converge() == "");
    CHECK(district.lost(witness.shown()).empty());
    CHECK(broken_syncs > 0);
    relay.stop();
    CHECK(relay.problems() == "");
    figure("server kill -9: " + std::to_string(kills) + " kills under " +
           std::to_string(writers) + " pushing devices, " +
           std::to_string(witness.shown().size()) + " records, 0 lost");
}
