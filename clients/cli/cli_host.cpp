// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/cli_host.hpp"

#include <algorithm>

#include "clients/cli/drive.hpp"
#include "sync/device/device_session.hpp"
#include "sync/device/join_session.hpp"
#include "sync/device/recover_session.hpp"

namespace trellis::clients {
namespace {

using std::chrono::milliseconds;

}  // namespace

Result<Bytes> CliHost::read_file(const std::string& path) { return clients::read_file(path); }

Result<void> CliHost::write_file(const std::string& path, ByteView bytes) {
    // Some of it is readable, as a family's record is: for the person at this device alone.
    return clients::write_file(path, bytes, true);
}

Result<std::unique_ptr<core::Replica>> CliHost::open_replica() {
    return file_.open(schema_, env_);
}

Result<void> CliHost::replace_database(const std::string& path) { return file_.replace_by(path); }

Result<void> CliHost::erase_database() { return file_.erase(); }

Result<sync::SessionProgress> CliHost::sync_once(core::Replica& replica,
                                                 std::int64_t deadline_ms) {
    if (live_ != nullptr) {
        return Error{Code::busy, "live sync is running: it needs no pass of its own"};
    }
    const auto end = env_.monotonic_time() + deadline_ms;
    SocketOptions options = trust_;
    const milliseconds all(std::max<std::int64_t>(deadline_ms, 1));
    options.deadline = std::min(options.deadline, all);
    sync::SessionOptions session_options;
    session_options.follow = false;
    sync::SessionProgress before;
    std::optional<Error> first_failure;
    for (;;) {
        TRELLIS_TRY(auto socket, ClientSocket::connect(loop_, replica.url(), options));
        sync::DeviceSession session(replica, session_options, env_, env_.monotonic_time());
        const auto driven = drive(session, *socket, env_, end, on_progress);
        const auto next = sync::next_session(session, session_options);
        // Where the relay knows us neither as a member nor as who brings the organisation, the
        // first answer is the one that helps.
        if (!driven && !first_failure) first_failure = driven.error();
        if (!driven && !next) return *first_failure;
        const auto progress = sync::add_up(before, session.progress());
        if (!next) return progress;
        session_options = *next;
        before = progress;
    }
}

Result<Host::Joined> CliHost::join(const crypto::Invite& invite, MakeEntry make_entry) {
    TRELLIS_TRY(auto socket, ClientSocket::connect(loop_, invite.url, trust_));
    const auto now = env_.monotonic_time();
    sync::JoinSession session(invite, std::move(make_entry), {}, env_, now);
    TRELLIS_DO(drive(session, *socket, env_, now + 60'000));
    return Joined{session.entries(), session.relay_key()};
}

Result<Host::Joined> CliHost::recover(const OrgId& org, const std::string& url,
                                      crypto::SignSecret root, MakeEntries make_entries) {
    TRELLIS_TRY(auto socket, ClientSocket::connect(loop_, url, trust_));
    const auto now = env_.monotonic_time();
    sync::RecoverSession session(org, std::nullopt, std::move(root), std::move(make_entries), {},
                                 env_, now);
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
