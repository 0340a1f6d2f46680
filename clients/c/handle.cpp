// SPDX-License-Identifier: Apache-2.0
#include "clients/c/handle.hpp"

#include <cstdlib>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

namespace trellis::c {

Inside::Inside(Settings settings, const std::string& unique)
    : host(std::move(settings), unique), memory(host.env()) {
    host.on_stop = [this] {
        if (session != nullptr) session->talk->hang_up();
    };
    host.on_outbox = [this] {
        if (session != nullptr) session->talk->outbox_changed();
    };
}

const void* this_thread() {
    static thread_local char place = 0;
    return &place;
}

void* keep_forever(std::size_t size) {
    void* const bytes = std::calloc(1, size);
#if defined(__SANITIZE_ADDRESS__)
    __lsan_ignore_object(bytes);
#endif
    return bytes;
}

void forget(void* handle) { std::free(handle); }

trellis_status check_owner(const trellis_replica* replica, trellis_error* error) {
    if (replica == nullptr || replica->magic != replica_magic) {
        return answer(error, TRELLIS_INVALID, "this is no replica");
    }
    // Another thread may be about to take it over.
    if (__atomic_load_n(&replica->owner, __ATOMIC_ACQUIRE) != this_thread()) {
        return answer(error, TRELLIS_WRONG_THREAD,
                      "another thread owns this replica: call it there, or take it over with "
                      "trellis_move_here");
    }
    if (replica->is_inside) {
        return answer(error, TRELLIS_REENTERED,
                      "this was called from inside a callback: return first");
    }
    return TRELLIS_OK;
}

trellis_status check(const trellis_replica* replica, trellis_error* error) {
    const auto status = check_owner(replica, error);
    if (status != TRELLIS_OK) return status;
    if (replica->inside == nullptr) {
        return answer(error, TRELLIS_CLOSED, "this replica is closed");
    }
    return TRELLIS_OK;
}

trellis_status check(const trellis_session* session, trellis_error* error) {
    if (session == nullptr || session->magic != session_magic) {
        return answer(error, TRELLIS_INVALID, "this is no session");
    }
    const auto status = check(session->replica, error);
    if (status != TRELLIS_OK) return status;
    if (session->talk == nullptr) return answer(error, TRELLIS_CLOSED, "this session has ended");
    return TRELLIS_OK;
}

trellis_status check_open(const trellis_replica* replica, trellis_error* error) {
    const auto status = check(replica, error);
    if (status != TRELLIS_OK) return status;
    if (!replica->inside->verbs->is_open()) {
        return answer(error, TRELLIS_SUSPENDED, "this replica is suspended: trellis_resume first");
    }
    return TRELLIS_OK;
}

void abandon(trellis_replica* replica) noexcept {
    Inside* const inside = replica->inside;
    replica->inside = nullptr;
    replica->is_inside = false;
    if (inside->session != nullptr) {
        delete inside->session->talk;
        inside->session->talk = nullptr;
    }
    delete inside;
}

void end_session(Inside& inside) {
    if (inside.session == nullptr) return;
    trellis_session* const session = inside.session;
    session->talk->hang_up();
    inside.session = nullptr;
    delete session->talk;
    session->talk = nullptr;
    inside.ended.push_back(session);
}

unsigned news_of(const Inside& inside) {
    unsigned news = 0;
    if (inside.verbs->is_open() && inside.verbs->has_news()) news |= news_events;
    if (inside.session != nullptr && inside.session->talk->has_frames()) news |= news_frames;
    if (inside.session != nullptr && !inside.session->talk->is_open()) news |= news_end;
    return news;
}

}  // namespace trellis::c
