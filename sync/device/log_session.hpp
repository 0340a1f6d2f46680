// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sync/device/line.hpp"

namespace trellis::sync {

/// Whoever changes an organisation without being one of its devices yet.
struct LogCredentials {
    OrgId org;
    std::optional<crypto::SignKey> relay_key;  ///< none: whoever answers is trusted
    crypto::ProofKind kind = crypto::ProofKind::invite;
    crypto::SignerId id;
    crypto::SignSecret secret;
    std::uint64_t least_length = 0;  ///< of a log that is not older than the credentials
};

/// What the relay's refusals mean for the person in front of the device.
struct LogPhrases {
    std::string not_accepted;  ///< the proof
    std::string wrong_relay;
    std::string unknown_org;
    std::string wrong_org;
    std::string too_old;
    std::string refused;  ///< an entry
    std::string too_large;
};

/// Reads the whole membership log over one connection, has entries made on top of it, and
/// appends them; reads on and has them made anew where somebody was first.
class LogSession {
public:
    /// Verifies the log and gives the entries to append, in order. None: nothing is left to do.
    /// Called again after a lost race, with those entries that did get there among the log's.
    using MakeEntries =
        std::function<Result<std::vector<Bytes>>(const std::vector<Bytes>& entries)>;

    /// Borrows the world for its life.
    LogSession(LogCredentials credentials, LogPhrases phrases, MakeEntries make_entries,
               const SessionTimes& times, Env& env, Time now);
    LogSession(const LogSession&) = delete;
    LogSession& operator=(const LogSession&) = delete;
    ~LogSession() = default;

    void receive(ByteView frame, Time now);
    void heard(Time now) { line_.heard(now); }
    void tick(Time now);
    std::optional<DeviceAction> next_action() { return line_.next_action(); }
    [[nodiscard]] Time deadline() const { return line_.deadline(); }

    [[nodiscard]] const SessionProgress& progress() const { return progress_; }
    [[nodiscard]] bool done() const { return is_done_; }
    /// Once done(): the log, with our own entries.
    [[nodiscard]] const std::vector<Bytes>& entries() const { return entries_; }
    /// Once done(): who is to be pinned.
    [[nodiscard]] const crypto::SignKey& relay_key() const { return line_.relay_key(); }

private:
    Result<void> shake_hands(ByteView frame, Time now);
    Result<void> take(const Message& message);
    Result<void> receive_entries(const Entries& entries);
    Result<void> receive_answer(const EntryAnswer& answer);
    Result<void> advance();
    Result<void> put_next();
    Result<void> check_log() const;
    void fail(const Error& error);

    LogCredentials credentials_;
    LogPhrases phrases_;
    MakeEntries make_entries_;
    SessionProgress progress_;
    Line line_;
    std::vector<Bytes> entries_;
    std::deque<Bytes> own_entries_;  ///< to be put, in order
    std::uint64_t length_ = 0;       ///< of the relay's log, as far as we have heard
    unsigned lost_races_ = 0;
    bool is_made_ = false;
    bool is_asked_ = false;
    bool is_put_ = false;
    bool is_done_ = false;
};

}  // namespace trellis::sync
