// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/device/session_parts.hpp"

namespace trellis::sync {

/// The membership log over one connection: first everything the relay has and we lack, then
/// what it had confirmed and has lost (entries prove themselves, whoever brings them), then, one
/// by one, the entries we made. One question is out at a time.
class EntryExchange {
public:
    explicit EntryExchange(const SessionParts& parts) : parts_(parts) {}

    /// `fork` where the relay shows another history than the one we hold.
    Result<void> receive(const Welcome& welcome);
    Result<void> receive(const Entries& entries);
    Result<void> receive(const EntryAnswer& answer);
    Result<void> receive(const EntryNews& news);
    /// We may have made an entry.
    void wake() { may_put_ = true; }
    /// Asks or puts what is next, if anything.
    Result<void> advance();

    /// The relay has told of entries that we do not hold: what it delivers may need them.
    [[nodiscard]] bool is_behind() const;
    [[nodiscard]] bool is_settled() const;
    /// Entries of ours wait for resume() or another connection.
    [[nodiscard]] bool is_stopped() const { return stopped_.has_value(); }
    /// True where what stopped them may pass: the relay had no room or time for them, or others
    /// were faster again and again.
    [[nodiscard]] bool may_resume() const;
    /// Puts them once more; nothing where may_resume() is false.
    void resume();
    /// Counts what changed the log here; spaces may have come or gone.
    [[nodiscard]] std::uint64_t generation() const { return generation_; }

private:
    Result<void> hear_of(std::uint64_t length, const Digest& head);
    void answered_return(const EntryAnswer& answer);
    Result<void> give_back();
    /// The relay's log is shorter than what it confirmed to us.
    [[nodiscard]] bool has_lost() const;
    Result<void> refused(const Error& why);
    Result<void> put_next();
    void stop_putting(Error why);

    SessionParts parts_;
    std::uint64_t length_ = 0;  ///< of the relay's log, as far as we have heard
    std::uint64_t held_ = 0;    ///< entries the relay has now
    std::uint64_t generation_ = 0;
    unsigned lost_races_ = 0;  ///< that brought no entry to read
    bool is_asked_ = false;
    bool is_put_ = false;
    bool is_returned_ = false;  ///< the entry that is put is one that it has lost
    bool may_put_ = true;
    std::optional<Code> stopped_;
};

}  // namespace trellis::sync
