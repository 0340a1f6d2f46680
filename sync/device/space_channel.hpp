// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sync/device/push_lane.hpp"
#include "sync/device/submission_lane.hpp"

namespace trellis::sync {

/// One space on one connection. Pulling is a cursor that pages move; where the cursor means
/// nothing to the relay, or a page does not fit it, both sides compare chains (a repair) and
/// go on from the cursor that the relay then names. Pushing has its own lane.
class SpaceChannel {
public:
    SpaceChannel(const SessionParts& parts, const core::SpaceSync& state, Channel channel,
                 PushWindow& window);

    void open();
    Result<void> receive(const Opened& opened);
    /// Instead of Opened, or later: this device may not use the space any more.
    void receive(const OpenRefused& refused);
    /// A page: wholly taken in when this returns, or an error and nothing of it.
    Result<void> receive(Deliver& deliver);
    /// What the relay lacks goes up; where it has another branch than we, that comes first.
    Result<void> receive(const Want& want);
    void receive(const Seen& seen);
    Result<void> receive(const ReceiptIs& is);
    /// Asks for the relay's receipt where something has moved since the last one.
    void ask_receipt();

    [[nodiscard]] const SpaceId& space() const { return state_.space; }
    [[nodiscard]] bool is_refused() const { return stage_ == Stage::refused; }
    [[nodiscard]] bool is_opening() const { return stage_ == Stage::opening; }
    /// Nothing is left to come, as far as the relay has told.
    [[nodiscard]] bool is_caught_up() const { return is_caught_up_ || is_refused(); }
    [[nodiscard]] PushLane& lane() { return lane_; }
    [[nodiscard]] const PushLane& lane() const { return lane_; }
    [[nodiscard]] SubmissionLane& submissions() { return submissions_; }
    [[nodiscard]] const SubmissionLane& submissions() const { return submissions_; }
    /// True once where the lane has got other chains to send since this was last asked.
    bool take_more_to_send() { return std::exchange(has_more_to_send_, false); }
    /// Goes on with what was dropped into the space's inboxes, as the membership log of that
    /// generation names them.
    Result<void> work_submissions(std::uint64_t generation);

private:
    enum class Stage : std::uint8_t { opening, following, repairing, refused };

    Result<void> judge_own_chain(const Opened& opened);
    Result<void> start_again();
    Result<void> own_fork();
    Result<void> take_page(Deliver& deliver);
    Result<void> take_repair(Deliver& deliver);
    Result<void> start_repair();
    Result<void> caught_up();
    Result<void> hand_in_lacked();
    Result<bool> has_parted(const ChainHead& head);
    void follow_own(const std::vector<crypto::EnvelopeRun>& runs);
    void count(const core::Received& received);

    SessionParts parts_;
    core::SpaceSync state_;
    Channel channel_;
    Incarnation opened_;         ///< the own chain that Open named
    LogIncarnation incarnation_;
    PushLane lane_;
    SubmissionLane submissions_;
    Stage stage_ = Stage::opening;
    bool is_caught_up_ = false;
    bool has_moved_ = false;
    bool has_more_to_send_ = false;
    std::vector<ChainHead> parted_;  ///< chains of which the relay has another branch than we
    unsigned receipts_due_ = 0;
    unsigned repairs_ = 0;
};

}  // namespace trellis::sync
