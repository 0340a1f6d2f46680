// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/cli/client_env.hpp"
#include "clients/cli/database_file.hpp"
#include "clients/cli/live_sync.hpp"
#include "clients/net/event_loop.hpp"
#include "clients/net/socket.hpp"
#include "clients/verbs/host.hpp"

namespace trellis::clients {

/// The command line as a platform: real files, real sockets, one event loop.
class CliHost final : public Host {
public:
    CliHost(DatabaseFile file, core::Schema schema, SocketOptions trust, ClientEnv& env)
        : file_(std::move(file)), schema_(std::move(schema)), trust_(std::move(trust)), env_(env) {}

    Result<Bytes> read_file(const std::string& path) override;
    Result<void> write_file(const std::string& path, ByteView bytes) override;
    Result<std::unique_ptr<core::Replica>> open_replica() override;
    Result<void> replace_database(const std::string& path) override;
    Result<void> erase_database() override;

    Result<sync::SessionProgress> sync_once(core::Replica& replica,
                                            std::int64_t deadline_ms) override;
    Result<void> start_live(core::Replica& replica) override;
    void stop_live() override { live_.reset(); }
    Result<Joined> join(const crypto::Invite& invite, MakeEntry make_entry) override;
    Result<Joined> recover(const OrgId& org, const std::string& url, crypto::SignSecret root,
                           MakeEntries make_entries) override;
    void outbox_changed() override;

    Env& env() override { return env_; }
    void shift_clock(std::int64_t offset_ms) override { env_.shift(offset_ms); }

    [[nodiscard]] EventLoop& loop() { return loop_; }
    /// Told of what live sync does.
    std::function<void(Json)> on_event;
    /// Told of how far one pass has come, after every message.
    std::function<void(const sync::SessionProgress&)> on_progress;

private:
    DatabaseFile file_;
    core::Schema schema_;
    SocketOptions trust_;
    ClientEnv& env_;
    EventLoop loop_;
    std::unique_ptr<LiveSync> live_;
};

}  // namespace trellis::clients
