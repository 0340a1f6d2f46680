// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>

#include "crypto/public/receipt.hpp"
#include "sync/wire/frame.hpp"
#include "tests/adversary/town.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

// What the network can do to a conversation, a device to the relay, and the relay to what it
// has said.

namespace {

/// What a relay says to frames from nobody in particular, after each.
std::vector<Bytes> answers_to(Town& town, const std::vector<Bytes>& frames) {
    const auto id = town.relay.relay().connected(town.relay.now);
    std::vector<Bytes> answers;
    for (const auto& frame : frames) {
        town.relay.relay().receive(id, frame, town.relay.now);
        town.relay.host().settle();
        for (auto& answer : town.relay.host().take_frames(id)) answers.push_back(std::move(answer));
    }
    town.relay.relay().disconnected(id);
    return answers;
}

/// One frame, the `target`th of a pass, meets with `fate`.
template <class Fate>
void with_each_frame(Town& town, Fate fate) {
    for (std::size_t target = 0;; ++target) {
        CAPTURE(target);
        town.write();
        std::size_t count = 0;
        town.lied_to([&] {
            town.relay.network = [&, target](bool is_up, const Bytes& frame) {
                if (count++ != target) return std::vector<Bytes>{frame};
                return fate(is_up, frame);
            };
        });
        if (count <= target) return;
    }
}

/// A device of the organisation with nothing but its keys, that says what it likes.
struct Speaker {
    Speaker(Town& in, FakeSyncable& device)
        : town(in),
          handshake(in.org(), device.env),
          session(in.relay.relay().connected(in.relay.now)) {
        crypto::ProofClaim claim;
        claim.id = crypto::signer(device.device());
        const auto answer = say_raw(handshake.hello());
        const auto proof = handshake.receive_answer(answer.at(0), std::nullopt, claim,
                                                    device.device_key().sign());
        REQUIRE(proof);
        channel = handshake.take_channel();
        hear(say_raw(*proof));
    }
    std::vector<Bytes> say_raw(const Bytes& frame) {
        town.relay.relay().receive(session, frame, town.relay.now);
        town.relay.host().settle();
        std::vector<Bytes> frames;
        for (auto& one : town.relay.host().take_frames(session)) frames.push_back(std::move(one));
        return frames;
    }
    std::vector<Message> say(const Message& message) {
        return hear(say_raw(channel->seal(encode(message))));
    }
    std::vector<Message> hear(const std::vector<Bytes>& frames) {
        std::vector<Message> messages;
        for (const auto& frame : frames) {
            const auto plain = channel->open(frame);
            REQUIRE(plain);
            messages.push_back(*decode(*plain));
        }
        return messages;
    }
    [[nodiscard]] bool is_closed() const {
        return town.relay.host().closed(session).has_value();
    }

    Town& town;
    crypto::ClientHandshake handshake;
    SessionId session;
    std::optional<crypto::Channel> channel;
};

bool holds(const Bytes& all, std::string_view text) {
    const auto part = as_bytes(text);
    return std::search(all.begin(), all.end(), part.begin(), part.end()) != all.end();
}

}  // namespace

TEST_CASE("N-03 a recorded greeting replayed, whole or into a new one, opens nothing",
          "[adversary]") {
    Town town;
    std::vector<Bytes> up;
    town.relay.network = [&](bool is_up, const Bytes& frame) {
        if (is_up) up.push_back(frame);
        return std::vector<Bytes>{frame};
    };
    town.write();
    REQUIRE(up.size() > 3);
    const auto stored = town.log().size();
    // The relay answers the hello, with another key, and nothing after it.
    REQUIRE(answers_to(town, up).size() == 1);
    crypto::ClientHandshake fresh(town.org(), town.centre.env);
    REQUIRE(answers_to(town, {fresh.hello(), up[1]}).size() == 1);
    REQUIRE(town.log().size() == stored);
}

TEST_CASE("N-04 one-time keys of small order end the greeting", "[adversary]") {
    Town town;
    crypto::ClientHandshake honest(town.org(), town.centre.env);
    for (const std::uint8_t low : Bytes{0, 1}) {
        auto hello = honest.hello();
        std::fill(hello.begin() + 6, hello.begin() + 38, std::uint8_t{0});
        hello[6] = low;
        REQUIRE(answers_to(town, {hello}).empty());
    }
}

TEST_CASE("N-05 a conversation cut short after any frame is taken up again", "[adversary]") {
    Town town;
    with_each_frame(town, [](bool, const Bytes&) { return std::vector<Bytes>(); });
}

TEST_CASE("N-05 frames that are cut short, late, doubled or altered show nothing", "[adversary]") {
    Town town;
    const int kind = GENERATE(0, 1, 2, 3);
    CAPTURE(kind);
    Bytes held;
    with_each_frame(town, [&](bool, const Bytes& frame) {
        auto other = frame;
        if (kind == 0) other.pop_back();
        if (kind == 1) return std::vector<Bytes>{frame, frame};
        if (kind == 2) other[other.size() / 2] ^= 1U;
        if (kind == 3) std::swap(other, held);
        return std::vector<Bytes>{other};
    });
}

TEST_CASE("N-06 a device's own frames thrown back at it", "[adversary]") {
    Town town;
    Bytes last_up;
    for (std::size_t target = 1; target < 6; ++target) {
        town.write();
        std::size_t count = 0;
        const auto progress = town.lied_to([&] {
            town.relay.network = [&, target](bool is_up, const Bytes& frame) {
                if (is_up) last_up = frame;
                const bool is_hit = !is_up && count++ == target;
                return std::vector<Bytes>{is_hit ? last_up : frame};
            };
        });
        REQUIRE(progress.failure);
        REQUIRE(progress.failure->code == Code::wrong_key);
    }
}

TEST_CASE("N-07 an unknown device, an unknown organisation and a false signature look the same",
          "[adversary]") {
    Town town;
    const auto refused = [&](const OrgId& org, const DeviceId& device,
                             const crypto::SignSecret& secret) {
        FakeEnv env(9);
        crypto::ClientHandshake handshake(org, env);
        const auto session = town.relay.relay().connected(town.relay.now);
        const auto hear = [&] {
            town.relay.host().settle();
            return town.relay.host().take_frames(session);
        };
        town.relay.relay().receive(session, handshake.hello(), town.relay.now);
        crypto::ProofClaim claim;
        claim.id = crypto::signer(device);
        const auto proof =
            handshake.receive_answer(hear().at(0), std::nullopt, claim, secret);
        REQUIRE(proof);
        auto channel = handshake.take_channel();
        town.relay.relay().receive(session, *proof, town.relay.now);
        const auto frames = hear();
        REQUIRE(frames.size() == 1);
        REQUIRE(town.relay.host().closed(session) == Code::denied);
        return *channel.open(frames[0]);
    };
    const auto& key = town.centre.device_key().sign();
    const auto& other = town.third.device_key().sign();
    OrgId nowhere;
    nowhere.bytes.fill(4);
    DeviceId nobody;
    nobody.bytes.fill(4);
    const auto first = refused(town.org(), nobody, key);
    REQUIRE(refused(nowhere, town.centre.device(), key) == first);
    REQUIRE(refused(town.org(), town.centre.device(), other) == first);
}

TEST_CASE("N-13 a member that pushes false signatures is stopped", "[adversary]") {
    Town town;
    town.write();
    Speaker speaker(town, town.third);
    Open open{};
    open.space = town.space;
    open.own.bytes.fill(8);
    speaker.say(open);
    const auto bad = [&] {
        auto envelope = town.log().back().envelope;
        envelope.back() ^= 1U;
        return envelope;
    }();
    const auto before = town.relay.host().figures.signatures;
    for (int i = 0; i < 1000 && !speaker.is_closed(); ++i) {
        speaker.say(Push{0, {{DeviceId(), Incarnation(), 1, {bad}}}});
    }
    CHECK(speaker.is_closed());
    CHECK(town.relay.host().figures.signatures - before <= limits::false_signatures_max + 1);
}

TEST_CASE("N-14 over its share a device is told so, and nothing of the push is kept",
          "[adversary]") {
    Town town;
    town.relay.options.device_bytes_per_day = 1000;
    town.relay.restart();
    const auto stored = town.log().size();
    town.centre.write(town.space, std::string(5000, 'x'));
    auto progress = town.pass(town.centre);
    CHECK_FALSE(progress.complete);
    REQUIRE(progress.events.size() == 1);
    CHECK(progress.events[0].what.code == Code::no_space);
    CHECK(town.log().size() == stored);
    town.relay.now += 24 * 3'600'000;
    town.relay.options.device_bytes_per_day = limits::device_bytes_per_day;
    town.relay.restart();
    CHECK(town.pass(town.centre).complete);
    CHECK(town.log().size() == stored + 1);
}

TEST_CASE("N-15 neither the wire nor the store holds a word of what was written", "[adversary]") {
    Town town;
    town.write(3);
    town.meet();
    for (const std::string_view word : {"family", "sleeps", "beginning", "Mission", "Counselling",
                                        "Garden", "Centre"}) {
        CAPTURE(word);
        for (const auto& frame : town.relay.heard) REQUIRE_FALSE(holds(frame, word));
        for (const auto& entry : town.relay.store.orgs.at(town.org())) {
            REQUIRE_FALSE(holds(entry, word));
        }
        for (const auto& placed : town.log()) REQUIRE_FALSE(holds(placed.envelope, word));
    }
}

TEST_CASE("N-16 a relay put back a week is made whole by its devices", "[adversary]") {
    Town town;
    const auto week_ago = town.relay.store;
    town.write(20);
    town.centre.add_space("New");
    town.third.write(town.space, "of the third");
    town.meet();
    town.meet();
    const auto shown = town.shown(town.centre);
    const auto entries = town.relay.store.orgs.at(town.org());
    const auto length = town.log().size();
    town.relay.store = week_ago;
    FakeEnv env(6);
    if (GENERATE(true, false)) town.relay.store.renew_incarnations(env);
    town.relay.restart();
    REQUIRE(town.pass(town.reader).complete);
    town.meet();
    town.meet();
    town.require_equal();
    CHECK(town.shown(town.centre) == shown);
    CHECK(town.log().size() == length);
    CHECK(town.relay.store.orgs.at(town.org()) == entries);
    CHECK(town.centre.cursor(town.space) == town.reader.cursor(town.space));
    CHECK(town.centre.cursor(town.space) == town.third.cursor(town.space));
}

TEST_CASE("N-17 two receipts for two histories convict the relay", "[adversary]") {
    Town town;
    const auto receipt = [&](FakeSyncable& device) {
        Speaker speaker(town, device);
        Open open{};
        open.space = town.space;
        open.own.bytes.fill(8);
        speaker.say(open);
        const auto messages = speaker.say(GetReceipt{0});
        auto said = std::get<ReceiptIs>(messages.at(0)).receipt;
        said.space = town.space;
        return said;
    };
    town.write();
    const auto honest = receipt(town.reader);
    CHECK_FALSE(crypto::contradicts(honest, receipt(town.third)));
    // To the third it shows another order of the same envelopes.
    town.relay.reorder(town.org(), town.space, town.log().size() - 2, town.log().size() - 1);
    const auto other = receipt(town.third);
    const auto& key = town.relay.secret().key();
    CHECK(crypto::verify_receipt(key, town.org(), honest));
    CHECK(crypto::verify_receipt(key, town.org(), other));
    CHECK(crypto::contradicts(honest, other));
}
