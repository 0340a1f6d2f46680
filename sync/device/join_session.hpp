// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "crypto/secret/invite.hpp"
#include "sync/device/line.hpp"

namespace trellis::sync {

/// Joins an organisation by an invite over one connection: reads the whole membership log,
/// has the joining entry made on top of it, and appends it; reads on and has it made anew where
/// somebody was first.
class JoinSession {
public:
    /// Verifies the log and gives the entry that adds this device. Empty: the log holds it
    /// already, from an earlier connection that broke before the answer.
    using MakeEntry = std::function<Result<Bytes>(const std::vector<Bytes>& entries)>;

    /// Borrows the world for its life; of the invite it keeps copies.
    JoinSession(const crypto::Invite& invite, MakeEntry make_entry, const SessionTimes& times,
                Env& env, Time now);
    JoinSession(const JoinSession&) = delete;
    JoinSession& operator=(const JoinSession&) = delete;
    ~JoinSession() = default;

    void receive(ByteView frame, Time now);
    void heard(Time now) { line_.heard(now); }
    void tick(Time now);
    std::optional<DeviceAction> next_action() { return line_.next_action(); }
    [[nodiscard]] Time deadline() const { return line_.deadline(); }

    /// `failure` is a sentence for the person who holds the invite.
    [[nodiscard]] const SessionProgress& progress() const { return progress_; }
    [[nodiscard]] bool done() const { return is_done_; }
    /// Once done(): the log, with our own entry.
    [[nodiscard]] const std::vector<Bytes>& entries() const { return entries_; }
    /// Once done(): who is to be pinned.
    [[nodiscard]] const crypto::SignKey& relay_key() const { return line_.relay_key(); }

private:
    Result<void> shake_hands(ByteView frame, Time now);
    Result<void> take(const Message& message);
    Result<void> receive_entries(const Entries& entries);
    Result<void> receive_answer(const EntryAnswer& answer);
    Result<void> advance();
    Result<void> check_log() const;
    void fail(const Error& error);

    crypto::InviteKeys keys_;
    OrgId org_;
    crypto::SignKey expected_relay_;
    std::uint64_t invite_length_;
    MakeEntry make_entry_;
    SessionProgress progress_;
    Line line_;
    std::vector<Bytes> entries_;
    Bytes own_entry_;
    std::uint64_t length_ = 0;  ///< of the relay's log, as far as we have heard
    unsigned lost_races_ = 0;
    bool is_asked_ = false;
    bool is_put_ = false;
    bool is_done_ = false;
};

}  // namespace trellis::sync
