// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>

#include "clients/c/handle.hpp"

namespace trellis::c {

/// Runs what a function does, between the caller and us: nothing is thrown through, a callback
/// that calls back is found out, and whoever waits is woken if there is something new to pull.
/// Where memory runs out the replica is closed; what was acknowledged is on the disk.
/// Requires: the handle was checked.
template <class Body>
trellis_status enter(trellis_replica* replica, trellis_error* error, Body&& body) {
    Inside& inside = *replica->inside;
    const unsigned before = news_of(inside);
    trellis_status status = TRELLIS_OK;
    replica->is_inside = true;
    try {
        status = body(inside);
    } catch (const std::exception&) {
        // What is in memory may be half changed: it must not be written from any more.
        abandon(replica);
        return answer(error, TRELLIS_INTERNAL,
                      "there is no memory left: this replica is closed, open it again");
    }
    const bool wakes = inside.wake != nullptr && (news_of(inside) & ~before) != 0;
    if (wakes) inside.wake(inside.wake_context);
    replica->is_inside = false;
    return status;
}

/// A Result as a status.
inline trellis_status answer(trellis_error* error, const Result<void>& result) {
    return result ? TRELLIS_OK : answer(error, result.error());
}

/// A reply, and the status of its code.
trellis_status give_reply(const Json& reply, trellis_buffer* buffer, trellis_error* error);

}  // namespace trellis::c
