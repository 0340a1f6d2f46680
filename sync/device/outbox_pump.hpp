// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "sync/device/push_lane.hpp"

namespace trellis::sync {

/// Sends what the lanes of a session have, one piece of each in turn, as far as the window
/// goes. No space waits for another's answers longer than its turn.
class OutboxPump {
public:
    /// Asks the lane, which must outlive the pump.
    void wake(PushLane& lane);
    Result<void> fill();
    PushWindow& window() { return window_; }

private:
    PushWindow window_;
    std::deque<PushLane*> turns_;
};

}  // namespace trellis::sync
