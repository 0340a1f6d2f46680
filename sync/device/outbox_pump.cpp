// SPDX-License-Identifier: Apache-2.0
#include "sync/device/outbox_pump.hpp"

namespace trellis::sync {

void OutboxPump::wake(PushLane& lane) {
    if (lane.is_queued) return;
    lane.is_queued = true;
    turns_.push_back(&lane);
}

Result<void> OutboxPump::fill() {
    while (!turns_.empty()) {
        auto& lane = *turns_.front();
        TRELLIS_TRY(const bool is_ready, lane.prepare());
        if (is_ready) {
            // A piece larger than the window goes when nothing else is out.
            const bool fits = window_.used + lane.next_bytes() <= window_.size;
            if (window_.used > 0 && !fits) return {};
            lane.send_next();
            turns_.push_back(&lane);
        } else {
            lane.is_queued = false;
        }
        turns_.pop_front();
    }
    return {};
}

}  // namespace trellis::sync
