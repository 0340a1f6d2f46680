// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "core/base/cursor.hpp"
#include "core/base/record_id.hpp"
#include "core/base/stamp.hpp"
#include "crypto/public/envelope.hpp"
#include "crypto/public/membership.hpp"
#include "crypto/secret/device_key.hpp"

namespace trellis::crypto {
struct Receipt;
}

namespace trellis::core {

/// What we hold of one actor's chain.
struct ChainEnd {
    DeviceId device;
    Incarnation incarnation;
    Counter last = 0;
    Digest chain;
};

/// One space as a session sees it.
struct SpaceSync {
    SpaceId space;
    Cursor cursor;         ///< where we are in the relay's log; incarnation zeros: nowhere yet
    Incarnation own;       ///< of our actor there
    Counter sealed = 0;    ///< last counter sealed in our own chain
    Digest chain;          ///< its chain hash
    Counter stored = 0;    ///< last counter that the relay has confirmed
    /// Chains that this device wrote under before, up to where the relay has confirmed them:
    /// what follows goes up too (envelopes(), confirm() with that incarnation).
    std::vector<ChainEnd> former = {};
};

/// Our signed word that we hold a space's log up to a place.
struct SeenWord {
    LogIncarnation incarnation;
    std::uint64_t position = 0;
    Digest head;
    crypto::Signature signature;
};

struct Received {
    std::size_t envelopes = 0;  ///< new ones
    std::size_t changes = 0;
};

/// What somebody without a device dropped into an inbox, as the relay keeps it.
struct Dropped {
    Time hour = 0;  ///< when it came, to the hour, says the relay
    Bytes bytes;
};
/// What has become of such things here.
struct Filing {
    struct Item {
        Digest submission;
        RecordId record;
    };
    std::vector<Item> items;      ///< records of them are here, durable
    std::size_t written = 0;      ///< changes that this took
    std::vector<Error> problems;  ///< why others must wait; told to the person
};

/// What a session needs of a replica. Everything is local, synchronous and durable when it
/// returns. A session belongs to the thread of its replica.
class Syncable {
public:
    Syncable() = default;
    Syncable(const Syncable&) = delete;
    Syncable& operator=(const Syncable&) = delete;
    virtual ~Syncable() = default;

    // Who we are. Requires: an organisation has been created or joined.
    [[nodiscard]] virtual OrgId org() const = 0;
    [[nodiscard]] virtual DeviceId device() const = 0;
    [[nodiscard]] virtual const crypto::DeviceKey& device_key() const = 0;
    [[nodiscard]] virtual const crypto::Membership& membership() const = 0;
    /// How many entries of membership() the relay has confirmed; 0: the organisation is new.
    [[nodiscard]] virtual std::uint64_t confirmed_entries() const = 0;
    /// The relay's key as pinned at first use, or by the invite or the log; none: first use.
    [[nodiscard]] virtual std::optional<crypto::SignKey> relay_key() const = 0;
    virtual Result<void> pin_relay_key(const crypto::SignKey& key) = 0;
    /// A hint for our clock, heard `round_trip_ms` after we asked.
    virtual void heard_time(Time relay_time, std::int64_t round_trip_ms) = 0;

    // The membership log.
    /// The confirmed entry at this index, to give back to a relay that has lost it.
    /// Requires: index < confirmed_entries().
    virtual Result<Bytes> entry(std::uint64_t index) = 0;
    /// Takes in entries from index `from` on. Entries of our own that lost the race are made
    /// anew on top of these.
    virtual Result<void> receive_entries(std::uint64_t from, const std::vector<Bytes>& entries) = 0;
    /// Our oldest entry that the relay has not confirmed, if any.
    virtual std::optional<Bytes> next_entry() = 0;
    virtual Result<void> entry_accepted() = 0;
    /// The relay refused it for good: dropped, and told to the person.
    virtual Result<void> entry_refused(const Error& why) = 0;

    // Spaces.
    [[nodiscard]] virtual std::vector<SpaceSync> sync_spaces() = 0;

    // Outbox: our own envelopes after counter `after`, at most about `max_bytes` (at least one).
    // Seals what is not sealed yet; sealed envelopes are durable before they are returned.
    virtual Result<std::vector<crypto::EnvelopeRun>> outbox(const SpaceId& space, Counter after,
                                                            std::size_t max_bytes) = 0;
    virtual Result<void> confirm(const SpaceId& space, const Incarnation& own, Counter last) = 0;

    // Incoming: verified, opened, merged and the cursor moved in one transaction. `conflict`
    // where `from` is not our cursor or the rolling hash does not come out as `to.head`.
    virtual Result<Received> receive(const SpaceId& space, const Cursor& from, const Cursor& to,
                                     const std::vector<crypto::EnvelopeRun>& runs) = 0;

    // Repair: the same without a cursor, which moves at the end.
    virtual Result<Received> receive_repair(const SpaceId& space,
                                            const std::vector<crypto::EnvelopeRun>& runs) = 0;
    virtual Result<void> move_cursor(const SpaceId& space, const Cursor& to) = 0;
    virtual Result<std::vector<ChainEnd>> chains(const SpaceId& space) = 0;
    /// The hash of that chain, as held here, after its counter `place.last`; none where no
    /// envelope held here ends there.
    virtual Result<std::optional<Digest>> chain_at(const SpaceId& space,
                                                   const ChainEnd& place) = 0;
    virtual Result<std::vector<crypto::EnvelopeRun>> envelopes(const SpaceId& space,
                                                               const ChainEnd& after,
                                                               std::size_t max_bytes) = 0;
    /// Chains, others' mostly, that the relay may lack from `last` + 1 on: a bundle brought them,
    /// or the relay has asked for them and may not have got them. Requires that everything in
    /// the space's log has been received.
    virtual Result<std::vector<ChainEnd>> lacked(const SpaceId& /*space*/) {
        return std::vector<ChainEnd>();
    }
    /// The relay lacks what follows `last` of these. Remembered until it has that.
    virtual Result<void> note_lacked(const SpaceId& /*space*/,
                                     const std::vector<ChainEnd>& /*ends*/) {
        return {};
    }
    /// The relay has that chain up to `last`, or will take no more of it: then limits::counter_max.
    virtual Result<void> settle_lacked(const SpaceId& /*space*/, const ChainEnd& /*end*/) {
        return {};
    }
    /// The relay holds more of our own chain than we do: our database is an older copy. From
    /// now on we write under a new incarnation.
    virtual Result<void> rolled_back(const SpaceId& space) = 0;
    /// The relay refused our own chain as a fork: it holds other envelopes at the same place.
    /// There is nothing to do but to pull; what comes in then heals the chain, and our own
    /// branch goes up under a new incarnation.
    virtual Result<void> forked(const SpaceId& space) = 0;
    /// The relay's signed word about where a space's log and the membership log stand. What
    /// contradicts it, then or later, is an alarm and never an error. `corrupt` where the
    /// signature is not the relay's.
    /// True where the one we have is too old to hold the relay to: a receipt costs as much as a
    /// small change.
    [[nodiscard]] virtual bool wants_receipt(const SpaceId& /*space*/) { return true; }
    virtual Result<void> receive_receipt(const SpaceId& space, const crypto::Receipt& receipt) = 0;

    // Drop boxes.
    /// The inboxes of a space whose content this device can make records of.
    [[nodiscard]] virtual std::vector<crypto::InboxId> inboxes_to_file(const SpaceId& /*space*/) {
        return {};
    }
    /// Opens what was dropped in and makes a record of each, one and the same on every device.
    virtual Result<Filing> file(const SpaceId& /*space*/, const crypto::InboxId& /*inbox*/,
                                const std::vector<Dropped>& /*items*/) {
        return Filing{};
    }
    /// Which of these records the relay holds by our own word: it need not keep what they were
    /// made of.
    virtual Result<std::vector<Digest>> filed_for_good(const SpaceId& /*space*/,
                                                       const std::vector<Filing::Item>& /*items*/) {
        return std::vector<Digest>();
    }

    // Seen.
    /// Ours where it has grown since the last call.
    virtual Result<std::optional<SeenWord>> seen_word(const SpaceId& space) = 0;
    virtual Result<void> receive_seen(const SpaceId& space, const DeviceId& device,
                                      const SeenWord& word) = 0;
};

}  // namespace trellis::core
