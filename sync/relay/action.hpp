// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/cursor.hpp"
#include "core/base/stamp.hpp"
#include "crypto/public/envelope.hpp"
#include "sync/wire/message.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// What a relay asks of its host: sockets, a store, and hands for signature checks. A request
/// carries a Ticket and is answered exactly once by the method of Relay named beside it, in any
/// order, at any later time. Every space is named with its organisation: a SpaceId is only
/// unique within one.
namespace trellis::sync {

using SessionId = std::uint64_t;
using Ticket = std::uint64_t;

// Connections ------------------------------------------------------------------------------

/// One WebSocket message to this session. Answered by Relay::written() once the socket took it.
struct Send {
    SessionId session = 0;
    Bytes frame;
};

/// Close the connection after the frames sent before. The session is already forgotten:
/// disconnected() need not be called for it, and nothing is wrong with calling it.
struct Close {
    SessionId session = 0;
    Code code = Code::internal;
};

// The membership log -----------------------------------------------------------------------

/// All entries of an organisation from index 0; none where it is not known here.
/// → org_loaded(ticket, Result<std::vector<Bytes>>)
struct LoadOrg {
    Ticket ticket = 0;
    OrgId org;
};

/// Store this entry durably at this index. `conflict` where the log is not exactly `index`
/// entries long. → entry_appended(ticket, Result<void>)
struct AppendEntry {
    Ticket ticket = 0;
    OrgId org;
    std::uint64_t index = 0;
    Bytes entry;
};

// A space's log ----------------------------------------------------------------------------

/// Where one chain ends.
struct ChainState {
    DeviceId device;
    Incarnation incarnation;
    Counter last = 0;         ///< counter of its last op
    Digest chain;             ///< chain hash of its last envelope
    std::uint32_t epoch = 0;  ///< of its last envelope
    bool operator==(const ChainState&) const = default;
};

struct LoadedSpace {
    Cursor end;  ///< incarnation, position and head of the log
    std::vector<ChainState> chains;
    std::vector<Seen> seen;  ///< the last one saved of each device; channels are 0
};

/// The state of a space. A space met for the first time is created, empty, with `fresh` as its
/// incarnation. → space_loaded(ticket, Result<LoadedSpace>)
struct LoadSpace {
    Ticket ticket = 0;
    OrgId org;
    SpaceId space;
    LogIncarnation fresh;
};

/// An envelope and its place in its chain and in the log. The relay has computed all of it;
/// the store keeps it and must be able to give `head` back for any position.
struct PlacedEnvelope {
    ActorId actor;
    DeviceId device;
    Incarnation incarnation;
    Counter first = 0;
    Counter last = 0;
    std::uint32_t epoch = 0;
    Digest chain;                ///< chain hash of this envelope
    std::uint64_t position = 0;  ///< in the log: dense, from 1
    Digest head;                 ///< rolling hash of the log at `position`
    Bytes envelope;
};

/// Envelopes for one space's log, at positions after + 1 …
struct SpaceAppend {
    OrgId org;
    SpaceId space;
    LogIncarnation incarnation;
    std::uint64_t after = 0;
    std::vector<PlacedEnvelope> envelopes;  ///< never empty
};

/// Store all of this durably, best in one transaction; then answer one result per space, in
/// this order: `conflict` where the log of that space is not at (incarnation, after), `no_space`
/// or another code where it could not be kept. A space is stored wholly or not at all. At most one
/// Append is asked for at a time; it carries everything that waited.
/// → appended(ticket, std::vector<Result<void>>)
struct Append {
    Ticket ticket = 0;
    std::vector<SpaceAppend> spaces;
};

/// An envelope as it lies in the log.
struct LoggedEnvelope {
    DeviceId device;
    Incarnation incarnation;
    Counter first = 0;
    Bytes envelope;
};

/// The envelopes at positions after + 1 … after + size; `head` is the rolling hash there.
struct LogPage {
    std::vector<LoggedEnvelope> envelopes;
    Digest head;
};

/// The envelopes after a position, in order: as many as fit `max_bytes` of envelope bytes and
/// `max_envelopes`, but at least one while there is one. → caught_up(ticket, Result<LogPage>)
struct CatchUp {
    Ticket ticket = 0;
    OrgId org;
    SpaceId space;
    std::uint64_t after = 0;
    std::size_t max_bytes = 0;
    std::size_t max_envelopes = 0;
};

struct ChainEnvelope {
    Counter first = 0;
    Bytes envelope;
};

struct ChainPage {
    Digest previous;  ///< chain hash of the envelope before the first one here; zeros: none
    std::vector<ChainEnvelope> envelopes;
};

/// The envelopes of one chain that begin after counter `after` and not after `until`, in
/// order, at most `max_bytes` of them but at least one while there is one.
/// → chain_fetched(ticket, Result<ChainPage>)
struct FetchChain {
    Ticket ticket = 0;
    OrgId org;
    SpaceId space;
    DeviceId device;
    Incarnation incarnation;
    Counter after = 0;
    Counter until = 0;
    std::size_t max_bytes = 0;
};

/// The rolling hash at an old position (never 0, never after the end).
/// → head_found(ticket, Result<Digest>)
struct HeadAt {
    Ticket ticket = 0;
    OrgId org;
    SpaceId space;
    std::uint64_t position = 0;
};

/// Keep the last word of `seen.device` on what it has opened; the one before may go. May be
/// lost in a crash; not answered.
struct SaveSeen {
    OrgId org;
    SpaceId space;
    Seen seen;
};

// Signatures -------------------------------------------------------------------------------

/// One envelope's signature over its chain hash.
struct SignatureCheck {
    crypto::SignKey key;
    OrgId org;
    Digest chain;
    crypto::Signature signature;
};

/// One curve operation, some 50 microseconds: what a host's checking thread calls.
bool is_genuine(const SignatureCheck& check);

/// Check these, on another thread. A few of these requests may be out at a time.
/// → verified(ticket, std::vector<bool>), one for each, in this order
struct Verify {
    Ticket ticket = 0;
    std::vector<SignatureCheck> checks;
};

// Drop boxes -------------------------------------------------------------------------------

/// Keep a submission durably; where it is there already, that is as good. `no_space` where the
/// inbox holds its share. → submission_stored(ticket, Result<void>)
struct StoreSubmission {
    Ticket ticket = 0;
    OrgId org;
    crypto::InboxId inbox;
    Digest digest;  ///< crypto::submission_digest() of the bytes
    Time hour = 0;
    Bytes bytes;
};

/// Submissions of an inbox numbered after `after`, oldest first, as many as fit `max_bytes` and
/// `max_items`, but at least one while there is one.
/// → submissions_loaded(ticket, Result<std::vector<SubmissionItem>>)
struct LoadSubmissions {
    Ticket ticket = 0;
    OrgId org;
    crypto::InboxId inbox;
    std::uint64_t after = 0;
    std::size_t max_bytes = 0;
    std::size_t max_items = 0;
};

/// Forget these. May be lost in a crash: they are asked for and filed again.
/// → submissions_dropped(ticket)
struct DropSubmissions {
    Ticket ticket = 0;
    OrgId org;
    crypto::InboxId inbox;
    std::vector<Digest> submissions;
};

// The end of a space -------------------------------------------------------------------------

/// Destroy every envelope of the space, and what lies in its inboxes, so that no byte of them is
/// left in the store's files. The space begins a new life, empty. Asked again whenever the
/// organisation is loaded, so it may be done already. → space_shredded(ticket, Result<void>)
struct ShredSpace {
    Ticket ticket = 0;
    OrgId org;
    SpaceId space;
    std::vector<crypto::InboxId> inboxes;
};

/// Where an inbox is: what a page needs to seal for it.
struct InboxPlace {
    crypto::InboxId inbox;
    std::uint32_t key_epoch = 0;
    crypto::BoxKey key;
    unsigned work_bits = 0;
};
/// What Relay::submit() or Relay::find_inbox() has come to: the answer to its ticket. Of a post,
/// the digest of the submission, which is durable.
struct PostAnswer {
    Ticket ticket = 0;
    Result<std::variant<Digest, InboxPlace>> result;
};

using RelayAction = std::variant<Send,
                                 Close,
                                 LoadOrg,
                                 AppendEntry,
                                 LoadSpace,
                                 Append,
                                 CatchUp,
                                 FetchChain,
                                 HeadAt,
                                 SaveSeen,
                                 Verify,
                                 StoreSubmission,
                                 LoadSubmissions,
                                 DropSubmissions,
                                 ShredSpace,
                                 PostAnswer>;

}  // namespace trellis::sync
