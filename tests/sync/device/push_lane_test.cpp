// SPDX-License-Identifier: Apache-2.0
#include "sync/device/push_lane.hpp"

#include <catch2/catch.hpp>

#include "tests/sync/device/scene.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

/// The tablet has written, connects, and both spaces are open and empty.
struct Upload : Scene {
    void connect(Counter own_last = 0) {
        session.emplace(tablet, options, tablet.env, relay.now);
        relay.shake(*session);
        auto hello = welcome(tablet);
        hello.push_window = window;
        relay.say(*session, hello);
        opens = {relay.expect<Open>(), relay.expect<Open>()};
        channel = opens[0].space == space ? 0 : 1;
        other = static_cast<Channel>(1 - channel);
        auto opened = log.opened(open_of(channel), channel);
        opened.own_last = own_last;
        const auto& chains = tablet.state().spaces.at(space).chains;
        if (own_last > 0) {
            const auto& chain = chains.at({tablet.device(), own()});
            opened.own_chain = short_digest(chain.at(own_last - 1).chain);
        }
        if (other_first) open_other();
        say(opened);
        if (!other_first) open_other();
    }
    void open_other() { say(directory_log.opened(open_of(other), other)); }
    void say(const Message& message) { relay.say(*session, message); }
    void stored(Channel on, Counter last) { say(Stored{on, {}, {}, last, last}); }
    [[nodiscard]] const Incarnation& own() { return tablet.state().spaces.at(space).own; }
    /// Writes `count` texts and seals them.
    void write(unsigned count, std::size_t size = 20) {
        for (unsigned i = 0; i < count; ++i) tablet.write(space, std::string(size, 'x'));
    }
    void seal() { REQUIRE(tablet.outbox(space, 0, 1)); }

    SessionOptions options = one_pass();
    std::uint32_t window = 1024 * 1024;
    bool other_first = true;
    std::optional<DeviceSession> session;
    Channel channel = 0;
    Channel other = 0;
};

}  // namespace

TEST_CASE("what is written goes up as the channel's own chain and is confirmed", "[sync]") {
    Upload up;
    up.write(3);
    up.connect();
    const auto push = up.relay.expect<Push>();
    REQUIRE(push.channel == up.channel);
    REQUIRE(push.runs.size() == 1);
    REQUIRE(push.runs[0].device.is_zero());
    REQUIRE(push.runs[0].first == 1);
    REQUIRE(push.runs[0].envelopes.size() == 3);
    up.relay.expect_silence();
    REQUIRE_FALSE(up.tablet.is_all_stored());
    up.stored(up.channel, 3);
    REQUIRE(up.tablet.is_all_stored());
    REQUIRE(up.session->progress().sent == 3);
    up.say(Pong{up.relay.expect<Ping>().token});
    REQUIRE(up.session->progress().complete);
    REQUIRE(up.session->progress().pending == 0);
}

TEST_CASE("a relay cannot confirm more than it was sent", "[sync]") {
    Upload up;
    up.options.push_bytes = 1;
    up.window = 300;
    up.write(3);
    up.connect();
    REQUIRE(up.relay.expect<Push>().runs[0].first == 1);
    up.relay.expect_silence();
    up.stored(up.channel, 99);
    REQUIRE(up.tablet.state().spaces.at(up.space).stored == 1);
    REQUIRE(up.relay.expect<Push>().runs[0].first == 2);
}

TEST_CASE("a live session pushes what is written while it stands", "[sync]") {
    Upload up;
    up.options = SessionOptions();
    up.connect();
    up.relay.expect_silence();
    up.write(1);
    SECTION("somewhere") { up.session->outbox_changed(5); }
    SECTION("here") { up.session->outbox_changed(up.space, 5); }
    up.relay.listen(*up.session);
    REQUIRE_FALSE(up.session->progress().complete);
    REQUIRE(up.relay.expect<Push>().channel == up.channel);
    up.stored(up.channel, 1);
    REQUIRE(up.session->progress().complete);
    up.session->outbox_changed(up.directory, 6);
    up.session->outbox_changed(7);
    up.relay.listen(*up.session);
    up.relay.expect_silence();
}

TEST_CASE("what the relay holds already does not go up again, where it is surely ours",
          "[sync]") {
    Upload up;
    up.write(4);
    up.seal();
    SECTION("all of it: the answer was lost, nothing is sent") {
        up.connect(4);
        REQUIRE(up.tablet.is_all_stored());
        up.relay.expect<Ping>();
    }
    SECTION("a part of it: the relay recognises what comes again") {
        up.connect(2);
        REQUIRE(up.relay.expect<Push>().runs[0].first == 1);
        REQUIRE_FALSE(up.tablet.is_all_stored());
    }
    SECTION("less than it had confirmed: that goes up again") {
        REQUIRE(up.tablet.confirm(up.space, up.own(), 4));
        up.connect(2);
        const auto push = up.relay.expect<Push>();
        REQUIRE(push.runs[0].first == 3);
        REQUIRE(push.runs[0].envelopes.size() == 2);
    }
}

TEST_CASE("pushes keep inside the relay's window and take turns", "[sync]") {
    Upload up;
    up.options.push_bytes = 3'000;
    up.window = 12'000;
    up.write(20, 1'800);
    for (int i = 0; i < 20; ++i) up.tablet.write(up.directory, std::string(1'800, 'y'));
    std::map<Channel, Counter> sent;
    std::size_t out = 0;
    std::vector<std::pair<Channel, std::pair<Counter, std::size_t>>> flights;
    up.connect();
    std::string order;
    while (sent[up.channel] + sent[up.other] < 40 || !flights.empty()) {
        for (const auto& message : up.relay.heard()) {
            const auto* push = std::get_if<Push>(&message);
            if (push == nullptr) continue;
            const auto& run = push->runs.at(0);
            REQUIRE(run.first == sent[push->channel] + 1);
            sent[push->channel] += run.envelopes.size();
            const auto bytes = encode(*push).size();
            out += bytes;
            flights.push_back({push->channel, {sent[push->channel], bytes}});
            order += push->channel == up.channel ? 'a' : 'b';
        }
        up.relay.forget();
        REQUIRE(out <= up.window);
        REQUIRE_FALSE(flights.empty());
        const auto [channel, flight] = flights.front();
        flights.erase(flights.begin());
        out -= flight.second;
        up.stored(channel, flight.first);
    }
    REQUIRE(up.tablet.is_all_stored());
    // The first space fills the window before the other is open; from then on they alternate.
    REQUIRE(order.find("ababababab") != std::string::npos);
}

TEST_CASE("an envelope larger than the window goes alone", "[sync]") {
    Upload up;
    up.window = 1'000;
    up.write(2, 5'000);
    up.options.push_bytes = 1;
    up.connect();
    REQUIRE(up.relay.expect<Push>().runs[0].first == 1);
    up.relay.expect_silence();
    up.stored(up.channel, 1);
    REQUIRE(up.relay.expect<Push>().runs[0].first == 2);
}

TEST_CASE("what does not fit one frame goes in several", "[sync]") {
    Upload up;
    up.options.push_bytes = 4 * 1024 * 1024;
    SECTION("because of its bytes") { up.write(5, 100'000); }
    SECTION("because of its number") { up.write(limits::page_envelopes_max + 1); }
    up.connect();
    const auto first = up.relay.expect<Push>();
    const auto second = up.relay.expect<Push>();
    REQUIRE(second.runs[0].first == first.runs[0].first + first.runs[0].envelopes.size());
}

TEST_CASE("where the relay's copy ends earlier than thought, the device goes back once",
          "[sync]") {
    Upload up;
    up.options.push_bytes = 1;
    up.write(6);
    up.seal();
    REQUIRE(up.tablet.confirm(up.space, up.own(), 2));
    up.connect(2);
    for (Counter i = 3; i <= 6; ++i) REQUIRE(up.relay.expect<Push>().runs[0].first == i);
    up.stored(up.channel, 3);
    // It has lost two and three by now; each of the pieces under way hears of it.
    for (int i = 0; i < 3; ++i) up.say(Need{up.channel, {}, {}, 2});
    for (Counter i = 2; i <= 6; ++i) REQUIRE(up.relay.expect<Push>().runs[0].first == i);
    up.relay.expect_silence();
    for (Counter i = 2; i <= 6; ++i) up.stored(up.channel, i);
    REQUIRE(up.tablet.is_all_stored());
    up.relay.expect<Ping>();
}

TEST_CASE("a relay that asks for the same place for ever is not obeyed for ever", "[sync]") {
    Upload up;
    up.write(1);
    up.connect();
    for (int i = 0; i < 4; ++i) {
        REQUIRE(up.relay.expect<Push>().runs[0].first == 1);
        up.say(Need{up.channel, {}, {}, 1});
    }
    up.relay.expect<Ping>();
    REQUIRE(up.session->progress().events.at(0).what.code == Code::conflict);
}

TEST_CASE("a refused push stops that space's pushes and nothing else", "[sync]") {
    Upload up;
    up.options.push_bytes = 1;
    up.write(3);
    up.centre.write(up.space, "from the centre");
    up.log.append(up.centre, up.space);
    up.tablet.write(up.directory, "elsewhere");
    up.connect();
    up.relay.forget();
    const auto code = GENERATE(Code::fork, Code::denied, Code::no_space, Code::corrupt);
    up.say(PushRefused{up.channel, {}, {}, 1, code, "no"});
    up.say(Need{up.channel, {}, {}, 1});
    up.say(Need{up.channel, {}, {}, 1});
    const auto& event = up.session->progress().events.at(0);
    REQUIRE(event.space == up.space);
    REQUIRE(event.what == Error{code, "no"});
    REQUIRE(up.session->progress().events.size() == 1);
    up.relay.expect_silence();

    up.say(up.log.page(0, 1, up.channel));
    REQUIRE(up.tablet.cursor(up.space) == up.log.end());
    up.relay.expect<Seen>();
    up.stored(up.other, 1);
    up.say(Pong{up.relay.expect<Ping>().token});
    REQUIRE(up.session->done());
    REQUIRE_FALSE(up.session->progress().complete);
    // What another copy has taken the names of is to be said again under a new name.
    const bool is_fork = code == Code::fork;
    REQUIRE(up.session->progress().again == is_fork);
    REQUIRE(up.tablet.forks == (is_fork ? 1U : 0U));
    REQUIRE(up.session->progress().pending == (is_fork ? 0U : 3U));
}

TEST_CASE("what the relay had no room for goes up again while the connection stays", "[sync]") {
    Upload up;
    up.options = SessionOptions();
    up.write(1);
    up.connect();
    up.relay.expect<Push>();
    const auto code = GENERATE(Code::busy, Code::no_space);
    up.say(PushRefused{up.channel, {}, {}, 1, code, "later"});
    // Work that comes meanwhile does not hurry it.
    up.write(1);
    up.session->outbox_changed(up.relay.now);
    up.relay.expect_silence();
    const Time due = up.session->deadline();
    REQUIRE(due <= up.relay.now + up.options.times.resume_ms);
    up.session->tick(due - 1);
    up.relay.listen(*up.session);
    up.relay.expect_silence();
    up.relay.now = due;
    up.session->tick(due);
    up.relay.listen(*up.session);
    const auto again = up.relay.expect<Push>();
    REQUIRE(again.runs.at(0).first == 1);
    REQUIRE(again.runs.at(0).envelopes.size() == 2);
    up.stored(up.channel, 2);
    REQUIRE(up.tablet.is_all_stored());
    REQUIRE(up.session->deadline() > due);
}

TEST_CASE("what could not be sealed for want of room goes up when there is room again", "[sync]") {
    Upload up;
    up.options = SessionOptions();
    up.options.times.ping_ms = 10 * up.options.times.resume_ms;  // no pings in between
    up.options.times.dead_ms = 2 * up.options.times.ping_ms;
    up.connect();
    up.tablet.outbox_error = Error{GENERATE(Code::no_space, Code::internal, Code::busy), "full"};
    up.write(1);
    up.session->outbox_changed(up.relay.now);
    up.relay.listen(*up.session);
    up.relay.expect_silence();
    // Still full at the next try.
    for (int round = 0; round < 2; ++round) {
        const Time due = up.session->deadline();
        REQUIRE(due <= up.relay.now + up.options.times.resume_ms);
        up.relay.now = due;
        if (round == 1) up.tablet.outbox_error.reset();
        up.session->tick(due);
        up.relay.listen(*up.session);
        if (round == 0) up.relay.expect_silence();
    }
    REQUIRE(up.relay.expect<Push>().runs.at(0).first == 1);
    up.stored(up.channel, 1);
    REQUIRE(up.tablet.is_all_stored());
}

TEST_CASE("what was denied gets another chance when the membership log has grown", "[sync]") {
    Upload up;
    up.options = SessionOptions();
    up.write(1);
    up.connect();
    up.relay.expect<Push>();
    up.say(PushRefused{up.channel, {}, {}, 1, Code::denied, "no"});
    up.centre.let_in(up.tablet.device(), up.space);
    up.say(EntryNews{up.centre.membership().length(), up.centre.membership().head()});
    const auto get = up.relay.expect<GetEntries>();
    up.say(Entries{get.from, {up.centre.log().back()}, false});
    REQUIRE(up.relay.expect<Push>().runs[0].first == 1);
}

TEST_CASE("a relay with other envelopes in our name stops our pushes at once", "[sync]") {
    Upload up;
    up.write(2);
    up.seal();
    // A copy of this database has written something else in the same place.
    auto state = up.tablet.state();
    auto& chain = state.spaces.at(up.space).chains.at({up.tablet.device(), up.own()});
    chain.back().chain.bytes[0] ^= 1U;
    const auto ours = up.tablet.state();
    up.tablet.restore(state);
    up.options.follow = true;
    up.session.emplace(up.tablet, up.options, up.tablet.env, 0);
    up.channel = up.open_all(*up.session, up.tablet);
    auto opened = up.log.opened(up.open_of(up.channel), up.channel);
    opened.own_last = 2;
    opened.own_chain =
        short_digest(ours.spaces.at(up.space).chains.at({up.tablet.device(), up.own()})[1].chain);
    up.say(opened);
    up.relay.expect_silence();
    REQUIRE(up.session->progress().events.at(0).what.code == Code::fork);
    REQUIRE_FALSE(up.session->progress().failure);
    REQUIRE_FALSE(up.tablet.is_all_stored());
}

TEST_CASE("an outbox that cannot be sealed does not keep pages from coming", "[sync]") {
    Upload up;
    up.write(1);
    up.tablet.outbox_error = Error{Code::wrong_key, "no key of this epoch"};
    up.centre.write(up.space, "from the centre");
    up.log.append(up.centre, up.space);
    up.connect();
    up.say(up.log.page(0, 1, up.channel));
    REQUIRE(up.tablet.cursor(up.space) == up.log.end());
    REQUIRE(up.session->progress().events.at(0).what.code == Code::wrong_key);
}

TEST_CASE("a space that is taken away frees the window it held", "[sync]") {
    Upload up;
    up.options.push_bytes = 1;
    up.window = 400;
    up.other_first = false;
    up.write(10);
    up.tablet.write(up.directory, "waits for its turn");
    up.connect();
    up.relay.forget();
    up.say(OpenRefused{up.space, Code::denied, "no longer yours"});
    REQUIRE(up.relay.expect<Push>().channel == up.other);
    up.say(Stored{up.channel, {}, {}, 1, 1});
    up.say(Need{up.channel, {}, {}, 1});
    up.stored(up.other, 1);
    up.say(Pong{up.relay.expect<Ping>().token});
    REQUIRE(up.session->done());
    REQUIRE_FALSE(up.session->progress().complete);
}
