// SPDX-License-Identifier: Apache-2.0
#include "sync/device/entry_exchange.hpp"

#include <catch2/catch.hpp>

#include "tests/sync/device/scene.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

/// Two admins of one organisation; `relay_log` is what the relay holds.
struct Admins : Scene {
    Admins() {
        centre.add_member(second, true);
        centre.confirm_log();
        second.adopt(centre);
        relay_log = centre.log();
    }
    void connect() {
        session.emplace(second, options, second.env, 0);
        relay.shake(*session);
        const auto truth = fold();
        relay.say(*session, Welcome{.time = 1,
                                    .log_length = truth.length(),
                                    .log_head = truth.head(),
                                    .push_window = 1024});
    }
    [[nodiscard]] crypto::Membership fold() const {
        auto membership = *crypto::Membership::found(relay_log.front());
        for (std::size_t i = 1; i < relay_log.size(); ++i) REQUIRE(membership.extend(relay_log[i]));
        return membership;
    }
    /// Serves one slice of at most `most` entries.
    void serve(std::size_t most = 1000) {
        const auto from = static_cast<std::size_t>(relay.expect<GetEntries>().from);
        const auto to = std::min(from + most, relay_log.size());
        const auto at = relay_log.begin();
        relay.say(*session, Entries{from,
                                    {at + static_cast<std::ptrdiff_t>(from),
                                     at + static_cast<std::ptrdiff_t>(to)},
                                    to < relay_log.size()});
    }
    /// Takes an entry in, or says that somebody was first.
    void judge() {
        const auto put = relay.expect<PutEntry>();
        auto truth = fold();
        const auto extended = truth.extend(put.entry);
        if (extended) relay_log.push_back(put.entry);
        relay.say(*session,
                  EntryAnswer{extended.has_value(), extended ? Code::internal : Code::conflict,
                              extended ? "" : "somebody was first", truth.length(), truth.head()});
    }
    void say(const Message& message) { relay.say(*session, message); }

    FakeSyncable second{3};
    std::vector<Bytes> relay_log;
    SessionOptions options;
    std::optional<DeviceSession> session;
};

}  // namespace

TEST_CASE("entries come before spaces, in slices", "[sync]") {
    Admins admins;
    for (int i = 0; i < 5; ++i) admins.centre.add_space("Space");
    admins.relay_log = admins.centre.log();
    admins.connect();
    for (int i = 0; i < 3; ++i) admins.serve(2);
    REQUIRE(admins.second.confirmed_entries() == admins.relay_log.size());
    admins.relay.expect<Open>();
    admins.relay.expect<Open>();
    admins.relay.expect_silence();
}

TEST_CASE("an entry that loses the race is made anew on top of the other", "[sync]") {
    Admins admins;
    admins.second.add_space("Made offline");
    admins.second.add_space("And another");
    admins.connect();
    admins.centre.add_space("First");
    admins.relay_log.push_back(admins.centre.log().back());
    admins.judge();  // conflict
    admins.serve();
    admins.judge();
    admins.judge();
    REQUIRE(admins.second.log() == admins.relay_log);
    REQUIRE(admins.second.confirmed_entries() == admins.relay_log.size());
    REQUIRE(admins.fold().spaces().size() == 5);
    // Both older spaces and both of its own; the one in which it has no part is left out.
    for (int i = 0; i < 4; ++i) admins.relay.expect<Open>();
    admins.relay.expect_silence();
}

TEST_CASE("an entry whose answer was lost is recognised when it is read", "[sync]") {
    Admins admins;
    admins.second.add_space("Made offline");
    admins.relay_log.push_back(admins.second.log().back());
    admins.connect();
    admins.serve();
    REQUIRE(admins.second.confirmed_entries() == admins.relay_log.size());
    REQUIRE(admins.relay.heard().size() == 3);  // Opens; nothing to put
    REQUIRE(admins.second.refused_entries.empty());
}

TEST_CASE("an entry refused for good is told and dropped, and the rest goes on", "[sync]") {
    Admins admins;
    admins.second.add_space("Refused");
    admins.connect();
    admins.relay.expect<PutEntry>();
    admins.say(EntryAnswer{false, Code::denied, "not you", admins.relay_log.size(),
                           admins.fold().head()});
    REQUIRE(admins.second.refused_entries == std::vector<Error>{{Code::denied, "not you"}});
    REQUIRE(admins.session->progress().events.at(0).what.message == "not you");
    REQUIRE(admins.relay.heard().size() == 2);
}

TEST_CASE("an entry that cannot be stored now waits for another connection", "[sync]") {
    Admins admins;
    admins.options = one_pass();
    admins.second.add_space("Later");
    admins.connect();
    admins.relay.expect<PutEntry>();
    admins.say(EntryAnswer{false, Code::no_space, "the relay's disk is full",
                           admins.relay_log.size(), admins.fold().head()});
    REQUIRE(admins.second.refused_entries.empty());
    REQUIRE(admins.second.next_entry());
    REQUIRE(admins.session->progress().events.at(0).what.code == Code::no_space);
    admins.session->outbox_changed(5);
    for (int i = 0; i < 3; ++i) admins.relay.expect<Open>();
    admins.relay.listen(*admins.session);
    admins.relay.expect_silence();
}

TEST_CASE("an entry that had no room is put again while the connection stays", "[sync]") {
    Admins admins;
    admins.second.add_space("Made offline");
    REQUIRE(admins.options.follow);
    admins.connect();
    const auto put = admins.relay.expect<PutEntry>();
    const auto code = GENERATE(Code::busy, Code::no_space);
    admins.say(EntryAnswer{false, code, "later", admins.relay_log.size(), admins.fold().head()});
    for (int i = 0; i < 3; ++i) admins.relay.expect<Open>();
    admins.relay.expect_silence();
    const Time due = admins.session->deadline();
    REQUIRE(due <= admins.relay.now + admins.options.times.resume_ms);
    admins.relay.now = due;
    admins.session->tick(due);
    admins.relay.listen(*admins.session);
    REQUIRE(admins.relay.expect<PutEntry>().entry == put.entry);
}

TEST_CASE("a relay that says conflict and shows nobody is not asked for ever", "[sync]") {
    Admins admins;
    admins.second.add_space("Unlucky");
    admins.connect();
    for (int i = 0; i < 3; ++i) {
        admins.relay.expect<PutEntry>();
        admins.say(EntryAnswer{false, Code::conflict, "somebody was first",
                               admins.relay_log.size(), admins.fold().head()});
    }
    REQUIRE(admins.relay.heard().size() == 3);  // Opens
    admins.relay.expect<Open>();
    REQUIRE(admins.second.next_entry());
}

TEST_CASE("a relay that shows another history is not talked to", "[sync]") {
    Admins admins;
    admins.connect();
    admins.relay.forget();
    auto head = admins.fold().head();
    head.bytes[5] ^= 1U;
    admins.say(EntryNews{admins.relay_log.size(), head});
    REQUIRE(admins.relay.expect<Bye>().code == Code::fork);
}

TEST_CASE("a relay that has lost entries gets them back before anything else", "[sync]") {
    Admins admins;
    const auto whole = admins.relay_log;
    admins.relay_log.resize(whole.size() - 2);
    admins.connect();
    REQUIRE(admins.session->progress().events.at(0).what.code == Code::rolled_back);
    for (auto i = whole.size() - 2; i < whole.size(); ++i) {
        REQUIRE(admins.relay.expect<PutEntry>().entry == whole[i]);
        admins.relay_log.push_back(whole[i]);
        admins.say(EntryAnswer{true, Code::internal, {}, admins.relay_log.size(),
                               admins.fold().head()});
    }
    admins.relay.expect<Open>();
    REQUIRE(admins.second.refused_entries.empty());
    REQUIRE_FALSE(admins.session->progress().failure);
}

TEST_CASE("where another device gives lost entries back first, this one goes on behind it",
          "[sync]") {
    Admins admins;
    const auto whole = admins.relay_log;
    admins.relay_log.resize(whole.size() - 2);
    admins.connect();
    admins.relay.expect<PutEntry>();
    admins.relay_log.push_back(whole[whole.size() - 2]);
    admins.say(EntryAnswer{false, Code::conflict, "somebody was first", admins.relay_log.size(),
                           admins.fold().head()});
    REQUIRE(admins.relay.expect<PutEntry>().entry == whole.back());
}

TEST_CASE("a relay that does not take its entries back is told of, and pages still come",
          "[sync]") {
    Admins admins;
    admins.relay_log.pop_back();
    admins.connect();
    admins.relay.expect<PutEntry>();
    admins.say(EntryAnswer{false, Code::denied, "no", admins.relay_log.size(),
                           admins.fold().head()});
    admins.relay.expect<Open>();
    REQUIRE(admins.second.refused_entries.empty());
    REQUIRE(admins.session->progress().events.size() == 2);
    REQUIRE_FALSE(admins.session->progress().failure);
}

TEST_CASE("entries that were not asked for, or none where some were promised, end the session",
          "[sync]") {
    Admins admins;
    admins.centre.add_space("Space");
    admins.relay_log = admins.centre.log();
    admins.connect();
    const auto from = admins.relay.expect<GetEntries>().from;
    Entries entries{from, {}, false};
    SECTION("none") {}
    SECTION("elsewhere") { entries = {from + 1, {admins.relay_log.back()}, false}; }
    admins.say(entries);
    REQUIRE(admins.relay.expect<Bye>().code == Code::invalid);
}

TEST_CASE("a false entry ends the session and leaves the log as it was", "[sync]") {
    Admins admins;
    admins.centre.add_space("Space");
    admins.relay_log = admins.centre.log();
    admins.relay_log.back().back() ^= 1U;
    admins.session.emplace(admins.second, admins.options, admins.second.env, 0);
    admins.relay.shake(*admins.session);
    admins.say(Welcome{1, admins.relay_log.size(), admins.centre.membership().head(), 1024});
    admins.serve();
    admins.relay.expect<Bye>();
    REQUIRE(admins.second.confirmed_entries() + 1 == admins.relay_log.size());
}

TEST_CASE("pages wait for the entries they may need", "[sync]") {
    Admins admins;
    admins.connect();
    const Channel channel = admins.relay.expect<Open>().space == admins.space ? 0 : 1;
    admins.relay.forget();
    FakeSyncable newcomer(8);
    admins.centre.add_member(newcomer, false);
    admins.centre.confirm_log();
    newcomer.adopt(admins.centre);
    admins.relay_log = admins.centre.log();
    newcomer.write(admins.space, "hello");
    admins.log.append(newcomer, admins.space);

    Open open;
    admins.say(ScriptLog(1).opened(open, channel));
    admins.relay.forget();
    admins.say(EntryNews{admins.relay_log.size(), admins.fold().head()});
    admins.say(admins.log.page(0, 1, channel));
    REQUIRE(admins.second.applied == 0);
    admins.serve();
    REQUIRE(admins.second.applied == 1);
    REQUIRE(admins.relay.expect<Seen>().position == 1);
}
