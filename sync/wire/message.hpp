// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/base/cursor.hpp"
#include "core/base/stamp.hpp"
#include "crypto/public/envelope.hpp"
#include "crypto/public/inbox.hpp"
#include "crypto/public/receipt.hpp"

/// What a device and a relay say to each other once the handshake (crypto/public/handshake.hpp)
/// has given them a channel. One message is one frame is one sealed chunk is one WebSocket
/// message. `channel` numbers the spaces of a connection in the order they were opened, from 0.
/// docs/protocol.md has the ladder and every layout with its bytes.
namespace trellis::sync {

using Channel = std::uint16_t;

// Both ways ------------------------------------------------------------------------------

/// The conversation ends; nothing after it counts. `message` is for people.
struct Bye {
    Code code = Code::internal;
    std::string message;
};

/// Asks for a Pong, to keep the connection or to measure it.
struct Ping {
    std::uint64_t token = 0;
};
struct Pong {
    std::uint64_t token = 0;
};

// Relay to device, first of all ------------------------------------------------------------

/// The proof was accepted.
struct Welcome {
    Time time = 0;                  ///< the relay's clock, a hint for the device's
    std::uint64_t log_length = 0;   ///< of the organisation's membership log
    Digest log_head;
    std::uint32_t push_window = 0;  ///< bytes a device may push before an answer
};

// The membership log -----------------------------------------------------------------------

struct GetEntries {
    std::uint64_t from = 0;
};
/// Consecutive entries. `more`: ask again from the next index.
struct Entries {
    std::uint64_t from = 0;
    std::vector<Bytes> entries;
    bool more = false;
};
/// Append this entry, if the log still ends where it was made.
struct PutEntry {
    Bytes entry;
};
/// Where not accepted, `conflict` says that somebody was first: read again.
struct EntryAnswer {
    bool accepted = false;
    Code code = Code::internal;
    std::string message;
    std::uint64_t log_length = 0;
    Digest log_head;
};
/// The log has grown; sent to every connection of the organisation.
struct EntryNews {
    std::uint64_t log_length = 0;
    Digest log_head;
};

// A space's log ----------------------------------------------------------------------------

/// Opens the next channel on a space and says where this device is. Own actor: the chain this
/// device writes in this space now; `own_last` is the last counter it has sealed.
struct Open {
    SpaceId space;
    LogIncarnation incarnation;   ///< zeros: this device knows nothing of the log
    std::uint64_t position = 0;
    ShortDigest head;
    Incarnation own;
    bool follow = false;          ///< keep delivering what comes later
};
/// Where the relay is. `known`: the cursor fits, deliveries follow from it; else the relay
/// does not know that place (one side went back in time) and waits for Vector.
struct Opened {
    Channel channel = 0;
    bool known = false;
    LogIncarnation incarnation;
    std::uint64_t position = 0;
    ShortDigest head;
    Counter own_last = 0;         ///< what the relay has of the device's own chain
    ShortDigest own_chain;
};
struct OpenRefused {
    SpaceId space;
    Code code = Code::denied;
    std::string message;
};

/// The device can take that many more bytes of Deliver, over all channels.
struct Credit {
    std::uint32_t bytes = 0;
};

/// Envelopes in the order of the relay's log: those at positions from + 1 … to. `head` is the
/// rolling hash at `to`. Ends with to == position of the log: caught up.
/// In a repair (`repair` true) the runs answer a Vector, out of log order; the last such page
/// has `last` set, and its (to, head) is the cursor to go on from.
struct Deliver {
    Channel channel = 0;
    bool repair = false;
    bool last = false;            ///< caught up with the log as of now
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    Digest head;
    std::vector<crypto::EnvelopeRun> runs;
};

/// Envelopes for the relay to keep: the device's own, or (repair) anybody's.
struct Push {
    Channel channel = 0;
    std::vector<crypto::EnvelopeRun> runs;
};
/// The relay has durably stored the chain up to and with `last`.
struct Stored {
    Channel channel = 0;
    DeviceId device;
    Incarnation incarnation;
    Counter last = 0;
    std::uint64_t position = 0;   ///< of the log after it
};
/// The chain on the relay ends before that run begins: push from `from` on.
struct Need {
    Channel channel = 0;
    DeviceId device;
    Incarnation incarnation;
    Counter from = 0;
};
/// A run was not taken: `denied` (no right to write), `fork` (the relay has another envelope at
/// that place), `corrupt`, `no_space`. The others of the same Push are judged on their own.
struct PushRefused {
    Channel channel = 0;
    DeviceId device;
    Incarnation incarnation;
    Counter first = 0;
    Code code = Code::denied;
    std::string message;
};

/// What one side holds of a chain.
struct ChainHead {
    DeviceId device;
    Incarnation incarnation;
    Counter last = 0;
    ShortDigest chain;
    bool operator==(const ChainHead&) const = default;
};
/// All chains the device holds in the space: the way back after one side went back in time.
struct Vector {
    Channel channel = 0;
    std::vector<ChainHead> heads;
    bool more = false;
};
/// The relay lacks these: push from `last + 1` on.
struct Want {
    Channel channel = 0;
    std::vector<ChainHead> heads;
};

// Seen -------------------------------------------------------------------------------------

/// A device's signed word that it holds the space's log up to a place: passed on to the others,
/// who learn from it that their envelopes have been opened by somebody else.
struct Seen {
    Channel channel = 0;
    DeviceId device;
    LogIncarnation incarnation;
    std::uint64_t position = 0;
    Digest head;
    crypto::Signature signature;  ///< label seen-sig over hash(seen, space, incarnation, position, head)
};

// Receipts -----------------------------------------------------------------------------------

/// Asks for the relay's signed word of where the space's log ends now.
struct GetReceipt {
    Channel channel = 0;
};
/// Its space is the channel's, and zeros here. A relay that is asked too often stays silent.
struct ReceiptIs {
    Channel channel = 0;
    crypto::Receipt receipt;
};

// Drop boxes ---------------------------------------------------------------------------------

/// Asks for what was dropped into an inbox of the channel's space and is numbered after `after`.
/// From then on the relay tells this channel of news there. For devices that may write.
struct GetSubmissions {
    Channel channel = 0;
    crypto::InboxId inbox;
    std::uint64_t after = 0;
};
struct SubmissionItem {
    std::uint64_t number = 0;  ///< the relay's, rising
    Time hour = 0;             ///< when it came, to the hour
    Bytes bytes;
};
/// What nobody else is filing right now, oldest first. `more`: ask again after the last number.
struct Submissions {
    Channel channel = 0;
    crypto::InboxId inbox;
    bool more = false;
    std::vector<SubmissionItem> items;
};
/// There may be something to ask for.
struct SubmissionNews {
    Channel channel = 0;
    crypto::InboxId inbox;
};
/// These have become records that the relay holds: it need not keep them any more. Not answered.
struct Filed {
    Channel channel = 0;
    crypto::InboxId inbox;
    std::vector<Digest> submissions;
};

using Message = std::variant<Bye, Ping, Pong, Welcome, GetEntries, Entries, PutEntry, EntryAnswer,
                             EntryNews, Open, Opened, OpenRefused, Credit, Deliver, Push, Stored,
                             Need, PushRefused, Vector, Want, Seen, GetReceipt, ReceiptIs,
                             GetSubmissions, Submissions, SubmissionNews, Filed>;

}  // namespace trellis::sync
