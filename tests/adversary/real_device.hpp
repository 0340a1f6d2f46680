// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "clients/cli/client_env.hpp"
#include "clients/cli/database_file.hpp"
#include "clients/net/socket.hpp"
#include "core/replica.hpp"
#include "sync/device/device_session.hpp"

namespace trellis::test {

/// What a device shows of the names of its things.
using Names = std::set<std::string>;

/// The network between one device and its server, in the hands of an attacker: every frame of a
/// conversation passes here on its way from or to the socket.
struct Wire {
    using Network = std::function<std::vector<Bytes>(bool is_up, const Bytes& frame)>;
    Network network;           ///< what arrives of a frame; empty: the frame itself
    std::vector<Bytes> heard;  ///< every frame, both ways
    std::vector<Bytes> heard_up;
    bool is_cut = false;       ///< the connection ends before the next frame

    std::vector<Bytes> carry(bool is_up, const Bytes& frame);
};

/// A real client without its terminal: an encrypted database in a folder, the system's clock and
/// randomness, real sockets, and the sessions of production. Fails the test where something
/// fails that nobody attacks.
class RealDevice {
public:
    RealDevice(clients::EventLoop& loop, std::string folder, std::string name);
    RealDevice(const RealDevice&) = delete;
    RealDevice& operator=(const RealDevice&) = delete;

    [[nodiscard]] core::Replica& replica() { return *replica_; }
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::string& folder() const { return folder_; }

    /// One whole pass with the sessions that follow at once, as the command line makes it. Where
    /// no session could say why, `failure` is what the socket said.
    sync::SessionProgress sync(const std::string& url);
    /// Joins by the invite at the server that the invite names, or at `url`.
    Result<void> join(const std::string& invite, const std::string& url = {});

    /// A new thing of that name, in one change.
    RecordId put(const SpaceId& space, const std::string& name);
    Result<core::WriteResult> write(const SpaceId& space, core::Edit edit);
    Names names();
    std::string digest(const SpaceId& space);
    /// Kinds of the alarms, oldest first, as docs/format.md names them.
    std::vector<std::string> alarms();
    bool alarmed_of(std::string_view kind);
    /// What check() complains of, one line each.
    std::string problems();

    /// Closes the database; reopen() as another program start would.
    void close() { replica_.reset(); }
    void reopen();

    Wire wire;
    clients::ClientEnv env{false};
    clients::SocketOptions trust;

private:
    clients::EventLoop& loop_;
    std::string folder_;
    std::string name_;
    clients::DatabaseFile file_;
    std::unique_ptr<core::Replica> replica_;
};

}  // namespace trellis::test
