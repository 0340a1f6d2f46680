// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/env.hpp"
#include "crypto/primitive/sign.hpp"
#include "sync/relay/action.hpp"
#include "sync/relay/options.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace trellis::sync {

/// Counts since the relay was made, and what it holds now; for an operator's eyes.
struct RelayFigures {
    std::size_t sessions = 0;
    std::size_t orgs = 0;
    std::size_t spaces = 0;
    std::uint64_t pushed = 0;     ///< envelopes received
    std::uint64_t stored = 0;     ///< envelopes appended
    std::uint64_t delivered = 0;  ///< envelopes sent
    std::uint64_t refused = 0;    ///< runs refused
};

/// A whole relay node as a value: it orders, checks and passes on what it cannot read. Never
/// touches a disk, a socket or a clock; a host carries out its actions. One thread.
/// After any call, take actions until there are none.
class Relay {
public:
    /// Borrows the server's key and the world for its lifetime.
    Relay(const crypto::SignSecret& server, const RelayOptions& options, Env& env);
    Relay(const Relay&) = delete;
    Relay& operator=(const Relay&) = delete;
    ~Relay();

    /// A connection is up (TLS and WebSocket handshakes are done). Ids are never used twice.
    SessionId connected(Time now);
    /// One binary WebSocket message, as it came. Unknown sessions are ignored.
    void receive(SessionId session, ByteView frame, Time now);
    /// The socket has taken that many bytes of what Send gave it.
    void written(SessionId session, std::size_t bytes);
    /// The connection is gone.
    void disconnected(SessionId session);

    /// Somebody, who is nobody, drops a submission into an inbox. Each ends in one PostAnswer,
    /// positive only once it is stored. `proof`: of work, see crypto::work_bits().
    Ticket submit(const OrgId& org, const crypto::InboxId& inbox, Bytes submission,
                  std::optional<std::uint64_t> proof, Time now);
    /// Somebody asks where an inbox is.
    Ticket find_inbox(const OrgId& org, const crypto::InboxId& inbox, Time now);

    // The answers; tickets nobody waits for any more are ignored.
    void org_loaded(Ticket ticket, Result<std::vector<Bytes>> entries);
    void entry_appended(Ticket ticket, Result<void> stored);
    void space_loaded(Ticket ticket, Result<LoadedSpace> space);
    void appended(Ticket ticket, std::vector<Result<void>> stored);
    void caught_up(Ticket ticket, Result<LogPage> page);
    void chain_fetched(Ticket ticket, Result<ChainPage> page);
    void head_found(Ticket ticket, Result<Digest> head);
    void verified(Ticket ticket, const std::vector<bool>& genuine);

    void submission_stored(Ticket ticket, const Result<void>& stored);
    void submissions_loaded(Ticket ticket, Result<std::vector<SubmissionItem>> items);
    void submissions_dropped(Ticket ticket);
    void space_shredded(Ticket ticket, const Result<void>& done);

    /// Another node appended to this space in the same store: read its state again.
    void appended_elsewhere(const OrgId& org, const SpaceId& space);
    /// Says goodbye to everybody and closes; nothing pushed before is lost by it.
    void shut_down();

    void tick(Time now);
    std::optional<RelayAction> next_action();
    /// When tick() wants to be called at the latest; far away where nothing is due.
    [[nodiscard]] Time deadline() const;
    [[nodiscard]] RelayFigures figures() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace trellis::sync
