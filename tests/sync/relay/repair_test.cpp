// SPDX-License-Identifier: Apache-2.0
#include "tests/sync/relay/scene.hpp"

#include <map>
#include <set>

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

struct Chain {
    Pen pen;
    std::vector<Bytes> envelopes;

    void write(Scene& scene, std::size_t count, std::string_view text = "x") {
        for (std::size_t i = 0; i < count; ++i) {
            envelopes.push_back(pen.write(scene.env, 1, text));
        }
    }
    /// What somebody who holds the first `count` envelopes says of it.
    [[nodiscard]] ChainHead head(std::size_t count) const {
        Digest chain;
        Counter last = 0;
        for (std::size_t i = 0; i < count; ++i) {
            chain = crypto::chain_hash(
                {.org = pen.org,
                 .space = pen.space,
                 .actor = crypto::actor_id(pen.space, pen.device, pen.incarnation),
                 .first = ++last,
                 .previous = chain},
                envelopes[i]);
        }
        return {pen.device, pen.incarnation, last, short_digest(chain)};
    }
};

struct Repaired {
    std::map<std::pair<DeviceId, Incarnation>, std::vector<Bytes>> chains;
    std::vector<ChainHead> want;
    std::vector<PushRefused> forks;
    Cursor end;
    std::size_t pages = 0;
    bool is_last = false;
};

Repaired read(Line& line) {
    Repaired repaired;
    for (auto& message : line.rest()) {
        if (auto* want = std::get_if<Want>(&message)) repaired.want = want->heads;
        if (auto* refused = std::get_if<PushRefused>(&message)) {
            repaired.forks.push_back(*refused);
        }
        auto* deliver = std::get_if<Deliver>(&message);
        if (deliver == nullptr) continue;
        REQUIRE(deliver->repair);
        REQUIRE_FALSE(repaired.is_last);
        ++repaired.pages;
        for (auto& run : deliver->runs) {
            auto& chain = repaired.chains[{run.device, run.incarnation}];
            for (auto& envelope : run.envelopes)
                chain.push_back(std::move(envelope));
        }
        repaired.is_last = deliver->last;
        repaired.end.position = deliver->to;
        repaired.end.head = deliver->head;
    }
    return repaired;
}

Chain chain_of(Scene& scene, std::size_t member) {
    return {.pen = scene.pen(member), .envelopes = {}};
}

/// Puts the first `count` envelopes of a chain on the relay.
void push(
    Scene& scene, std::size_t member, const Chain& chain, std::size_t from, std::size_t count) {
    Line line(scene);
    line.greet(member).open({}, false);
    line.expect<Opened>();
    for (std::size_t i = from; i < from + count; ++i) {
        line.push(i + 1, {chain.envelopes[i]});
    }
    line.hang_up();
}

}  // namespace

TEST_CASE("a vector is answered with what is missing on either side", "[sync]") {
    Scene scene(5);
    std::vector<Chain> chains;
    for (std::size_t i = 1; i < 5; ++i) {
        chains.push_back(chain_of(scene, i));
        chains.back().write(scene, 10);
    }
    push(scene, 1, chains[0], 0, 10);
    push(scene, 2, chains[1], 0, 4);
    push(scene, 3, chains[2], 0, 7);
    Cursor lost;
    lost.incarnation.bytes.fill(0xEE);
    lost.position = 99;
    Line line(scene);
    line.greet(4).open(lost);
    CHECK_FALSE(line.expect<Opened>().known);
    line.silence();
    line.say(Vector{.channel = 0, .heads = {chains[0].head(10), chains[1].head(9)}, .more = true});
    line.silence();
    line.say(Vector{.channel = 0, .heads = {chains[2].head(2), chains[3].head(1)}, .more = false});
    const auto repaired = read(line);
    CHECK(repaired.is_last);
    CHECK(repaired.forks.empty());
    REQUIRE(repaired.want.size() == 2);
    CHECK(std::set<Counter>{repaired.want[0].last, repaired.want[1].last} ==
          std::set<Counter>{0, 4});
    REQUIRE(repaired.chains.size() == 1);
    CHECK(repaired.chains.begin()->second ==
          std::vector<Bytes>(chains[2].envelopes.begin() + 2, chains[2].envelopes.begin() + 7));
    const auto& kept = scene.store.spaces.at({scene.membership->org(), scene.space});
    CHECK(repaired.end.position == kept.end.position);
    CHECK(repaired.end.head == kept.end.head);

    // From there it follows, without a gap and without a repeat.
    const std::vector<Bytes> rest(chains[1].envelopes.begin() + 4, chains[1].envelopes.begin() + 9);
    line.push_of(chains[1].pen, 5, rest);
    CHECK(line.expect<Stored>().last == 9);
    const auto deliver = line.expect<Deliver>();
    CHECK_FALSE(deliver.repair);
    CHECK(deliver.from == repaired.end.position);
    CHECK(envelopes_of(deliver.runs) == rest);
    line.silence();
}

TEST_CASE("a vector of nothing brings everything, in pages", "[sync]") {
    Scene scene(4);
    std::map<std::pair<DeviceId, Incarnation>, std::vector<Bytes>> all;
    for (std::size_t i = 1; i < 4; ++i) {
        auto chain = chain_of(scene, i);
        chain.write(scene, 12, std::string(20'000, 'x'));
        push(scene, i, chain, 0, 12);
        all[{chain.pen.device, chain.pen.incarnation}] = chain.envelopes;
    }
    Line line(scene);
    line.greet(2).open();
    line.expect<Opened>();
    line.rest();
    line.say(Vector{.channel = 0, .heads = {}, .more = false});
    const auto repaired = read(line);
    CHECK(repaired.is_last);
    CHECK(repaired.pages > 3);
    CHECK(repaired.chains == all);
}

TEST_CASE("a page that was on its way when a repair began is not sent after it", "[sync]") {
    Scene scene(3);
    auto chain = chain_of(scene, 1);
    chain.write(scene, 10);
    push(scene, 1, chain, 0, 10);
    scene.restart();
    scene.host->hold(MemoryRelayHost::Kind::page);
    Line line(scene);
    line.greet(2).open();
    line.expect<Opened>();
    line.say(Vector{.channel = 0, .heads = {chain.head(10)}, .more = false});
    CHECK(scene.host->held() == 1);
    scene.host->release();
    const auto repaired = read(line);
    CHECK(repaired.is_last);
    CHECK(repaired.chains.empty());
}

TEST_CASE("a repair waits for credit like any page", "[sync]") {
    Scene scene(3);
    auto chain = chain_of(scene, 1);
    chain.write(scene, 30, std::string(200'000, 'x'));
    push(scene, 1, chain, 0, 30);
    Cursor lost;
    lost.incarnation.bytes.fill(0xEE);
    Line line(scene);
    line.greet(2).open(lost);
    line.expect<Opened>();
    line.say(Vector{.channel = 0, .heads = {}, .more = false});
    auto repaired = read(line);
    CHECK_FALSE(repaired.is_last);
    line.say(Credit{.bytes = limits::credit_default});
    CHECK(read(line).is_last);
}

TEST_CASE("a chain that differs is named as a fork, and the relay's comes whole", "[sync]") {
    Scene scene(3);
    auto here = chain_of(scene, 1);
    here.write(scene, 10);
    push(scene, 1, here, 0, 10);
    Cursor lost;
    lost.incarnation.bytes.fill(0xEE);
    Line line(scene);
    line.greet(2).open(lost);
    line.expect<Opened>();
    const auto count = GENERATE(std::size_t{10}, std::size_t{5});
    auto head = here.head(count);
    head.chain.bytes[0] ^= 1;
    line.say(Vector{.channel = 0, .heads = {head}, .more = false});
    const auto repaired = read(line);
    REQUIRE(repaired.forks.size() == 1);
    CHECK(repaired.forks[0].code == Code::fork);
    CHECK(repaired.forks[0].first == count);
    // Where the two part is not known here, so ours comes from its start.
    REQUIRE(repaired.chains.size() == 1);
    CHECK(repaired.chains.begin()->second == here.envelopes);
    CHECK(repaired.is_last);
}

TEST_CASE("the relay does not ask for the chain of somebody it does not know", "[sync]") {
    Scene scene(2);
    Line line(scene);
    line.greet(1).open();
    line.expect<Opened>();
    ChainHead head;
    head.device.bytes.fill(9);
    head.last = 5;
    line.say(Vector{.channel = 0, .heads = {head}, .more = false});
    const auto repaired = read(line);
    CHECK(repaired.want.empty());
    CHECK(repaired.is_last);
}

TEST_CASE("a relay restored from a backup is refilled by whoever holds the envelopes", "[sync]") {
    Scene scene(4);
    auto first = chain_of(scene, 1);
    auto second = chain_of(scene, 2);
    first.write(scene, 10);
    second.write(scene, 10);
    push(scene, 1, first, 0, 5);
    const auto backup = scene.store;
    push(scene, 1, first, 5, 5);
    push(scene, 2, second, 0, 10);
    const auto before = scene.store.spaces.at({scene.membership->org(), scene.space});

    scene.store = backup;
    scene.store.renew_incarnations(scene.env);
    scene.restart();
    Line line(scene);
    line.greet(3).open(before.end);
    CHECK_FALSE(line.expect<Opened>().known);
    line.say(Vector{.channel = 0, .heads = {first.head(10), second.head(10)}, .more = false});
    auto repaired = read(line);
    REQUIRE(repaired.want.size() == 2);
    for (const auto& want : repaired.want) {
        const auto& chain = want.device == first.pen.device ? first : second;
        const auto from = static_cast<std::ptrdiff_t>(want.last);
        line.push_of(
            chain.pen, want.last + 1, {chain.envelopes.begin() + from, chain.envelopes.end()});
    }
    line.rest();
    const auto& after = scene.store.spaces.at({scene.membership->org(), scene.space});
    std::multiset<Bytes> had;
    std::multiset<Bytes> has;
    for (const auto& placed : before.log)
        had.insert(placed.envelope);
    for (const auto& placed : after.log)
        has.insert(placed.envelope);
    CHECK(had == has);
}

TEST_CASE("as many chains as the limit says are compared, and no more", "[sync]") {
    Scene scene(2);
    Line line(scene);
    line.greet(1).open();
    line.expect<Opened>();
    Vector vector{.channel = 0, .heads = {}, .more = true};
    for (std::size_t i = 0; i < limits::vector_actors_max; ++i) {
        ChainHead head;
        head.device.bytes[0] = static_cast<std::uint8_t>(i);
        head.device.bytes[1] = static_cast<std::uint8_t>(i >> 8U);
        head.last = 1;
        vector.heads.push_back(head);
    }
    line.say(vector);
    CHECK_FALSE(line.closed());
    ChainHead one;
    one.device.bytes[5] = 1;
    line.say(Vector{.channel = 0, .heads = {one}, .more = false});
    CHECK(line.closed() == Code::too_large);
}
