// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <memory>

#include "sync/device/entry_exchange.hpp"
#include "sync/device/outbox_pump.hpp"
#include "sync/device/space_channel.hpp"

namespace trellis::sync {

/// The device's end of one connection, as a value: frames and time in, actions out. Talks to
/// its replica directly. Never restarted: the next connection gets a new session, which starts
/// from what the replica remembers. After any call, take actions until there are none.
///
/// Membership comes first, both ways; then every space that the device can read is opened, and
/// from there pushing and pulling do not wait for each other.
class DeviceSession {
public:
    /// Borrows the replica and the world for its life. `now` is any clock that only grows.
    DeviceSession(core::Syncable& replica, const SessionOptions& options, Env& env, Time now);
    DeviceSession(const DeviceSession&) = delete;
    DeviceSession& operator=(const DeviceSession&) = delete;
    ~DeviceSession() = default;

    /// One WebSocket message, as it came. Anything but what the ladder of docs/protocol.md
    /// allows ends the session.
    void receive(ByteView frame, Time now);
    /// Some bytes of a frame have come in: a slow line is not a dead one.
    void heard(Time now) { line_.heard(now); }
    /// The replica may have something new to send: in any space, or in one.
    void outbox_changed(Time now);
    void outbox_changed(const SpaceId& space, Time now);
    void tick(Time now);
    std::optional<DeviceAction> next_action() { return line_.next_action(); }
    /// When tick() wants to be called at the latest.
    [[nodiscard]] Time deadline() const {
        return resume_at_ ? std::min(line_.deadline(), *resume_at_) : line_.deadline();
    }

    [[nodiscard]] const SessionProgress& progress() const { return progress_; }
    /// One pass was asked for, and nothing is left of it.
    [[nodiscard]] bool done() const { return is_done_; }
    /// The relay let us in: worth a reset of the backoff.
    [[nodiscard]] bool was_welcomed() const { return is_welcome_; }
    /// The relay, which is the one we know, says it knows no such member: it may have lost the
    /// organisation, or us with its newest entries.
    [[nodiscard]] bool is_unknown() const { return is_unknown_; }

private:
    struct Heard {
        Message message;
        std::size_t bytes = 0;  ///< of its frame
    };

    Result<void> shake_hands(ByteView frame, Time now);
    Result<void> take(Heard heard);
    Result<void> work_on(Heard& heard);
    Result<void> on(Welcome& welcome);
    Result<void> on(Entries& entries) { return entries_.receive(entries); }
    Result<void> on(EntryAnswer& answer) { return entries_.receive(answer); }
    Result<void> on(EntryNews& news) { return entries_.receive(news); }
    Result<void> on(Opened& opened);
    Result<void> on(OpenRefused& refused);
    Result<void> on(Deliver& deliver);
    Result<void> on(Seen& seen);
    Result<void> on(Stored& stored);
    Result<void> on(Need& need);
    Result<void> on(PushRefused& refused);
    Result<void> on(Want& want);
    Result<void> on(ReceiptIs& is);
    Result<void> on(Submissions& submissions);
    Result<void> on(SubmissionNews& news);
    template <class Other>
    Result<void> on(Other&);

    void advance(Time now);
    Result<void> work();
    Result<void> work_parked();
    void open_spaces();
    void plan_resuming();
    void resume_pushing();
    void grant_credit(std::size_t bytes);
    void finish_if_settled();
    void finish();
    [[nodiscard]] bool is_complete() const;
    [[nodiscard]] bool is_former() const;
    void count_pending();
    void fail(const Error& error);

    /// Null where the relay has closed it: what was still under way does not matter.
    Result<SpaceChannel*> channel(Channel number);
    [[nodiscard]] bool is_settled() const;
    [[nodiscard]] bool is_waiting() const;

    core::Syncable& replica_;
    const SessionOptions options_;
    SessionProgress progress_;
    Line line_;
    SessionParts parts_;
    EntryExchange entries_;
    OutboxPump pump_;
    std::vector<std::unique_ptr<SpaceChannel>> channels_;  ///< by number
    std::map<SpaceId, SpaceChannel*> by_space_;
    std::deque<Heard> parked_;  ///< until the membership entries they may need are here
    std::optional<std::uint64_t> opened_at_;  ///< generation of the log
    std::size_t owed_ = 0;  ///< bytes taken in and not yet granted back
    std::optional<std::uint64_t> barrier_at_;  ///< what had been said when it was sent
    std::optional<Time> resume_at_;  ///< when what had no room, there or here, goes up again
    Time now_;
    bool is_welcome_ = false;
    bool is_unknown_ = false;
    bool is_done_ = false;
};

/// What is to follow a session that has ended: the options of another one to be made at once,
/// or nothing.
std::optional<SessionOptions> next_session(const DeviceSession& ended,
                                           const SessionOptions& options);

/// The later session's state, with what came and went in both.
SessionProgress add_up(const SessionProgress& before, SessionProgress later);

}  // namespace trellis::sync
