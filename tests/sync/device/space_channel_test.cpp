// SPDX-License-Identifier: Apache-2.0
#include "sync/device/space_channel.hpp"

#include <catch2/catch.hpp>

#include "tests/sync/device/scene.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

/// The centre has written, the tablet connects and its space is open.
struct Pull : Scene {
    explicit Pull(unsigned texts, bool follow = true) {
        options.follow = follow;
        for (unsigned i = 0; i < texts; ++i) centre.write(space, "visit " + std::to_string(i));
        log.append(centre, space);
    }
    void connect() {
        session.emplace(tablet, options, tablet.env, relay.now);
        channel = open_all(*session, tablet);
        const auto other = static_cast<Channel>(1 - channel);
        relay.say(*session, directory_log.opened(open_of(other), other));
    }
    void open() {
        connect();
        relay.say(*session, log.opened(open_of(channel), channel));
    }
    void say(const Message& message) { relay.say(*session, message); }
    void deliver(std::uint64_t from, std::uint64_t to) { say(log.page(from, to, channel)); }
    [[nodiscard]] bool is_equal() const { return centre.texts(space) == tablet.texts(space); }

    SessionOptions options;
    std::optional<DeviceSession> session;
    Channel channel = 0;
};

}  // namespace

TEST_CASE("pages move the cursor, and the last one is answered with what was seen", "[sync]") {
    Pull pull(5);
    pull.open();
    REQUIRE(pull.open_of(pull.channel).position == 0);
    REQUIRE(pull.open_of(pull.channel).follow);
    pull.deliver(0, 2);
    pull.relay.expect_silence();
    REQUIRE_FALSE(pull.session->progress().complete);
    REQUIRE(pull.tablet.cursor(pull.space) == pull.log.cursor(2));
    pull.deliver(2, 5);
    const auto seen = pull.relay.expect<Seen>();
    REQUIRE(seen.device == pull.tablet.device());
    REQUIRE(seen.position == 5);
    REQUIRE(seen.head == pull.log.end().head);
    REQUIRE(pull.is_equal());
    REQUIRE(pull.session->progress().complete);
    REQUIRE(pull.session->progress().received == 5);

    // Following: one more, and one more word.
    pull.centre.write(pull.space, "late");
    pull.log.append(pull.centre, pull.space);
    pull.deliver(5, 6);
    REQUIRE(pull.relay.expect<Seen>().position == 6);
    REQUIRE(pull.is_equal());

    // The next connection goes on from there.
    pull.connect();
    REQUIRE(pull.open_of(pull.channel).position == 6);
    REQUIRE(pull.open_of(pull.channel).head == short_digest(pull.log.end().head));
}

TEST_CASE("a page that comes again is not taken in again", "[sync]") {
    Pull pull(4);
    pull.open();
    pull.deliver(0, 2);
    pull.deliver(0, 2);
    pull.deliver(0, 1);
    pull.deliver(2, 4);
    pull.relay.expect<Seen>();
    pull.deliver(2, 4);
    pull.deliver(0, 4);
    pull.relay.expect_silence();
    REQUIRE(pull.tablet.applied == 4);
    REQUIRE(pull.tablet.known_again == 0);
    REQUIRE(pull.is_equal());
}

TEST_CASE("a chain named as one's own is the one that Open named", "[sync]") {
    Pull pull(0);
    pull.tablet.write(pull.space, "mine");
    pull.log.append(pull.tablet, pull.space);
    pull.open();
    auto page = pull.log.page(0, 1, pull.channel);
    page.runs[0].device = {};
    page.runs[0].incarnation = {};
    pull.say(page);
    REQUIRE(pull.tablet.cursor(pull.space) == pull.log.end());
    REQUIRE(pull.tablet.known_again == 1);
}

TEST_CASE("bytes taken in are granted back, repairs and repeats too", "[sync]") {
    Pull pull(0);
    for (int i = 0; i < 12; ++i) pull.centre.write(pull.space, std::string(16'000, 'x'));
    pull.log.append(pull.centre, pull.space);
    pull.open();
    std::size_t granted = 0;
    std::size_t sent = 0;
    for (std::uint64_t i = 0; i < 12; ++i) {
        const auto bytes = encode(pull.log.page(i, i + 1, pull.channel)).size();
        sent += bytes;
        pull.deliver(i, i + 1);
        for (const auto& message : pull.relay.heard()) {
            if (const auto* credit = std::get_if<Credit>(&message)) granted += credit->bytes;
        }
        pull.relay.forget();
        REQUIRE(sent <= granted + 64 * 1024 + 20'000);
    }
    REQUIRE(granted > 0);
    REQUIRE(granted <= sent + 12 * 16);
}

TEST_CASE("a page that cannot be taken in ends the session with nothing of it applied", "[sync]") {
    Pull pull(3);
    pull.open();
    auto page = pull.log.page(0, 3, pull.channel);
    auto code = Code::corrupt;
    SECTION("a signature that is not its author's") { page.runs[2].envelopes[0].back() ^= 1U; }
    SECTION("a stranger's") {
        page.runs[1].device.bytes[0] ^= 1U;
        code = Code::denied;
    }
    SECTION("from the middle of nowhere") { page.runs[1].first = 9; }
    SECTION("a full disk") {
        pull.tablet.receive_error = Error{Code::no_space, "the disk is full"};
        code = Code::no_space;
    }
    SECTION("one that ends before it begins") {
        page.from = 2;
        page.to = 1;
        code = Code::invalid;
    }
    pull.say(page);
    REQUIRE(pull.relay.expect<Bye>().code == code);
    REQUIRE(pull.relay.closed->code == code);
    REQUIRE(pull.session->progress().failure->code == code);
    REQUIRE(pull.tablet.texts(pull.space).empty());
    REQUIRE(pull.tablet.cursor(pull.space) == Cursor());
}

TEST_CASE("a page that does not fit the cursor starts a repair", "[sync]") {
    Pull pull(6);
    pull.open();
    pull.deliver(0, 2);
    auto page = pull.log.page(2, 4, pull.channel);
    SECTION("its hash is not that of its envelopes") { page.head.bytes[0] ^= 1U; }
    SECTION("it leaves a gap") { page = pull.log.page(3, 4, pull.channel); }
    SECTION("it begins inside what is here") { page = pull.log.page(1, 4, pull.channel); }
    pull.say(page);
    const auto vector = pull.relay.expect<Vector>();
    REQUIRE_FALSE(vector.more);
    REQUIRE(vector.heads.size() == 1);
    REQUIRE(vector.heads[0].device == pull.centre.device());
    REQUIRE(vector.heads[0].last == 2);

    // What was under way is not taken in; the repair is, and names the place to go on from.
    pull.deliver(2, 4);
    REQUIRE(pull.tablet.cursor(pull.space) == pull.log.cursor(2));
    auto repair = pull.log.page(2, 5, pull.channel);
    repair.repair = true;
    repair.last = true;
    pull.say(repair);
    REQUIRE(pull.tablet.cursor(pull.space) == pull.log.cursor(5));
    REQUIRE(pull.relay.expect<Seen>().position == 5);
    pull.deliver(5, 6);
    REQUIRE(pull.is_equal());
    REQUIRE(pull.tablet.applied == 6);
}

TEST_CASE("where repairing does not help the session ends, rather than going round", "[sync]") {
    Pull pull(6);
    pull.open();
    for (int round = 0; round < 4; ++round) {
        auto page = pull.log.page(0, 1, pull.channel);
        page.head.bytes[0] ^= 1U;
        pull.say(page);
        if (round == 3) break;
        pull.relay.expect<Vector>();
        pull.say(Deliver{pull.channel, true, true, 0, 0, {}, {}});
    }
    REQUIRE(pull.relay.expect<Bye>().code == Code::conflict);
}

TEST_CASE("a relay that went back in time gets its envelopes back, whoever wrote them",
          "[sync]") {
    Pull pull(40, false);
    pull.tablet.write(pull.space, "mine");
    pull.log.append(pull.tablet, pull.space);
    pull.open();
    pull.deliver(0, 41);
    REQUIRE(pull.tablet.texts(pull.space).size() == 41);

    // Another life of the log, which has only ten of the centre's and one we lack.
    ScriptLog restored(9);
    FakeSyncable third(3);
    pull.centre.add_member(third, false);
    pull.connect();
    pull.say(EntryNews{pull.centre.membership().length(), pull.centre.membership().head()});
    pull.centre.confirm_log();
    third.adopt(pull.centre);
    const auto get = pull.relay.expect<GetEntries>();
    const auto tail = pull.centre.log().begin() + static_cast<std::ptrdiff_t>(get.from);
    pull.say(Entries{get.from, {tail, pull.centre.log().end()}, false});
    third.write(pull.space, "from the third");
    restored.append(third, pull.space);
    pull.say(restored.opened(pull.open_of(pull.channel), pull.channel));
    const auto vector = pull.relay.expect<Vector>();
    REQUIRE(vector.heads.size() == 2);
    pull.relay.forget();

    const auto own = pull.tablet.state().spaces.at(pull.space).own;
    const auto centre_own = pull.centre.state().spaces.at(pull.space).own;
    const auto& chains = pull.tablet.state().spaces.at(pull.space).chains;
    const auto& tenth = chains.at({pull.centre.device(), centre_own}).at(9);
    pull.say(Want{pull.channel,
                  {{pull.centre.device(), centre_own, 10, short_digest(tenth.chain)},
                   {pull.tablet.device(), own, 0, {}}}});
    // Our own chain was on its way already, since the relay said that it has none of it.
    auto push = pull.relay.expect<Push>();
    REQUIRE(push.runs[0].device == pull.centre.device());
    REQUIRE(push.runs[0].first == 11);
    REQUIRE(push.runs[0].envelopes.size() == 30);
    pull.relay.expect_silence();
    pull.say(Stored{pull.channel, pull.centre.device(), centre_own, 40, 31});

    auto repair = restored.page(0, 1, pull.channel);
    repair.repair = true;
    repair.last = true;
    pull.say(repair);
    REQUIRE(pull.tablet.cursor(pull.space) == restored.cursor(1));
    REQUIRE(pull.tablet.texts(pull.space).size() == 42);
    REQUIRE(pull.relay.expect<Seen>().incarnation == restored.incarnation);
    pull.say(Stored{pull.channel, {}, {}, 1, 32});
    pull.relay.expect<Ping>();
}

TEST_CASE("a device that went back in time writes under a new name and gets its work back",
          "[sync]") {
    Pull pull(2);
    pull.open();
    pull.deliver(0, 2);
    const auto backup = pull.tablet.state();
    pull.tablet.write(pull.space, "written after the backup");
    pull.log.append(pull.tablet, pull.space);
    const auto lost = pull.tablet.state().spaces.at(pull.space);
    pull.tablet.restore(backup);
    pull.tablet.write(pull.space, "written after the restore");

    pull.connect();
    REQUIRE(pull.open_of(pull.channel).own == lost.own);
    auto opened = pull.log.opened(pull.open_of(pull.channel), pull.channel);
    opened.own_last = 1;
    opened.own_chain = short_digest(lost.chains.at({pull.tablet.device(), lost.own})[0].chain);
    pull.relay.forget();
    pull.say(opened);
    REQUIRE(pull.tablet.rollbacks == 1);
    REQUIRE(pull.session->progress().events.at(0).what.code == Code::rolled_back);
    const auto fresh = pull.tablet.state().spaces.at(pull.space).own;
    REQUIRE(fresh != lost.own);
    const auto push = pull.relay.expect<Push>();
    REQUIRE(push.runs[0].device == pull.tablet.device());
    REQUIRE(push.runs[0].incarnation == fresh);
    REQUIRE(push.runs[0].first == 1);
    pull.say(Stored{pull.channel, pull.tablet.device(), fresh, 1, 4});
    // The relay names the old chain as this channel's own: the lost envelope comes back so.
    auto page = pull.log.page(2, 3, pull.channel);
    page.runs[0].device = {};
    page.runs[0].incarnation = {};
    pull.say(page);
    REQUIRE(pull.tablet.texts(pull.space).size() == 4);
    REQUIRE(pull.tablet.is_all_stored());
}

TEST_CASE("a vector of many chains goes out in several frames", "[sync]") {
    Pull pull(1);
    pull.open();
    pull.deliver(0, 1);
    auto state = pull.tablet.state();
    auto& space = state.spaces.at(pull.space);
    const auto centre_own = pull.centre.state().spaces.at(pull.space).own;
    const auto link = space.chains.at({pull.centre.device(), centre_own}).at(0);
    for (std::uint32_t i = 0; i < 5000; ++i) {
        Incarnation other;
        other.bytes[0] = static_cast<std::uint8_t>(i);
        other.bytes[1] = static_cast<std::uint8_t>(i >> 8U);
        other.bytes[7] = 1;
        space.chains[{pull.centre.device(), other}] = {link};
    }
    const auto count = space.chains.size();
    pull.tablet.restore(state);
    pull.connect();
    auto opened = pull.log.opened(pull.open_of(pull.channel), pull.channel);
    opened.known = false;
    pull.relay.forget();
    pull.say(opened);
    const auto first = pull.relay.expect<Vector>();
    const auto second = pull.relay.expect<Vector>();
    REQUIRE(first.more);
    REQUIRE_FALSE(second.more);
    REQUIRE(first.heads.size() + second.heads.size() == count - 1);  // its own is empty
}

TEST_CASE("the words of others are heard, and false ones only noted", "[sync]") {
    Pull pull(1);
    pull.open();
    pull.deliver(0, 1);
    const auto seen = pull.relay.expect<Seen>();

    Scene& scene = pull;
    DeviceSession session(scene.centre, SessionOptions(), scene.centre.env, 0);
    const auto channel = scene.open_all(session, scene.centre);
    scene.relay.say(session, scene.log.opened(scene.open_of(channel), channel));
    auto word = seen;
    word.channel = channel;
    scene.relay.say(session, word);
    REQUIRE(scene.centre.seen_by(scene.space, scene.tablet.device()) == 1);
    word.position = 7;
    scene.relay.say(session, word);
    REQUIRE(scene.centre.seen_by(scene.space, scene.tablet.device()) == 1);
    REQUIRE_FALSE(session.progress().failure);
    REQUIRE(session.progress().events.back().what.code == Code::corrupt);
}
