// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/cli_host.hpp"

#include <algorithm>

#include "sync/device/device_session.hpp"
#include "sync/device/join_session.hpp"

namespace trellis::clients {
namespace {

using std::chrono::milliseconds;

/// Sends what the session wants sent. False where it wants the connection closed.
template <class Session>
Result<bool> carry_out(Session& session, ClientSocket& socket) {
    while (auto action = session.next_action()) {
        if (auto* send = std::get_if<sync::DeviceSend>(&*action)) {
            TRELLIS_DO(socket.send(std::move(send->frame)));
        } else {
            return false;
        }
    }
    return true;
}

/// Runs one session over one connection until it has done what it is for.
template <class Session>
Result<void> drive(Session& session, ClientSocket& socket, Env& env, std::int64_t end_ms,
                   const std::function<void(const sync::SessionProgress&)>& tell = {}) {
    for (;;) {
        TRELLIS_TRY(const bool goes_on, carry_out(session, socket));
        if (!goes_on || session.done()) break;
        const auto now = env.monotonic_time();
        if (now >= end_ms) {
            return Error{Code::timeout, "the relay did not finish within the deadline"};
        }
        const auto wake = std::min<std::int64_t>(end_ms, session.deadline());
        auto message = socket.receive(milliseconds(std::max<std::int64_t>(wake - now, 1)));
        if (message && !message->has_value()) break;
        if (message) {
            session.receive(**message, env.monotonic_time());
            if (tell) tell(session.progress());
        } else if (message.error().code == Code::timeout) {
            session.tick(env.monotonic_time());
        } else {
            return std::move(message).error();
        }
    }
    socket.close();
    if (session.progress().failure) return *session.progress().failure;
    if (!session.done()) {
        return Error{Code::offline, "the relay closed the connection before everything was said"};
    }
    return {};
}

}  // namespace

Result<Bytes> CliHost::read_file(const std::string& path) { return clients::read_file(path); }

Result<void> CliHost::write_file(const std::string& path, ByteView bytes) {
    return clients::write_file(path, bytes);
}

Result<std::unique_ptr<core::Replica>> CliHost::open_replica() {
    return file_.open(schema_, env_);
}

Result<void> CliHost::replace_database(const std::string& path) { return file_.replace_by(path); }

Result<sync::SessionProgress> CliHost::sync_once(core::Replica& replica,
                                                 std::int64_t deadline_ms) {
    if (live_ != nullptr) {
        return Error{Code::busy, "live sync is running: it needs no pass of its own"};
    }
    const auto end = env_.monotonic_time() + deadline_ms;
    SocketOptions options = trust_;
    const milliseconds all(std::max<std::int64_t>(deadline_ms, 1));
    options.deadline = std::min(options.deadline, all);
    TRELLIS_TRY(auto socket, ClientSocket::connect(loop_, replica.url(), options));
    sync::SessionOptions session_options;
    session_options.follow = false;
    sync::DeviceSession session(replica, session_options, env_, env_.monotonic_time());
    TRELLIS_DO(drive(session, *socket, env_, end, on_progress));
    return session.progress();
}

Result<Host::Joined> CliHost::join(const crypto::Invite& invite, MakeEntry make_entry) {
    TRELLIS_TRY(auto socket, ClientSocket::connect(loop_, invite.url, trust_));
    const auto now = env_.monotonic_time();
    sync::JoinSession session(invite, std::move(make_entry), {}, env_, now);
    TRELLIS_DO(drive(session, *socket, env_, now + 60'000));
    return Joined{session.entries(), session.relay_key()};
}

Result<void> CliHost::start_live(core::Replica& replica) {
    if (live_ != nullptr) return {};
    live_ = std::make_unique<LiveSync>(replica, loop_, trust_, env_, [this](Json event) {
        if (on_event) on_event(std::move(event));
    });
    return live_->start();
}

void CliHost::outbox_changed() {
    if (live_ != nullptr) live_->outbox_changed();
}

}  // namespace trellis::clients
