// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/id.hpp"
#include "core/base/limits.hpp"

/// What the host of a device's session gives it and gets from it.
namespace trellis::sync {

/// One WebSocket message for the relay.
struct DeviceSend {
    Bytes frame;
};
/// Close the connection after the frames sent before. No code: everything was said.
struct DeviceClose {
    std::optional<Code> code;
};
using DeviceAction = std::variant<DeviceSend, DeviceClose>;

/// When a quiet connection is spoken to, and when it is given up. Milliseconds.
struct SessionTimes {
    std::int64_t welcome_ms = 30'000;  ///< from the start to the relay's Welcome
    std::int64_t ping_ms = 30'000;     ///< of silence, then we ask
    std::int64_t dead_ms = 90'000;     ///< of silence, then it is over
    std::int64_t resume_ms = 15'000;   ///< after a push that had no room, there or here, if we stay
    std::int64_t stall_ms = 300'000;   ///< without any of the answers we wait for
};

struct SessionOptions {
    bool follow = true;  ///< stay, and hear what comes later; else one pass
    bool rebuild = false;  ///< bring the organisation back to a relay that has lost it
    unsigned repeats = 3;  ///< sessions that may follow this one at once
    std::size_t push_bytes = 65'536;  ///< of envelopes in one Push, aimed at
    SessionTimes times;
};

/// Something a person may want to know of; the session went on.
struct SessionEvent {
    std::optional<SpaceId> space;
    Error what;
};

struct SessionProgress {
    bool complete = false;        ///< nothing is left to send or receive as of now
    bool again = false;           ///< what this one has learnt needs another session, at once
    bool former = false;          ///< we were removed; what we had sealed has been handed in
    std::uint64_t sent = 0;       ///< envelopes that the relay has stored
    std::uint64_t received = 0;   ///< envelopes that were new to us
    std::uint64_t changes = 0;    ///< changes in these
    std::uint64_t bytes_up = 0;   ///< of frames
    std::uint64_t bytes_down = 0;
    std::uint64_t pending = 0;    ///< own ops not confirmed, when last counted
    std::optional<Error> failure;      ///< why the session ended before its time
    std::vector<SessionEvent> events;  ///< the first session_events_max of them
};
inline constexpr std::size_t session_events_max = 1000;

}  // namespace trellis::sync
