// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/handshake.hpp"
#include "crypto/public/membership.hpp"
#include "sync/relay/space_log.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace trellis::sync {

/// An organisation: its membership log, folded and as bytes, and the spaces somebody has used.
struct OrgLog {
    struct Put {
        SessionId session = 0;
        Bytes entry;
    };
    struct PutOut {
        Put put;
        crypto::Membership next;  ///< the membership with the entry
        std::vector<SpaceId> shreds;  ///< what the entry ends
    };

    /// Somebody who posts, or asks where an inbox is (no bytes), and waits for an answer.
    struct Post {
        Ticket ticket = 0;
        crypto::InboxId inbox;
        Bytes submission;
    };
    /// Who files a submission right now: nobody else is given it until then.
    struct Lease {
        SessionId session = 0;
        Time until = 0;
    };
    using SubmissionName = std::pair<crypto::InboxId, std::uint64_t>;

    explicit OrgLog(const OrgId& org) : id(org) {}

    OrgId id;
    bool is_loading = false;
    std::optional<crypto::Membership> membership;  ///< none: not known here
    std::vector<Bytes> entries;
    std::set<SessionId> sessions;
    std::vector<SessionId> greeting;  ///< whose proofs wait for the log
    std::deque<Put> puts;
    std::optional<PutOut> put_out;  ///< on its way to the store
    std::optional<SpaceId> awaited;  ///< is to be loaded before the next entry is judged
    std::map<SpaceId, SpaceLog> spaces;
    std::vector<Post> posts;  ///< wait for the log
    std::map<SubmissionName, Lease> leases;
    std::size_t requests = 0;  ///< to the host, that name it or one of its spaces
    Time idle_since = 0;

    [[nodiscard]] std::uint64_t length() const { return membership ? membership->length() : 0; }
    [[nodiscard]] Digest head() const { return membership ? membership->head() : Digest(); }
    [[nodiscard]] bool is_idle() const;
};

/// What the store gave, verified from the first entry to the last.
Result<crypto::Membership> replay(const std::vector<Bytes>& entries);

/// Who puts an entry, when, and what the log is; judges without changing anything.
struct PutContext {
    const OrgLog& org;
    crypto::ProofKind kind = crypto::ProofKind::device;
    InviteId invite;
    std::uint64_t claimed_length = 0;  ///< of the log, as whoever puts it says to know it
    Time now = 0;
};
/// The membership with the entry; none where the log has this very entry already.
Result<std::optional<crypto::Membership>> judge_put(const PutContext& context, ByteView entry);

/// "this space was shredded …"
Error space_is_over();

/// "this invite expired on 2026-03-01: ask for a new one"
Error invite_expired(Time expiry);

}  // namespace trellis::sync
