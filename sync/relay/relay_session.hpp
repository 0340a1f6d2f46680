// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/limits.hpp"
#include "crypto/public/handshake.hpp"
#include "sync/relay/org_log.hpp"
#include "sync/relay/quota.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <set>

namespace trellis::sync {

/// What a device lacks of a space, chain by chain, and how far it has been sent.
struct Repair {
    struct Piece {
        DeviceId device;
        Incarnation incarnation;
        Counter after = 0;
        Counter until = 0;
        std::optional<ShortDigest> before;  ///< what the device has at `after`
    };
    std::map<SpaceLog::ChainName, ChainHead> heads;  ///< of the device, until all are here
    bool is_collecting = true;
    std::deque<Piece> pieces;
    std::vector<crypto::EnvelopeRun> page;
    std::size_t page_bytes = 0;
    Cursor end;  ///< of the log when the repair began: the device goes on from there
};

/// What the two vectors say: the device's in `repair.heads`, the relay's in `log`.
struct RepairPlan {
    std::vector<ChainHead> want;    ///< the device has more: from the relay's end on
    std::vector<ChainHead> forked;  ///< same place, another envelope; the device's heads
    std::deque<Repair::Piece> pieces;
};
RepairPlan plan_repair(const std::map<SpaceLog::ChainName, ChainHead>& heads,
                       SpaceLog& log,
                       const crypto::Membership& membership);

/// One space on one session: a place in the log, that deliveries move on. Whether that is
/// catching up or following makes no difference, so there is no gap between the two.
struct RelayChannel {
    enum class Stage : std::uint8_t {
        loading,
        checking,
        open,
        closed
    };
    Stage stage = Stage::loading;
    Channel index = 0;
    SpaceLog* log = nullptr;
    Open open;
    bool may_read = false;
    bool is_push_only = false;  ///< the device's rights have ended: it hands in what it sealed
    bool is_known = false;   ///< the cursor fits, deliver from `sent` on
    bool is_done = false;    ///< caught up, and was not to follow
    bool is_queued = false;  ///< for its turn to deliver
    std::uint64_t sent = 0;
    std::set<crypto::InboxId> inboxes;  ///< the device has asked for what is in them
    std::uint64_t seen_sent = 0;    ///< serial of the last word of others that was sent
    std::uint64_t seen_pinged = 0;  ///< what the Pong we wait for confirms
    Ticket fetch = 0;               ///< a page or a chain or a head that was asked for
    std::unique_ptr<Repair> repair;
    /// Chains of the device that this relay has lost a part of, up to where the device has them.
    std::map<Incarnation, Counter> refills;
    std::vector<Message> held;  ///< said before the answer to Open could be
    std::size_t held_bytes = 0;
};

/// One connection.
struct RelaySession {
    enum class Stage : std::uint8_t {
        hello,
        proof,
        org,
        ready
    };

    RelaySession(SessionId session, const crypto::SignSecret& server, Env& env)
        : id(session), handshake(std::in_place, server, env) {}

    SessionId id;
    Stage stage = Stage::hello;
    Time deadline = 0;  ///< for the proof
    bool is_doomed = false;
    Code doom = Code::internal;

    std::optional<crypto::ServerHandshake> handshake;
    std::optional<crypto::Channel> channel;
    std::optional<crypto::Proof> proof;
    std::size_t early_bytes = 0;
    std::vector<Bytes> early;  ///< frames that came before the proof was judged

    crypto::ProofKind kind = crypto::ProofKind::device;
    DeviceId device;
    InviteId invite;
    crypto::SignKey founder_key;  ///< proved, but of nobody until a genesis entry names it
    OrgLog* org = nullptr;        ///< none for a founder before that
    std::uint64_t claimed_length = 0;  ///< of the log, as the proof said
    bool is_former = false;       ///< a device that was removed

    std::deque<RelayChannel> channels;
    std::set<SpaceId> spaces;   ///< of the channels that are not closed
    std::deque<Channel> turns;  ///< channels that have something to deliver
    bool is_queued = false;     ///< in the relay's round
    std::size_t opening = 0;    ///< channels whose Open is not answered yet
    std::vector<Pong> pongs;    ///< not to overtake those answers
    std::vector<Channel> told;  ///< channels with words that a Pong has not confirmed
    bool is_pinged = false;
    std::int64_t credit = limits::credit_default;
    std::size_t outgoing = 0;  ///< bytes given to the host and not yet taken by the socket
    std::size_t pushed = 0;    ///< bytes pushed and not yet answered
    std::size_t false_signatures = 0;

    [[nodiscard]] Quota::Who who() const { return {org->id, device}; }
};

}  // namespace trellis::sync
