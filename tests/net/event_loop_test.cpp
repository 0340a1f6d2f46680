// SPDX-License-Identifier: Apache-2.0
#include "clients/net/event_loop.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>

#include "tests/net/world.hpp"

using namespace trellis;
using clients::EventLoop;
using std::chrono::milliseconds;

TEST_CASE("a loop runs until it is done or the time has passed", "[net]") {
    EventLoop loop;
    bool was_called = false;
    loop.post([&] { was_called = true; });
    CHECK_FALSE(was_called);
    CHECK(loop.run_until([&] { return was_called; }, milliseconds{10'000}));
    CHECK_FALSE(loop.run_until([] { return false; }, milliseconds{1}));
}

TEST_CASE("an alarm rings once, and a cleared one never", "[net]") {
    EventLoop loop;
    int first = 0;
    int second = 0;
    loop.set_alarm(milliseconds{1}, [&] { ++first; });
    loop.set_alarm(milliseconds{2}, [&] { ++second; });
    CHECK(loop.run_until([&] { return second > 0; }, milliseconds{10'000}));
    CHECK(first == 0);
    loop.set_alarm(milliseconds{1}, [&] { ++first; });
    loop.clear_alarm();
    CHECK_FALSE(loop.run_until([&] { return first > 0; }, milliseconds{5}));
}

TEST_CASE("a pipe is heard of when there is something to read, and at its end", "[net]") {
    EventLoop loop;
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    int calls = 0;
    REQUIRE(loop.when_readable(ends[0], [&] { ++calls; }));
    loop.poll();
    CHECK(calls == 0);
    REQUIRE(::write(ends[1], "x", 1) == 1);
    CHECK(loop.run_until([&] { return calls == 1; }, milliseconds{10'000}));
    char byte = 0;
    REQUIRE(::read(ends[0], &byte, 1) == 1);
    REQUIRE(loop.when_readable(ends[0], [&] { ++calls; }));
    loop.poll();
    CHECK(calls == 1);
    ::close(ends[1]);
    CHECK(loop.run_until([&] { return calls == 2; }, milliseconds{10'000}));
    ::close(ends[0]);
}

TEST_CASE("a plain file is always readable", "[net]") {
    const test::TemporaryFolder folder;
    const int file = ::open(folder.write("input", "x").c_str(), O_RDONLY);
    REQUIRE(file >= 0);
    EventLoop loop;
    bool was_called = false;
    REQUIRE(loop.when_readable(file, [&] { was_called = true; }));
    CHECK(loop.run_until([&] { return was_called; }, milliseconds{10'000}));
    ::close(file);
}
