// SPDX-License-Identifier: Apache-2.0
// What the store keeps of a chain beyond where its author's work ended: read once, when more of
// it comes, so that a restart forgets nothing.
#include "core/base/limits.hpp"
#include "sync/relay/chain_lane.hpp"

#include <algorithm>

namespace trellis::sync {

Counter ChainLane::counted_to() const { return std::max(*limit_, late_known_); }

bool ChainLane::has_uncounted(const crypto::Membership& membership) {
    read_rights(membership);
    return limit_ && counted_to() < durable_.last;
}

Counter ChainLane::fetch_after() const {
    return is_counting_ ? counted_to() : waiting_.front().first - 1;
}

std::size_t ChainLane::fetch_bytes() const {
    return is_counting_ ? limits::page_max : waiting_.front().bytes;
}

void ChainLane::count_late(const ChainPage& page, const crypto::Membership& membership) {
    crypto::EnvelopePlace place{.org = org_,
                                .space = space_,
                                .actor = actor_,
                                .first = 0,
                                .previous = page.previous};
    Counter end = 0;
    for (const auto& [first, envelope] : page.envelopes) {
        const auto header = crypto::parse_envelope(envelope);
        if (!header) break;
        place.first = first;
        place.previous = crypto::chain_hash(place, envelope);
        end = first + header->ops - 1;
        if (!membership.is_adopted(space_, place.previous)) late_bytes_ += envelope.size();
    }
    late_known_ = end == 0 ? durable_.last : end;
}

}  // namespace trellis::sync
