// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>

#include "clients/c/portable_host.hpp"
#include "clients/c/relay_talk.hpp"
#include "clients/c/status.hpp"

namespace trellis::c {

/// All there is behind a replica's handle while it lives.
struct Inside {
    Inside(Settings settings, const std::string& unique);

    PortableHost host;
    RelayTalk::Memory memory;
    std::unique_ptr<clients::Verbs> verbs;
    trellis_session* session = nullptr;  ///< not ended yet
    std::deque<trellis_session*> ended;  ///< to be used again, the oldest first
    trellis_wake_fn wake = nullptr;
    void* wake_context = nullptr;
};

/// What there is to pull, as bits.
enum News : unsigned { news_events = 1, news_frames = 2, news_end = 4 };

/// Stands for the thread that runs this: no two that run at once have the same.
const void* this_thread();

/// Bytes for a handle that are never freed: what is left of it must say that it has ended.
void* keep_forever(std::size_t size);
/// Unless nobody has seen the handle yet.
void forget(void* handle);

}  // namespace trellis::c

/// A handle outlives what it stands for, so that a call after its end is a mistake like another.
struct trellis_replica {
    std::uint64_t magic;
    const void* owner;  ///< this_thread() of it
    bool is_inside;     ///< a call is under way
    trellis::c::Inside* inside;  ///< null: ended
};

struct trellis_session {
    std::uint64_t magic;
    trellis_replica* replica;
    trellis::c::RelayTalk* talk;  ///< null: ended
};

namespace trellis::c {

inline constexpr std::uint64_t replica_magic = 0x7472656C6C697301;
inline constexpr std::uint64_t session_magic = 0x7472656C6C697302;

/// Why a call on this handle is a mistake, or TRELLIS_OK.
trellis_status check_owner(const trellis_replica* replica, trellis_error* error);
trellis_status check(const trellis_replica* replica, trellis_error* error);
trellis_status check(const trellis_session* session, trellis_error* error);
trellis_status check_open(const trellis_replica* replica, trellis_error* error);

/// Ends everything behind the handle without sealing or saying anything; the handle says that
/// it is closed.
void abandon(trellis_replica* replica) noexcept;

/// Ends what a session stands for; the handle stays and says so.
void end_session(Inside& inside);

unsigned news_of(const Inside& inside);

}  // namespace trellis::c
