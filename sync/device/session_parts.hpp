// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/syncable.hpp"
#include "sync/device/line.hpp"

namespace trellis::sync {

/// What the parts of a session share; borrowed from the session.
struct SessionParts {
    core::Syncable& replica;
    Line& line;
    SessionProgress& progress;
    const SessionOptions& options;

    void tell(const std::optional<SpaceId>& space, Error what) {
        auto& events = progress.events;
        if (events.size() < session_events_max) events.push_back({space, std::move(what)});
    }
};

}  // namespace trellis::sync
