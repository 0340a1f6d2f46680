// SPDX-License-Identifier: Apache-2.0
#include "sync/device/join_session.hpp"
#include "sync/device/recover_session.hpp"

#include <catch2/catch.hpp>

#include "tests/sync/device/scene.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

/// The centre has made an invite, and a new tablet holds it.
struct Join : Scene {
    Join() {
        const crypto::InviteOrder order{
            .role = crypto::role_member,
            .grants = {{space, crypto::right_read | crypto::right_write}},
            .expiry = centre.env.wall_time() + 3'600'000,
            .url = "wss://relay.example/sync"};
        centre.intend([&](const crypto::Author& author) -> Result<Bytes> {
            TRELLIS_TRY(auto fresh, crypto::invite_create(author, order));
            invite = std::move(fresh.invite);
            return fresh.entry;
        });
        centre.confirm_log();
        relay_log = centre.log();
    }
    void start() {
        session.emplace(
            *invite, [this](const auto& entries) { return make(entries); }, SessionTimes(),
            env, relay.now);
        relay.shake(*session);
    }
    void enter() {
        start();
        const auto truth = fold(relay_log);
        say(Welcome{1, truth->length(), truth->head(), 1024});
    }
    static Result<crypto::Membership> fold(const std::vector<Bytes>& log) {
        TRELLIS_TRY(auto membership, crypto::Membership::found(log.front()));
        for (std::size_t i = 1; i < log.size(); ++i) TRELLIS_DO(membership.extend(log[i]));
        return membership;
    }
    Result<Bytes> make(const std::vector<Bytes>& entries) {
        ++made;
        TRELLIS_TRY(const auto membership, fold(entries));
        if (membership.device(key.id(membership.org())) != nullptr) return Bytes();
        const crypto::JoinOrder order{.device_name = "Tablet 9",
                                      .device_kind = crypto::DeviceKind::tablet};
        return crypto::join(membership, *invite, key, order, env.wall_time(), env);
    }
    void serve(std::size_t most = 1000) {
        const auto from = static_cast<std::size_t>(relay.expect<GetEntries>().from);
        const auto to = std::min(from + most, relay_log.size());
        const auto at = relay_log.begin();
        say(Entries{from,
                    {at + static_cast<std::ptrdiff_t>(from), at + static_cast<std::ptrdiff_t>(to)},
                    to < relay_log.size()});
    }
    void judge() {
        const auto put = relay.expect<PutEntry>();
        auto truth = *fold(relay_log);
        const auto extended = truth.extend(put.entry);
        if (extended) relay_log.push_back(put.entry);
        const auto code = extended ? Code::internal : extended.error().code;
        say(EntryAnswer{extended.has_value(), code, extended ? "" : extended.error().message,
                        truth.length(), truth.head()});
    }
    void say(const Message& message) { relay.say(*session, message); }
    [[nodiscard]] const Error& failure() const { return *session->progress().failure; }
    [[nodiscard]] bool says(std::string_view words) const {
        return failure().message.find(words) != std::string::npos;
    }

    FakeEnv env{40};
    crypto::DeviceKey key = crypto::DeviceKey::generate(env);
    std::optional<crypto::Invite> invite;
    std::vector<Bytes> relay_log;
    std::optional<JoinSession> session;
    int made = 0;
};

}  // namespace

TEST_CASE("an invite reads the whole log and joins on top of it", "[sync]") {
    Join join;
    join.enter();
    REQUIRE(join.relay.proof->claim.kind == crypto::ProofKind::invite);
    const auto keys = crypto::invite_keys(*join.invite);
    REQUIRE(join.relay.proof->claim.id == crypto::signer(keys.id));
    REQUIRE(crypto::verify_proof(*join.relay.proof, keys.sign.key()));
    while (join.made == 0) join.serve(3);
    join.judge();
    REQUIRE(join.session->done());
    REQUIRE(join.session->progress().complete);
    REQUIRE(join.relay.closed);
    REQUIRE_FALSE(join.relay.closed->code);
    REQUIRE(join.session->entries() == join.relay_log);
    REQUIRE(join.session->relay_key() == join.relay.key());
    const auto membership = join.fold(join.session->entries());
    REQUIRE(membership->device(join.key.id(membership->org())));
}

TEST_CASE("a join that loses a race is made anew", "[sync]") {
    Join join;
    join.enter();
    join.serve();
    join.centre.add_space("Another");
    join.relay_log = join.centre.log();
    SECTION("with news of it") {
        join.say(EntryNews{join.relay_log.size(), join.centre.membership().head()});
    }
    SECTION("without") {}
    join.judge();  // conflict
    REQUIRE_FALSE(join.session->done());
    join.serve();
    join.judge();
    REQUIRE(join.session->done());
    REQUIRE(join.made == 2);
    REQUIRE(join.session->entries() == join.relay_log);
}

TEST_CASE("a join whose answer was lost is found in the log", "[sync]") {
    Join join;
    join.enter();
    join.serve();
    join.relay_log.push_back(join.relay.expect<PutEntry>().entry);
    join.enter();
    join.serve();
    REQUIRE(join.session->done());
    REQUIRE(join.session->entries() == join.relay_log);
    join.relay.expect_silence();
}

TEST_CASE("each way an invite can fail is told in a sentence", "[sync]") {
    Join join;
    SECTION("the relay does not take it") {
        join.start();
        join.say(Bye{Code::denied, "this invite was used or withdrawn"});
        REQUIRE(join.says("ask for a new one"));
        REQUIRE(join.says("used or withdrawn"));
    }
    SECTION("the relay is busy") {
        join.start();
        join.say(Bye{Code::busy, "come back at noon"});
        REQUIRE(join.failure().message == "come back at noon");
    }
    SECTION("the relay does not know the organisation") {
        join.start();
        join.say(Welcome{1, 0, {}, 1024});
        REQUIRE(join.failure().code == Code::not_found);
    }
    SECTION("the relay shows another organisation") {
        FakeSyncable other(50);
        other.found();
        join.relay_log = other.log();
        join.enter();
        join.serve();
        REQUIRE(join.failure().code == Code::denied);
        REQUIRE(join.says("another organisation"));
        REQUIRE(join.made == 0);
    }
    SECTION("the relay's log is older than the invite") {
        join.relay_log.pop_back();
        join.enter();
        join.serve();
        REQUIRE(join.failure().code == Code::rolled_back);
        REQUIRE(join.made == 0);
    }
    SECTION("its owner finds fault with the log") {
        join.relay_log.back().back() ^= 1U;
        join.start();
        join.say(Welcome{1, join.relay_log.size(), {}, 1024});
        join.serve();
        REQUIRE(join.made == 1);
    }
    SECTION("it was used a moment before") {
        join.enter();
        join.serve();
        join.relay.expect<PutEntry>();
        join.say(EntryAnswer{false, Code::denied, "spent", join.relay_log.size(), {}});
        REQUIRE(join.says("ask for a new one"));
    }
    SECTION("the relay has no room") {
        join.enter();
        join.serve();
        join.relay.expect<PutEntry>();
        join.say(EntryAnswer{false, Code::no_space, "the disk is full", join.relay_log.size(), {}});
        REQUIRE(join.failure().code == Code::no_space);
    }
    SECTION("the relay says conflict for ever") {
        join.enter();
        join.serve();
        for (int i = 0; i < 3; ++i) {
            join.relay.expect<PutEntry>();
            join.say(EntryAnswer{false, Code::conflict, "first", join.relay_log.size(), {}});
        }
        REQUIRE(join.failure().code == Code::conflict);
    }
    SECTION("the relay talks of something else") {
        join.enter();
        join.say(Opened());
        REQUIRE(join.failure().code == Code::invalid);
    }
    REQUIRE_FALSE(join.session->done());
    REQUIRE(join.relay.closed);
    REQUIRE(join.relay.closed->code == join.failure().code);
}

TEST_CASE("an invite that names another relay than the one that answers is not shown to it",
          "[sync]") {
    Join join;
    join.invite->server_key = join.key.sign().key();
    join.session.emplace(
        *join.invite, [&](const auto& entries) { return join.make(entries); }, SessionTimes(),
        join.env, 0);
    const auto relay_secret = crypto::SignSecret::generate(join.env);
    crypto::ServerHandshake handshake(relay_secret, join.env);
    const auto hello = std::get<DeviceSend>(*join.session->next_action()).frame;
    join.session->receive(*handshake.receive_hello(hello), 1);
    REQUIRE(join.says("not the one that the invite names"));
    REQUIRE(std::get<DeviceClose>(*join.session->next_action()).code == Code::denied);
}

TEST_CASE("a relay that falls silent while joining is given up", "[sync]") {
    Join join;
    join.enter();
    join.session->tick(join.relay.now + 90'000);
    REQUIRE(join.failure().code == Code::timeout);
}

TEST_CASE("a relay that has no log to show gets no recovery made on top of nothing", "[sync]") {
    Join it;
    bool was_asked = false;
    for (const Message& first : {Message(EntryNews{}), Message(Pong{}), Message(Welcome{})}) {
        RecoverSession session(
            it.invite->org, std::nullopt, crypto::SignSecret::generate(it.env),
            [&](const std::vector<Bytes>&) -> Result<std::vector<Bytes>> {
                was_asked = true;
                return std::vector<Bytes>();
            },
            SessionTimes(), it.env, it.relay.now);
        it.relay.shake(session);
        it.relay.say(session, first);
        CAPTURE(first.index());
        CHECK(session.progress().failure.has_value());
        CHECK_FALSE(session.done());
    }
    CHECK_FALSE(was_asked);
}
