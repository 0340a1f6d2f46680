// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <list>
#include <optional>

#include "core/base/limits.hpp"
#include "sync/relay/options.hpp"
#include "tests/faultlab/lab.hpp"
#include "tests/server/scripted_device.hpp"

using namespace trellis;
using namespace trellis::faultlab;
using clients::test::Folder;
using server::test::ScriptedDevice;

namespace {

constexpr std::size_t body_bytes = 60'000;
constexpr std::int64_t mebibyte = 1024 * 1024;

std::string in_mebibytes(std::int64_t bytes) {
    return std::to_string(static_cast<double>(bytes) / static_cast<double>(mebibyte)) + " MiB";
}

/// Work of one day in a few seconds, all of it of one device.
std::vector<std::string> no_quota() {
    return {"--device-checks-per-second", "100000", "--device-envelopes-per-day", "1000000"};
}

}  // namespace

TEST_CASE("who does not read costs the server no more than its limit", "[faultlab]") {
    const auto slow_count = amount("FAULTLAB_SLOW", 8);
    const auto pushes = amount("FAULTLAB_SLOW_PUSHES", 110);
    constexpr std::size_t run = 4;
    const Folder folder;
    const Relay relay(folder.file("relay.db"), no_quota());
    trellis::test::Organisation organisation;
    ScriptedDevice writer(organisation, 1);
    REQUIRE(writer.found(relay.url()));
    REQUIRE(writer.open({}, false));
    std::list<ScriptedDevice> slow;
    for (std::size_t i = 0; i < slow_count; ++i) {
        auto& device = slow.emplace_back(organisation, static_cast<std::uint8_t>(10 + i % 200));
        REQUIRE(device.greet(relay.url()));
        REQUIRE(device.open());
        // All that it may be sent, and more; then it never reads again.
        for (int more = 0; more < 64; ++more) device.send(sync::Credit{limits::credit_default});
        device.socket()->try_receive();
    }
    ScriptedDevice reader(organisation, 2);
    REQUIRE(reader.greet(relay.url()));
    REQUIRE(reader.open());
    std::int64_t queues = 0;
    std::size_t arrived = 0;
    for (std::size_t push = 0; push < pushes; ++push) {
        writer.push(run, std::string(body_bytes, 'x'));
        for (Counter last = 0; last < writer.sealed();) {
            const auto stored = writer.await<sync::Stored>();
            REQUIRE(stored);
            last = stored->last;
        }
        while (arrived < writer.sealed()) {
            const auto deliver = reader.await<sync::Deliver>();
            REQUIRE(deliver);
            for (const auto& each : deliver->runs) arrived += each.envelopes.size();
            reader.send(sync::Credit{1024 * 1024});
        }
        for (const auto* queue : {"verify", "append", "catch_up"}) {
            queues = std::max(queues, relay.metric(std::string("trellis_") + queue + "_queue"));
        }
    }
    const auto pushed = static_cast<std::int64_t>(writer.sealed() * body_bytes);
    const auto kernel = 11 * mebibyte;  // of one connection, both ends, where nothing is tuned
    const auto limit = static_cast<std::int64_t>(sync::RelayOptions{}.outgoing_bytes_max);
    const auto count = static_cast<std::int64_t>(slow_count);
    // What was ever given to sockets, less what the one reader took.
    const auto given = relay.metric("trellis_sent_bytes_total") - pushed;
    CHECK(given < count * (kernel + 2 * limit));
    CHECK(queues <= 1024);
    const auto peak = resident_bytes_peak(relay.process());
    CHECK(peak < 64 * mebibyte + count * 2 * limit);
    figure("slow readers: " + std::to_string(count) + " do not read " + in_mebibytes(pushed) +
           " each; given to their sockets " + in_mebibytes(given) + ", server's memory at most " +
           in_mebibytes(peak) + ", longest queue " + std::to_string(queues));
}

namespace {

/// A device that pushes one run after another, and makes a pause when told `busy`.
struct Pusher {
    Pusher(trellis::test::Organisation& organisation, std::uint8_t life)
        : device(organisation, life) {}

    ScriptedDevice device;
    std::optional<crypto::EnvelopeRun> run;  ///< out, or to be pushed again
    std::chrono::steady_clock::time_point next;
    bool is_out = false;
    Counter stored = 0;

    void push() {
        sync::Push push;
        push.runs.push_back(*run);
        device.send(push);
        is_out = true;
    }
};

}  // namespace

TEST_CASE("more than the server can take is told `busy`, and is done in the end", "[faultlab]") {
    constexpr std::size_t run = 5;
    constexpr std::size_t fit = 3;  // runs that the server holds at a time
    constexpr auto held_max = static_cast<std::int64_t>(fit * run * body_bytes * 11 / 10);
    const auto pushers_count = amount("FAULTLAB_PUSHERS", 3 * fit);
    const auto envelopes = amount("FAULTLAB_RUNS", 10) * run;
    const Folder folder;
    auto words = no_quota();
    words.insert(words.end(), {"--pushed-bytes-max", std::to_string(held_max)});
    Relay relay(folder.file("relay.db"), words);
    trellis::test::Organisation organisation;
    {
        ScriptedDevice founder(organisation, 255);
        REQUIRE(founder.found(relay.url()));
    }
    std::list<Pusher> pushers;
    for (std::size_t i = 0; i < pushers_count; ++i) {
        auto& pusher = pushers.emplace_back(organisation, static_cast<std::uint8_t>(1 + i % 250));
        REQUIRE(pusher.device.greet(relay.url()));
        REQUIRE(pusher.device.open({}, false));
    }
    std::size_t busy = 0;
    const auto turn = [&](Pusher& pusher) {
        const auto now = std::chrono::steady_clock::now();
        if (!pusher.run && pusher.stored < envelopes) {
            pusher.run = pusher.device.seal(run, std::string(body_bytes, 'x'));
        }
        if (pusher.run && !pusher.is_out && pusher.next <= now) pusher.push();
        const auto message = pusher.device.try_receive();
        if (!message) return;
        if (const auto* stored = std::get_if<sync::Stored>(&*message)) {
            pusher.stored = stored->last;
            pusher.run.reset();
            pusher.is_out = false;
        } else if (const auto* no = std::get_if<sync::PushRefused>(&*message)) {
            REQUIRE(no->code == Code::busy);
            REQUIRE_FALSE(no->message.empty());
            ++busy;
            pusher.is_out = false;
            pusher.next = now + std::chrono::milliseconds(20);
        }
    };
    const auto all_done = [&] {
        for (int turns = 0; turns < 100; ++turns) {
            for (auto& pusher : pushers) turn(pusher);
        }
        return std::all_of(pushers.begin(), pushers.end(),
                           [&](const Pusher& pusher) { return pusher.stored == envelopes; });
    };
    REQUIRE(eventually(all_done));
    CHECK(busy > 0);
    CHECK(relay.metric("trellis_runs_refused_total") == static_cast<std::int64_t>(busy));
    const auto peak = resident_bytes_peak(relay.process());
    CHECK(peak < 96 * mebibyte);
    relay.kill();
    CHECK(relay.problems() == "");
    REQUIRE(relay.start());
    for (auto& pusher : pushers) {
        REQUIRE(pusher.device.greet(relay.url()));
        const auto opened = pusher.device.open({}, false);
        REQUIRE(opened);
        CHECK(opened->own_last == envelopes);
    }
    figure("overload: " + std::to_string(pushers_count) + " runs at once where " +
           std::to_string(fit) + " fit, told busy " +
           std::to_string(busy) + " times, " + std::to_string(pushers_count * envelopes) +
           " envelopes stored, 0 lost, server's memory at most " + in_mebibytes(peak));
}
