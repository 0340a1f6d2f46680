// SPDX-License-Identifier: Apache-2.0
#include "tests/adversary/real_town.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

namespace trellis::test {
namespace {

template <class T>
T must(Result<T> result) {
    if (!result) FAIL(result.error().message);
    return std::move(*result);
}
void must(const Result<void>& result) {
    if (!result) FAIL(result.error().message);
}

bool is_part(const Names& some, const Names& all) {
    return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

}  // namespace

RealTown::RealTown()
    : relay(folder / "relay")
    , centre(loop, folder / "centre", "Centre")
    , reader(loop, folder / "reader", "Reader")
    , third(loop, folder / "third", "Third") {
    must(centre.replica().create_org("Mission", "Centre", relay.url()));
    space = must(centre.replica().create_space("High school", crypto::SpaceClass::general));
    const auto to_reader = invite();
    const auto to_third = invite();
    REQUIRE(pass(centre).complete);
    must(reader.join(to_reader));
    must(third.join(to_third));
    centre.put(space, "the beginning");
    third.put(space, "of the third");
    meet();
    require_equal();
}

std::string RealTown::invite(std::uint8_t rights, std::int64_t life_ms) {
    crypto::InviteOrder order;
    order.grants.push_back({space, rights});
    order.expiry = centre.replica().clock().now().time + life_ms;
    order.url = relay.url();
    return must(centre.replica().invite(order));
}

void RealTown::meet() {
    for (int round = 0; round < 2; ++round) {
        for (auto* device : {&centre, &reader, &third}) {
            const auto progress = pass(*device);
            CAPTURE(device->name());
            if (progress.failure) FAIL(progress.failure->message);
            REQUIRE(progress.complete);
        }
    }
}

void RealTown::write(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        centre.put(space, "a family sleeps in a car " + std::to_string(++written_));
        REQUIRE(pass(centre).complete);
    }
    relay.restart({});
}

sync::SessionProgress RealTown::betray(const std::function<void()>& begin) {
    const auto before = reader.names();
    begin();
    auto progress = pass(reader);
    require_part_of_truth(before);
    reader_alarms = reader.alarms();
    capture(reader);
    reader.wire.network = nullptr;
    relay.show_truth();
    meet();
    meet();
    require_equal();
    require_captured();
    return progress;
}

void RealTown::require_part_of_truth(const Names& before) {
    auto truth = centre.names();
    truth.merge(third.names());
    truth.merge(Names(captured_));
    const auto now = reader.names();
    REQUIRE(is_part(now, truth));
    REQUIRE(is_part(before, now));
}

void RealTown::require_equal() {
    for (auto* device : {&reader, &third}) {
        CAPTURE(device->name());
        // Who was shut out hears nothing more.
        const auto& members = centre.replica().membership();
        if (!members.device(device->replica().device())->is_active) continue;
        REQUIRE(device->names() == centre.names());
        REQUIRE(device->digest(space) == centre.digest(space));
        REQUIRE(device->problems().empty());
    }
    REQUIRE(centre.problems().empty());
}

void RealTown::capture(RealDevice& device) {
    const auto name = "captured " + std::to_string(captured_.size() + 1) + " by " + device.name();
    device.put(space, name);
    captured_.insert(name);
    REQUIRE(device.names().count(name) == 1);
}

void RealTown::require_captured() {
    REQUIRE_FALSE(captured_.empty());
    REQUIRE(is_part(captured_, centre.names()));
}

RealLeaver::RealLeaver(std::uint8_t reason) : leaver(town.third) {
    leaver.put(town.space, "early");
    town.meet();
    must(town.centre.replica().revoke(leaver.replica().device(), reason));
    REQUIRE(town.pass(town.centre).complete);
    REQUIRE(town.pass(town.reader).complete);
}

}  // namespace trellis::test
