// SPDX-License-Identifier: Apache-2.0
// The functions of trellis.h on a session.
#include "clients/c/enter.hpp"
#include "core/base/limits.hpp"

using namespace trellis;
using c::answer;
using c::Inside;
using c::RelayTalk;

namespace {

/// So many handles that have ended are told from a new one; then they serve again.
constexpr std::size_t ended_max = 64;

Result<Json> request_of(trellis_bytes json) {
    TRELLIS_TRY(const auto text, c::text_in(json, limits::json_bytes_max));
    return parse_json(text);
}

trellis_status missing(trellis_error* error) {
    return answer(error, TRELLIS_INVALID, "a place for the answer is null");
}

trellis_session* new_handle(Inside& inside) {
    if (inside.ended.size() <= ended_max) {
        return static_cast<trellis_session*>(c::keep_forever(sizeof(trellis_session)));
    }
    auto* handle = inside.ended.front();
    inside.ended.pop_front();
    return handle;
}

trellis_status start(trellis_replica* replica, Inside& inside, trellis_bytes request_json,
                     trellis_session** session, trellis_error* error) {
    if (inside.session != nullptr) {
        return answer(error, TRELLIS_BUSY,
                      "this replica has a session already: trellis_session_end it first");
    }
    const auto request = request_of(request_json);
    if (!request) return answer(error, request.error());
    auto talk = RelayTalk::start(*inside.verbs, inside.host.env(), inside.memory, *request);
    if (!talk) return answer(error, talk.error());
    auto* handle = new_handle(inside);
    if (handle == nullptr) return answer(error, TRELLIS_INTERNAL, "there is no memory left");
    *handle = {c::session_magic, replica, talk->release()};
    inside.session = handle;
    *session = handle;
    return TRELLIS_OK;
}

/// Runs one step of a session.
template <class Step>
trellis_status step(trellis_session* session, trellis_error* error, Step&& what) {
    const auto status = c::check(session, error);
    if (status != TRELLIS_OK) return status;
    return c::enter(session->replica, error, [&](Inside&) {
        what(*session->talk);
        return trellis_status{TRELLIS_OK};
    });
}

}  // namespace

extern "C" {

trellis_status trellis_session_url(trellis_replica* replica, trellis_bytes request_json,
                                   trellis_buffer* url, trellis_error* error) {
    if (url == nullptr) return missing(error);
    *url = {nullptr, 0};
    const auto status = c::check_open(replica, error);
    if (status != TRELLIS_OK) return status;
    return c::enter(replica, error, [&](Inside& inside) {
        const auto request = request_of(request_json);
        if (!request) return answer(error, request.error());
        const auto found = RelayTalk::url(*inside.verbs, *request);
        if (!found) return answer(error, found.error());
        return c::give(as_bytes(*found), url, error);
    });
}

trellis_status trellis_session_start(trellis_replica* replica, trellis_bytes request_json,
                                     trellis_session** session, trellis_error* error) {
    if (session == nullptr) return missing(error);
    *session = nullptr;
    const auto status = c::check_open(replica, error);
    if (status != TRELLIS_OK) return status;
    return c::enter(replica, error, [&](Inside& inside) {
        return start(replica, inside, request_json, session, error);
    });
}

trellis_status trellis_session_receive(trellis_session* session, trellis_bytes frame,
                                       trellis_error* error) {
    if (frame.data == nullptr && frame.size > 0) {
        return answer(error, TRELLIS_INVALID, "the frame is null, yet has a size");
    }
    return step(session, error,
                [&](RelayTalk& talk) { talk.receive({frame.data, frame.size}); });
}

trellis_status trellis_session_heard(trellis_session* session, trellis_error* error) {
    return step(session, error, [](RelayTalk& talk) { talk.heard(); });
}

trellis_status trellis_session_next_frame(trellis_session* session, trellis_buffer* frame,
                                          trellis_error* error) {
    if (frame == nullptr) return missing(error);
    *frame = {nullptr, 0};
    const auto status = c::check(session, error);
    if (status != TRELLIS_OK) return status;
    return c::enter(session->replica, error, [&](Inside&) {
        const auto next = session->talk->next_frame();
        return next ? c::give(*next, frame, error) : trellis_status{TRELLIS_OK};
    });
}

trellis_status trellis_session_tick(trellis_session* session, trellis_error* error) {
    return step(session, error, [](RelayTalk& talk) { talk.tick(); });
}

trellis_status trellis_session_wait_ms(const trellis_session* session, int64_t* wait_ms,
                                       trellis_error* error) {
    if (wait_ms == nullptr) return missing(error);
    *wait_ms = -1;
    const auto status = c::check(session, error);
    if (status != TRELLIS_OK) return status;
    // It asks the platform's clock, which may not call back either.
    return c::enter(session->replica, error, [&](Inside&) {
        *wait_ms = session->talk->wait_ms();
        return trellis_status{TRELLIS_OK};
    });
}

bool trellis_session_is_open(const trellis_session* session) {
    return c::check(session, nullptr) == TRELLIS_OK && session->talk->is_open();
}

trellis_status trellis_session_hang_up(trellis_session* session, trellis_error* error) {
    return step(session, error, [](RelayTalk& talk) { talk.hang_up(); });
}

trellis_status trellis_session_result(trellis_session* session, trellis_buffer* reply_json,
                                      trellis_error* error) {
    if (reply_json == nullptr) return missing(error);
    *reply_json = {nullptr, 0};
    const auto status = c::check(session, error);
    if (status != TRELLIS_OK) return status;
    return c::enter(session->replica, error, [&](Inside&) {
        return c::give_reply(session->talk->result(), reply_json, error);
    });
}

trellis_status trellis_session_redial_ms(const trellis_session* session, int64_t* redial_ms,
                                         trellis_error* error) {
    if (redial_ms == nullptr) return missing(error);
    *redial_ms = -1;
    const auto status = c::check(session, error);
    if (status != TRELLIS_OK) return status;
    *redial_ms = session->talk->redial_ms();
    return TRELLIS_OK;
}

trellis_status trellis_session_end(trellis_session* session) {
    if (session == nullptr) return TRELLIS_OK;
    const auto status = c::check(session, nullptr);
    if (status != TRELLIS_OK) return status;
    return c::enter(session->replica, nullptr, [](Inside& inside) {
        c::end_session(inside);
        return trellis_status{TRELLIS_OK};
    });
}

}  // extern "C"
