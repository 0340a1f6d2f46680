// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "bench/clock.hpp"
#include "bench/district.hpp"
#include "crypto/primitive/sign.hpp"
#include "sync/device/device_session.hpp"
#include "sync/relay/relay.hpp"
#include "tests/support/memory_relay_host.hpp"

namespace trellis::bench {

/// What one connection has cost.
struct Pass {
    // After the Welcome: what a pass costs on an open connection.
    std::size_t messages = 0;
    std::size_t bytes = 0;
    double device_cpu = 0;
    double relay_cpu = 0;
    // The whole connection.
    std::size_t all_messages = 0;
    std::size_t all_bytes = 0;
    std::size_t sent = 0;
};

/// Real sessions with a real relay whose store is in memory.
class World {
public:
    explicit World(BenchEnv& env);

    /// One session of one pass; the program ends where it fails.
    Pass run(core::Replica& replica);
    [[nodiscard]] const test::MemoryRelayStore& store() const { return store_; }
    /// The relay starts again on what an operator has restored.
    void restore(const test::MemoryRelayStore& backup);

private:
    static sync::RelayOptions options();
    static void count(Pass& pass, const sync::DeviceSession& session, std::size_t size);

    BenchEnv& env_;
    crypto::SignSecret key_;
    test::MemoryRelayStore store_;
    std::unique_ptr<sync::Relay> relay_;
    std::unique_ptr<test::MemoryRelayHost> host_;
};

}  // namespace trellis::bench
