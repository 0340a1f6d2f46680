// SPDX-License-Identifier: Apache-2.0
#include "core/device_clock.hpp"

#include <catch2/catch.hpp>

#include <cstdint>

#include "core/base/limits.hpp"
#include "tests/support/fake_env.hpp"
#include "tests/support/replicas.hpp"

using namespace trellis;
using core::DeviceClock;
using trellis::test::FakeEnv;
using trellis::test::Replicas;

TEST_CASE("a stamp is never beyond what a change may have, whatever the clock says", "[core][limits]") {
    FakeEnv env;
    DeviceClock clock(env);
    for (const Time time : {limits::time_max, -limits::time_max}) {
        env.set_wall_time(time);
        CHECK(clock.now().time == time);
        env.set_wall_time(time + (time > 0 ? 1 : -1));
        CHECK(clock.now().time == time);
        CHECK(clock.now().quality == ClockQuality::implausible);
    }
    for (const Time time : {INT64_MAX, INT64_MIN}) {
        env.set_wall_time(time);
        CHECK(clock.now().time == (time > 0 ? limits::time_max : -limits::time_max));
    }
}

TEST_CASE("a relay of the end of all time does not carry a clock beyond it", "[core][limits]") {
    const Time said = GENERATE(Time{limits::time_max}, Time{INT64_MAX}, Time{INT64_MIN});
    const Time edge = said > 0 ? limits::time_max : -limits::time_max;
    FakeEnv env;
    DeviceClock clock(env);
    clock.heard(said, 100);
    if (said > 0) {
        env.advance(60'000);
        CHECK(clock.now().time == edge);
        CHECK(clock.now().quality == ClockQuality::implausible);
    }
    env.reboot();
    env.set_wall_time(said);
    CHECK(std::abs(clock.now().time) <= limits::time_max);
    DeviceClock again(env);
    again.restore(clock.store());
    CHECK(again.now() == clock.now());
}

TEST_CASE("what is written at the end of the year 9999 reads back, and reaches others", "[core]") {
    Replicas replicas(2);
    replicas.env().set_wall_time(limits::time_max + 1000);
    const auto record = replicas.put(0, R"({"name":"late"})");
    replicas.reopen(0);
    CHECK(replicas.problems(0) == "");
    replicas.settle();
    CHECK(replicas.get(1, record)["fields"]["name"] == Json("late"));
}
