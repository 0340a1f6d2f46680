// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "server/store/sqlite_file.hpp"
#include "server/store/store.hpp"
#include "tests/support/crash_disk.hpp"

namespace trellis::sim {

/// The product's SQLite store on a simulated disk. Its lock is not needed: the one process of
/// the simulation is the only one.
class SimStore final : public server::Store {
public:
    SimStore(std::string disk_name, std::uint64_t seed)
        : disk_(std::move(disk_name), seed), place_("relay.db", disk_.name()) {}

    /// Creates, migrates or adopts the file, as the server's start does.
    Result<void> prepare();
    /// What `trellisd restore` does to the file it puts in place.
    Result<void> mark_restored();

    Result<std::unique_ptr<server::StoreWriter>> open_writer() override;
    Result<std::unique_ptr<server::StoreReader>> open_reader() override;
    Result<Bytes> server_seed(ByteView fresh) override;
    [[nodiscard]] Room room() const override { return {}; }

    [[nodiscard]] test::CrashDisk& disk() { return disk_; }
    [[nodiscard]] const server::StorePlace& place() const { return place_; }

private:
    test::CrashDisk disk_;
    server::StorePlace place_;
};

}  // namespace trellis::sim
