// SPDX-License-Identifier: Apache-2.0
#include "tests/sync/relay/scene.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

std::size_t logged(const Scene& scene) {
    const auto found = scene.store.spaces.find({scene.membership->org(), scene.space});
    return found == scene.store.spaces.end() ? 0 : found->second.log.size();
}

}  // namespace

TEST_CASE("what waits is verified and stored together", "[sync]") {
    constexpr std::size_t count = 20;
    Scene scene(count + 1);
    std::vector<std::unique_ptr<Line>> lines;
    for (std::size_t i = 1; i <= count; ++i) {
        lines.push_back(std::make_unique<Line>(scene));
        lines.back()->greet(i).open({}, false);
        lines.back()->expect<Opened>();
    }
    scene.host->hold(MemoryRelayHost::Kind::append);
    auto pen = scene.pen(1);
    lines[0]->push(1, {pen.write(scene.env)});
    for (std::size_t i = 2; i <= count; ++i) {
        auto other = scene.pen(i);
        lines[i - 1]->push(1, {other.write(scene.env)});
    }
    scene.host->release();
    for (const auto& line : lines)
        line->expect<Stored>();
    CHECK(scene.host->figures.appends == 2);
    CHECK(logged(scene) == count);
}

TEST_CASE("runs in a row are checked with one signature and answered with one word", "[sync]") {
    Scene scene;
    auto pen = scene.pen(1);
    Line line(scene);
    line.greet(1).open({}, false);
    line.expect<Opened>();
    scene.host->hold(MemoryRelayHost::Kind::verify);
    for (Counter i = 1; i <= 50; ++i)
        line.push(i, {pen.write(scene.env)});
    scene.host->release();
    CHECK(line.expect<Stored>().last == 50);
    line.silence();
    CHECK(scene.host->figures.signatures == 2);
}

TEST_CASE("a full disk refuses what waits, and the chain goes on from what is stored", "[sync]") {
    Scene scene;
    auto pen = scene.pen(1);
    Line line(scene);
    line.greet(1).open({}, false);
    line.expect<Opened>();
    line.push(1, {pen.write(scene.env)});
    line.expect<Stored>();
    scene.host->fail_appends(Error{Code::no_space, "the disk is full"});
    const auto envelope = pen.write(scene.env);
    line.push(2, {envelope});
    CHECK(line.expect<PushRefused>().code == Code::no_space);
    const auto next = pen.write(scene.env);
    line.push(3, {next});
    CHECK(line.expect<Need>().from == 2);
    scene.host->fail_appends(std::nullopt);
    line.push(2, {envelope, next});
    CHECK(line.expect<Stored>().last == 3);
}

TEST_CASE("another node's appends are noticed, and nothing is lost or repeated", "[sync]") {
    Scene scene(3);
    Relay other_node(scene.server, scene.options, scene.env);
    auto first = scene.pen(1);
    auto second = scene.pen(2);
    Line line(scene);
    line.greet(1).open();
    line.expect<Opened>();
    line.push(1, {first.write(scene.env)});
    line.expect<Stored>();
    CHECK(line.expect<Deliver>().to == 1);

    // The other node appends behind this one's back.
    auto node = std::make_unique<Relay>(scene.server, scene.options, scene.env);
    auto node_host = std::make_unique<MemoryRelayHost>(*node, scene.store);
    std::swap(scene.relay, node);
    std::swap(scene.host, node_host);
    Line there(scene);
    there.greet(2).open({}, false);
    there.expect<Opened>();
    there.push(1, {second.write(scene.env)});
    there.await<Stored>();
    std::swap(scene.relay, node);
    std::swap(scene.host, node_host);

    SECTION("by a conflict") {
        const auto envelope = first.write(scene.env);
        line.push(2, {envelope});
        CHECK(line.expect<Need>().from == 2);
        line.push(2, {envelope});
    }
    SECTION("by being told") {
        scene.relay->appended_elsewhere(scene.membership->org(), scene.space);
        scene.host->settle();
        line.push(2, {first.write(scene.env)});
    }
    std::uint64_t at = 1;
    bool is_stored = false;
    for (const auto& message : line.rest()) {
        if (const auto* deliver = std::get_if<Deliver>(&message)) {
            CHECK(deliver->from == at);
            at = deliver->to;
        }
        is_stored = is_stored || std::holds_alternative<Stored>(message);
    }
    CHECK(is_stored);
    CHECK(at == 3);
    CHECK(logged(scene) == 3);
}

TEST_CASE("the window, the day's quota and the relay's room bound what is pushed", "[sync]") {
    RelayOptions options;
    options.device_envelopes_per_day = 3;
    options.pushed_bytes_max = 700'000;
    Scene scene(3, options);
    auto pen = scene.pen(1);
    Line line(scene);
    line.greet(1).open({}, false);
    line.expect<Opened>();
    SECTION("envelopes of a day") {
        for (Counter i = 1; i <= 3; ++i)
            line.push(i, {pen.write(scene.env)}).expect<Stored>();
        const auto fourth = pen.write(scene.env);
        line.push(4, {fourth});
        CHECK(line.expect<PushRefused>().code == Code::no_space);
        // Somebody else may bring it: that is a repair.
        Line other(scene);
        other.greet(2).open({}, false);
        other.expect<Opened>();
        other.push_of(pen, 4, {fourth});
        CHECK(other.await<Stored>().last == 4);
        scene.now += 24 * 3'600'000;
        line.push(5, {pen.write(scene.env)});
        CHECK(line.expect<Stored>().last == 5);
    }
    SECTION("the relay's room") {
        scene.host->hold(MemoryRelayHost::Kind::verify);
        const std::string text(240'000, 'x');
        for (Counter i = 1; i <= 3; ++i)
            line.push(i, {pen.write(scene.env, 1, text)});
        CHECK(line.expect<PushRefused>().code == Code::busy);
        scene.host->release();
        CHECK(line.expect<Stored>().last == 2);
    }
}

TEST_CASE("more than the window unanswered ends the connection", "[sync]") {
    Scene scene;
    auto pen = scene.pen(1);
    Line line(scene);
    line.greet(1).open({}, false);
    line.expect<Opened>();
    scene.host->hold(MemoryRelayHost::Kind::verify);
    const std::string text(250'000, 'x');
    Counter count = 0;
    while (!line.closed()) {
        REQUIRE(++count < 10);
        line.push(count, {pen.write(scene.env, 1, text)});
    }
    CHECK(line.expect<Bye>().code == Code::too_large);
    CHECK(count * 250'000 > limits::push_window);
}
