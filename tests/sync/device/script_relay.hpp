// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <catch2/catch.hpp>

#include <optional>
#include <vector>

#include "crypto/public/handshake.hpp"
#include "sync/device/session.hpp"
#include "sync/wire/frame.hpp"
#include "tests/support/fake_env.hpp"

namespace trellis::test {

/// A relay that says what the test tells it to: the real handshake and the real frames, and no
/// mind of its own.
class ScriptRelay {
public:
    explicit ScriptRelay(std::uint64_t seed = 900)
        : env_(seed), secret_(crypto::SignSecret::generate(env_)) {}

    [[nodiscard]] const crypto::SignKey& key() const { return secret_.key(); }
    Time now = 1'000;

    /// Takes the hello and the proof of a new session.
    template <class Session>
    void shake(Session& session) {
        handshake_.emplace(secret_, env_);
        channel_.reset();
        closed.reset();
        heard_.clear();
        const auto answer = handshake_->receive_hello(next_frame(session));
        REQUIRE(answer);
        session.receive(*answer, now);
        const auto received = handshake_->receive_proof(next_frame(session));
        REQUIRE(received);
        proof = *received;
        channel_ = handshake_->take_channel();
    }

    /// The next thing the relay says, and what the device then does.
    template <class Session>
    void say(Session& session, const sync::Message& message) {
        session.receive(seal(message), now);
        listen(session);
    }
    Bytes seal(const sync::Message& message) { return channel_->seal(sync::encode(message)); }

    template <class Session>
    void listen(Session& session) {
        while (auto action = session.next_action()) {
            if (const auto* close = std::get_if<sync::DeviceClose>(&*action)) {
                closed = *close;
                continue;
            }
            const auto plain = channel_->open(std::get<sync::DeviceSend>(*action).frame);
            REQUIRE(plain);
            auto message = sync::decode(*plain);
            REQUIRE(message);
            if (std::holds_alternative<sync::GetReceipt>(*message)) {
                ++receipts_asked;
                continue;
            }
            heard_.push_back(std::move(*message));
        }
    }

    /// The oldest message not looked at yet, which must be of this type.
    template <class T>
    T expect() {
        REQUIRE(!heard_.empty());
        CAPTURE(heard_.front().index());
        REQUIRE(std::holds_alternative<T>(heard_.front()));
        auto message = std::get<T>(std::move(heard_.front()));
        heard_.erase(heard_.begin());
        return message;
    }
    /// Nothing else was said.
    void expect_silence() {
        const auto type = heard_.empty() ? 0 : heard_.front().index() + 1;
        REQUIRE(type == 0);
    }
    void forget() { heard_.clear(); }
    [[nodiscard]] const std::vector<sync::Message>& heard() const { return heard_; }

    std::optional<crypto::Proof> proof;
    std::optional<sync::DeviceClose> closed;
    std::size_t receipts_asked = 0;  ///< questions that this relay does not answer

private:
    template <class Session>
    Bytes next_frame(Session& session) {
        auto action = session.next_action();
        REQUIRE(action);
        REQUIRE(std::holds_alternative<sync::DeviceSend>(*action));
        return std::get<sync::DeviceSend>(std::move(*action)).frame;
    }

    FakeEnv env_;
    crypto::SignSecret secret_;
    std::optional<crypto::ServerHandshake> handshake_;
    std::optional<crypto::Channel> channel_;
    std::vector<sync::Message> heard_;
};

}  // namespace trellis::test
