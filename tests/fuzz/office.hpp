// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>

#include "core/replica.hpp"
#include "core/sqlite/memory_vfs.hpp"
#include "sync/device/session.hpp"
#include "tests/support/fake_env.hpp"
#include "tests/support/memory_relay_host.hpp"

namespace trellis::test {

/// Where replicas of fuzz targets come from: an organisation of two devices, a centre that
/// founded it and a tablet that joined, with a record of every kind in one space. Both have
/// synced with the relay. Made once, the same in every run; each input starts from it anew.
class Office {
public:
    static const Office& get();

    /// The bytes of the databases, not encrypted: what a fuzzer changes is behind the key.
    [[nodiscard]] const Bytes& centre() const { return centre_; }
    [[nodiscard]] const Bytes& tablet() const { return tablet_; }
    [[nodiscard]] const SpaceId& space() const { return space_; }
    [[nodiscard]] const MemoryRelayStore& store() const { return store_; }
    /// Names of records as people type them.
    [[nodiscard]] const std::vector<std::string>& records() const { return records_; }
    /// Everything that the centre wrote.
    [[nodiscard]] const Bytes& bundle() const { return bundle_; }

private:
    Office();
    void found(core::Replica& centre);
    void fill(core::Replica& centre);
    void sync(Bytes& database, std::uint64_t seed, bool fills);

    Bytes centre_;
    Bytes tablet_;
    SpaceId space_;
    MemoryRelayStore store_;
    std::vector<std::string> records_;
    Bytes bundle_;
};

/// One replica on a disk of its own in memory; gone at the end.
class Desk {
public:
    /// On these bytes; empty: a new database. Randomness follows from the seed.
    explicit Desk(const Bytes& database, std::uint64_t seed = 50);
    Desk(const Desk&) = delete;
    Desk& operator=(const Desk&) = delete;
    ~Desk();

    /// Opens the replica, again if it is open.
    Result<void> open();
    void close() { replica_.reset(); }
    [[nodiscard]] core::Replica& replica() { return *replica_; }
    [[nodiscard]] std::unique_ptr<core::Replica> take_replica() { return std::move(replica_); }
    [[nodiscard]] sqlite::OpenOptions database() const;
    [[nodiscard]] Bytes bytes() const;

    FakeEnv env;

private:
    std::unique_ptr<core::Replica> replica_;
};

/// One whole pass with an honest relay over this store.
sync::SessionProgress honest_pass(core::Replica& replica, MemoryRelayStore& store, FakeEnv& env);

}  // namespace trellis::test
