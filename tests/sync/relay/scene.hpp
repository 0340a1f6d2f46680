// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/handshake.hpp"
#include "crypto/secret/author.hpp"
#include "crypto/secret/recovery.hpp"
#include "sync/wire/frame.hpp"
#include "tests/support/fake_env.hpp"
#include "tests/support/memory_relay_host.hpp"
#include "tests/support/pen.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <vector>

namespace trellis::test {

/// An organisation on a relay in memory: an admin who founded it, members who were invited,
/// one space that all of them may write.
class Scene {
public:
    explicit Scene(std::size_t members = 2, const sync::RelayOptions& options = {});

    /// A pen in the space for member `index`; 0 is the founder.
    Pen pen(std::size_t index, std::uint8_t incarnation = 1) const;

    /// Puts an entry into log and membership as if it had been there before the relay started.
    void add_entry(const Bytes& entry);
    crypto::Author author() { return {*membership, keyring, keys[0], now, env}; }
    /// One more member, who may only read in the space.
    void add_reader();
    /// The relay process dies; another starts over the same store.
    void restart();

    FakeEnv env;
    Time now = 1'780'000'000'000;
    sync::RelayOptions options;
    crypto::SignSecret server;
    std::vector<crypto::DeviceKey> keys;
    std::vector<DeviceId> devices;
    std::optional<crypto::Membership> membership;
    crypto::Keyring keyring;
    SpaceId space;
    MemoryRelayStore store;
    std::unique_ptr<sync::Relay> relay;
    std::unique_ptr<MemoryRelayHost> host;

private:
    void join_member(std::uint8_t rights = crypto::right_read | crypto::right_write);
};

/// A device's end of one connection, with no mind of its own.
class Line {
public:
    explicit Line(Scene& scene);

    /// Hello, proof and Welcome for member `index`.
    Line& greet(std::size_t index);
    /// The same with any claim.
    Line& prove(const OrgId& org,
                const crypto::ProofClaim& claim,
                const crypto::SignSecret& secret);
    Line& say(const sync::Message& message);
    Line& say_raw(ByteView frame);
    Line& open(const Cursor& cursor = {}, bool follow = true, std::uint8_t incarnation = 1);
    Line& push(Counter first, std::vector<Bytes> envelopes);
    /// A run of anybody.
    Line& push_of(const Pen& pen, Counter first, std::vector<Bytes> envelopes);
    void hang_up() { scene_.relay->disconnected(session); }
    Bytes seal(const sync::Message& message) { return channel_->seal(sync::encode(message)); }

    /// The next message, which must be of this type.
    template <class T>
    T expect() {
        listen();
        REQUIRE(!heard_.empty());
        auto message = std::move(heard_.front());
        heard_.pop_front();
        CAPTURE(message.index());
        REQUIRE(std::holds_alternative<T>(message));
        return std::get<T>(std::move(message));
    }
    /// The next message of this type; those before it are dropped.
    template <class T>
    T await() {
        listen();
        while (!heard_.empty() && !std::holds_alternative<T>(heard_.front()))
            heard_.pop_front();
        return expect<T>();
    }
    /// Nothing more was said.
    void silence() {
        listen();
        CHECK(heard_.empty());
    }
    /// Everything that was said and not expected yet.
    std::vector<sync::Message> rest();
    [[nodiscard]] std::optional<Code> closed() const { return scene_.host->closed(session); }
    /// What the relay would say to a stranger's frames; not opened.
    std::deque<Bytes> frames() { return scene_.host->take_frames(session); }

    sync::SessionId session;

private:
    void listen();

    Scene& scene_;
    std::optional<crypto::Channel> channel_;
    std::deque<sync::Message> heard_;
};

/// Envelopes of the runs of a page, one after the other.
std::vector<Bytes> envelopes_of(const std::vector<crypto::EnvelopeRun>& runs);

}  // namespace trellis::test
