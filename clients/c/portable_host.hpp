// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "clients/c/storage.hpp"
#include "clients/c/world.hpp"
#include "clients/verbs/host.hpp"
#include "core/sqlite/memory_vfs.hpp"

namespace trellis::c {

/// What trellis_open() was told, checked and copied.
struct Settings {
    std::string path;  ///< empty: in memory
    Bytes key;
    std::string custody;
    core::Schema schema;
    trellis_host host{};
    std::optional<trellis_storage> storage;
    int cache_kib = 0;
};

/// A platform that owns its sockets: files and clocks come from it, and what needs the relay is
/// left to sessions.
class PortableHost final : public clients::Host {
public:
    /// `unique` tells this host's files from those of all others of the process.
    PortableHost(Settings settings, const std::string& unique);

    Result<Bytes> read_file(const std::string& path) override;
    Result<void> write_file(const std::string& path, ByteView bytes) override;
    Result<std::unique_ptr<core::Replica>> open_replica() override;
    Result<void> replace_database(const std::string& path) override;
    Result<void> erase_database() override;

    Result<sync::SessionProgress> sync_once(core::Replica& replica,
                                            std::int64_t deadline_ms) override;
    Result<void> start_live(core::Replica& replica) override;
    void stop_live() override { if (on_stop) on_stop(); }
    Result<Joined> join(const crypto::Invite& invite, MakeEntry make_entry) override;
    Result<Joined> recover(const OrgId& org, const std::string& url, crypto::SignSecret root,
                           MakeEntries make_entries) override;
    void outbox_changed() override { if (on_outbox) on_outbox(); }

    Env& env() override { return world_; }
    void shift_clock(std::int64_t offset_ms) override { world_.shift(offset_ms); }

    /// Where the database lives from now on.
    Result<void> keep_custody(core::Replica& replica, std::string custody);

    std::function<void()> on_stop;    ///< no session may go on
    std::function<void()> on_outbox;  ///< a session may have something to send

private:
    [[nodiscard]] std::string files_vfs() const;

    Settings settings_;
    World world_;
    std::optional<Storage> storage_;
    std::unique_ptr<sqlite::StoreVfs> store_vfs_;
    std::unique_ptr<sqlite::MemoryDisk> memory_;
};

}  // namespace trellis::c
