// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <utility>

#include "sync/device/session_parts.hpp"

namespace trellis::sync {

/// Bytes of pushes that the relay has not answered, over all spaces of a connection.
struct PushWindow {
    std::size_t size = 0;
    std::size_t used = 0;
};

/// What goes up in one space: our own chain from where the relay's copy ends, and whatever the
/// relay said in a repair that it lacks. Each piece is answered on its own.
class PushLane {
public:
    PushLane(const SessionParts& parts, const SpaceId& space, Channel channel, PushWindow& window)
        : parts_(parts), window_(window), space_(space), channel_(channel) {}

    /// `opened`: the chain named in Open, which the wire writes in one byte. `own`: the chain we
    /// write now. The relay holds it up to `after`.
    void begin(const Incarnation& opened, const Incarnation& own, Counter after);
    /// From now on we write the chain `own`, of which the relay holds nothing beyond `after`.
    void change_own(const Incarnation& own, Counter after);
    /// The outbox may have grown.
    void wake();
    /// The membership log has changed: what was refused or could not be sealed for want of
    /// rights gets another chance.
    void retry();
    /// The rest of a chain that this device wrote under before, or hands in for another. False
    /// where it has been added or wanted on this connection before.
    bool add(const core::ChainEnd& end);
    /// True where what stopped our own chain may pass: the relay had no room or time for it, or
    /// it could not be read or sealed here, as on a full disk.
    [[nodiscard]] bool may_resume() const;
    /// Gives that another chance. True where there was such.
    bool resume();
    /// What we hold and the relay lacks, anybody's. Remembered until the relay has it.
    Result<void> want(const Want& want);
    /// Nothing more of our own goes up on this connection.
    void stop(Error why);
    /// The relay answers nothing any more.
    void close();

    /// True where there is something to send; fetches and seals it where needed.
    Result<bool> prepare();
    /// Requires: prepare().
    [[nodiscard]] std::size_t next_bytes() const;
    void send_next();

    Result<void> receive(const Stored& stored);
    void receive(const Need& need);
    Result<void> receive(const PushRefused& refused);

    [[nodiscard]] bool is_settled() const;
    [[nodiscard]] bool is_waiting() const { return !flights_.empty(); }
    [[nodiscard]] bool is_stopped() const { return stopped_.has_value(); }
    /// The relay has stored something since this was last asked.
    bool take_moved() { return std::exchange(has_moved_, false); }
    bool is_queued = false;  ///< for the pump

private:
    struct Chain {
        DeviceId device;
        Incarnation incarnation;
        bool operator==(const Chain&) const = default;
    };
    struct Piece {
        crypto::EnvelopeRun run;
        Counter last = 0;
        std::size_t bytes = 0;  ///< of the whole message
    };
    struct Flight {
        Chain chain;
        Counter first = 0;
        Counter last = 0;
        std::size_t envelopes = 0;
        std::size_t bytes = 0;
    };

    [[nodiscard]] Chain own_chain() const { return {parts_.replica.device(), own_}; }
    [[nodiscard]] Chain named(const DeviceId& device, const Incarnation& incarnation) const;
    Result<bool> fetch_own();
    Result<bool> fetch_wanted();
    Result<bool> take_wanted(std::vector<crypto::EnvelopeRun> runs);
    /// Into pieces that fit a frame.
    Result<void> cut(std::vector<crypto::EnvelopeRun> runs);
    Result<void> cut_run(crypto::EnvelopeRun& run);
    /// Forgets what was sent of the chain from counter `from` on; how many pieces that were.
    std::size_t drop(const Chain& chain, Counter from);
    void forget_wanted(const Chain& chain);
    /// False where that has been done before, or for too many.
    bool take_up(const Chain& chain);

    SessionParts parts_;
    PushWindow& window_;
    SpaceId space_;
    Channel channel_;
    Incarnation opened_;
    Incarnation own_;
    std::optional<Chain> left_;  ///< our own before change_own()
    Counter after_ = 0;         ///< of our own chain: fetched up to here
    Counter confirmed_ = 0;     ///< of our own chain: stored up to here
    bool may_have_own_ = false;
    bool has_moved_ = false;
    std::optional<Code> stopped_;
    bool stopped_here_ = false;  ///< by us, before anything was sent
    std::deque<core::ChainEnd> wanted_;
    std::vector<Chain> taken_up_;  ///< all chains that were wanted or added
    std::deque<Piece> ready_;
    std::deque<Flight> flights_;
    Counter needed_ = 0;          ///< what the last Need asked for
    std::size_t needs_due_ = 0;   ///< more of the same Need, for the pieces sent after it
    unsigned needs_ = 0;          ///< in a row, with nothing stored between them
};

}  // namespace trellis::sync
