// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/syncable.hpp"
#include "sync/device/device_session.hpp"
#include "tests/support/fake_env.hpp"
#include "tests/support/memory_relay_host.hpp"

namespace trellis::test {

/// A relay in the hands of an attacker: the real relay with its real key, over a store that the
/// test rewrites as it likes (heads and chains are then computed again, so that only what the
/// envelopes themselves prove can give the lie away), and a network on which it does with every
/// frame what it likes. The devices' sessions are the real ones.
class HostileRelay {
public:
    HostileRelay() : secret_(crypto::SignSecret::generate(env_)) { restart(); }

    using Log = std::vector<sync::PlacedEnvelope>;

    /// What it shows: copy it to keep a view, assign another one and restart() to show that.
    MemoryRelayStore store;
    sync::RelayOptions options;
    /// Every frame, up or down, and what arrives of it: nothing, itself, more, or others.
    using Network = std::function<std::vector<Bytes>(bool is_up, const Bytes& frame)>;
    Network network;
    std::vector<Bytes> heard;  ///< every frame of every session, both ways

    /// The process dies, another reads the store as it is now.
    void restart();
    [[nodiscard]] sync::Relay& relay() { return *relay_; }
    [[nodiscard]] MemoryRelayHost& host() { return *host_; }
    [[nodiscard]] const crypto::SignSecret& secret() const { return secret_; }

    /// One whole pass, with the sessions that follow at once.
    sync::SessionProgress pass(core::Syncable& replica, Env& env);

    // What it does to a space's log. Places, chains and heads are made to fit.
    [[nodiscard]] Log& log(const OrgId& org, const SpaceId& space) {
        return store.spaces[{org, space}].log;
    }
    /// Computes again what follows from the envelopes, and shows the result.
    void reroll(const OrgId& org, const SpaceId& space);
    void reorder(const OrgId& org, const SpaceId& space, std::size_t one, std::size_t other);
    void withhold(const OrgId& org, const SpaceId& space, std::size_t at);
    void withhold_tail(const OrgId& org, const SpaceId& space, std::size_t count);
    void repeat(const OrgId& org, const SpaceId& space, std::size_t at, std::size_t times);

    Time now = 1'780'000'000'000;

private:
    [[nodiscard]] std::vector<Bytes> through(bool is_up, const Bytes& frame);
    void carry(sync::DeviceSession& session);

    FakeEnv env_{4000};
    crypto::SignSecret secret_;
    std::unique_ptr<sync::Relay> relay_;
    std::unique_ptr<MemoryRelayHost> host_;
};

}  // namespace trellis::test
