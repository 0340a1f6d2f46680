// SPDX-License-Identifier: Apache-2.0
// A device's share of the relay: what is old work, and what of it a restart remembers.
#include "tests/sync/relay/scene.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

std::vector<Bytes> written(Scene& scene, Pen& pen, std::size_t count) {
    std::vector<Bytes> envelopes;
    for (std::size_t i = 0; i < count; ++i) envelopes.push_back(pen.write(scene.env));
    return envelopes;
}

/// A place in a log of this space that the relay does not have any more.
Cursor lost_place() {
    Cursor cursor;
    cursor.incarnation.bytes.fill(9);
    cursor.position = 5;
    cursor.head.bytes.fill(9);
    return cursor;
}

RelayOptions three_a_day() {
    RelayOptions options;
    options.device_envelopes_per_day = 3;
    return options;
}

/// Leaves with its work up to `cutoff`.
void remove_author(Scene& scene, const Pen& pen, Counter cutoff, const Digest& chain) {
    const crypto::Cutoff end{.space = scene.space,
                             .actor = crypto::actor_id(pen.space, pen.device, pen.incarnation),
                             .counter = cutoff,
                             .chain = chain};
    const auto entry = crypto::revoke_device(scene.author(), pen.device, {end});
    REQUIRE(entry);
    scene.add_entry(*entry);
}

}  // namespace

TEST_CASE("what an author gives back to a relay that lost it is no fresh work", "[sync]") {
    Scene scene(2, three_a_day());
    auto pen = scene.pen(1);
    const auto old = written(scene, pen, 10);
    Line line(scene);
    line.greet(1).open(lost_place(), false);
    CHECK_FALSE(line.expect<Opened>().known);
    SECTION("before it has said what it holds") {
        line.push(1, old);
        CHECK(line.expect<Stored>().last == 10);
    }
    SECTION("up to what it said it holds, and no further") {
        line.say(Vector{.channel = 0,
                        .heads = {{.device = pen.device,
                                   .incarnation = pen.incarnation,
                                   .last = 10,
                                   .chain = short_digest(pen.chain)}},
                        .more = false});
        line.await<Deliver>();
        line.push(1, old);
        CHECK(line.await<Stored>().last == 10);
        line.push(11, written(scene, pen, 3));
        CHECK(line.await<Stored>().last == 13);
        line.push(14, written(scene, pen, 1));
        CHECK(line.await<PushRefused>().code == Code::no_space);
    }
}

TEST_CASE("who comes from a place that the relay has pushes fresh work", "[sync]") {
    Scene scene(2, three_a_day());
    auto pen = scene.pen(1);
    Line line(scene);
    line.greet(1).open({}, false);
    line.expect<Opened>();
    line.push(1, written(scene, pen, 4));
    CHECK(line.expect<PushRefused>().code == Code::no_space);
}

TEST_CASE("old work given back counts in bytes all the same", "[sync]") {
    RelayOptions options = three_a_day();
    options.device_bytes_per_day = 2000;
    Scene scene(2, options);
    auto pen = scene.pen(1);
    Line line(scene);
    line.greet(1).open(lost_place(), false);
    line.expect<Opened>();
    line.push(1, written(scene, pen, 20));
    CHECK(line.expect<PushRefused>().code == Code::no_space);
}

TEST_CASE("a relay that restarts knows how much late work it keeps of a former writer", "[sync]") {
    Scene scene(3);
    auto pen = scene.pen(1);
    auto in_time = written(scene, pen, 2);
    const auto chain = pen.chain;
    const auto late = written(scene, pen, 3);
    const auto more = written(scene, pen, 1);
    const bool is_full = GENERATE(true, false);
    scene.options.late_bytes_max = 3 * late[0].size() + (is_full ? 0 : more[0].size());
    scene.restart();
    remove_author(scene, pen, 2, chain);
    const auto push = [&](Counter first, const std::vector<Bytes>& envelopes) {
        Line line(scene);
        line.greet(2).open({}, false);
        line.expect<Opened>();
        line.push_of(pen, first, envelopes);
        const auto said = line.rest();
        REQUIRE_FALSE(said.empty());
        line.hang_up();
        return std::holds_alternative<Stored>(said.back());
    };
    CHECK(push(1, in_time));
    CHECK(push(3, late));
    const auto restarts = GENERATE(0, 1, 2);
    for (int i = 0; i < restarts; ++i) scene.restart();
    CHECK(push(6, more) == !is_full);
    if (restarts == 1) {
        // Forgetting an organisation that is idle, and reading it again, counts nothing twice.
        scene.now += scene.options.forget_ms + 1;
        scene.relay->tick(scene.now);
        scene.host->settle();
        auto next = written(scene, pen, 1);
        CHECK_FALSE(push(is_full ? 6 : 7, is_full ? more : next));
    }
}

TEST_CASE("late work that was adopted takes no room", "[sync]") {
    Scene scene(3);
    auto pen = scene.pen(1);
    auto envelopes = written(scene, pen, 1);
    const auto cutoff = pen.chain;
    std::vector<Digest> late_chains;
    for (int i = 0; i < 3; ++i) {
        envelopes.push_back(pen.write(scene.env));
        late_chains.push_back(pen.chain);
    }
    const auto more = written(scene, pen, 1);
    scene.options.late_bytes_max = 3 * envelopes[1].size();
    scene.restart();
    remove_author(scene, pen, 1, cutoff);
    Line first(scene);
    first.greet(2).open({}, false);
    first.expect<Opened>();
    first.push_of(pen, 1, envelopes);
    CHECK(first.expect<Stored>().last == 4);
    const auto adopted = crypto::adopt(scene.author(), scene.space, late_chains);
    REQUIRE(adopted);
    scene.add_entry(*adopted);
    scene.restart();
    Line second(scene);
    second.greet(2).open({}, false);
    second.expect<Opened>();
    second.push_of(pen, 5, more);
    CHECK(second.await<Stored>().last == 5);
}
