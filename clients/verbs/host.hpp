// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include "core/replica.hpp"
#include "sync/device/session.hpp"

namespace trellis::clients {

/// What the verbs need of the platform around them: files, and a connection to the relay. The
/// command line gives sockets and a disk; a mobile app or a browser gives its own.
class Host {
public:
    Host() = default;
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    virtual ~Host() = default;

    // Files.
    virtual Result<Bytes> read_file(const std::string& path) = 0;
    /// Whole and durable, or not at all.
    virtual Result<void> write_file(const std::string& path, ByteView bytes) = 0;
    /// Opens the database (again). The replica before must be gone.
    virtual Result<std::unique_ptr<core::Replica>> open_replica() = 0;
    /// Puts a copy of the file at `path` in the database's place, which must be closed.
    virtual Result<void> replace_database(const std::string& path) = 0;

    /// Deletes the database for good, and its key where that lies beside it. It must be closed.
    virtual Result<void> erase_database() = 0;

    // The relay.
    /// One pass until nothing is left to send or receive. Not while live sync runs.
    virtual Result<sync::SessionProgress> sync_once(core::Replica& replica,
                                                    std::int64_t deadline_ms) = 0;
    virtual Result<void> start_live(core::Replica& replica) = 0;
    virtual void stop_live() = 0;
    struct Joined {
        std::vector<Bytes> entries;
        crypto::SignKey relay_key;
    };
    using MakeEntry = std::function<Result<Bytes>(const std::vector<Bytes>& entries)>;
    virtual Result<Joined> join(const crypto::Invite& invite, MakeEntry make_entry) = 0;
    using MakeEntries =
        std::function<Result<std::vector<Bytes>>(const std::vector<Bytes>& entries)>;
    /// Changes an organisation by the key of its recovery sheets.
    virtual Result<Joined> recover(const OrgId& org, const std::string& url,
                                   crypto::SignSecret root, MakeEntries make_entries) = 0;
    /// The replica may have something new to send.
    virtual void outbox_changed() = 0;

    // The world.
    virtual Env& env() = 0;
    /// Shifts the wall clock of this process, for tests.
    virtual void shift_clock(std::int64_t offset_ms) = 0;
};

}  // namespace trellis::clients
