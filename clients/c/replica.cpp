// SPDX-License-Identifier: Apache-2.0
// The functions of trellis.h on a replica.
#include <cstdint>
#include <new>

#include "clients/c/enter.hpp"
#include "clients/c/settings.hpp"
#include "core/base/limits.hpp"

using namespace trellis;
using c::answer;
using c::Inside;

namespace {

/// Tells the files of this handle from those of all others in the process.
std::string unique_name(const void* handle) {
    return std::to_string(reinterpret_cast<std::uintptr_t>(handle));
}

Result<std::unique_ptr<Inside>> open_inside(const trellis_options& options, const void* handle) {
    TRELLIS_TRY(auto settings, c::settings_of(options));
    auto inside = std::make_unique<Inside>(std::move(settings), unique_name(handle));
    TRELLIS_TRY(auto replica, inside->host.open_replica());
    inside->verbs = std::make_unique<clients::Verbs>(inside->host, std::move(replica));
    return inside;
}

Result<Json> watch_request(trellis_bytes query) {
    TRELLIS_TRY(const auto text, c::text_in(query, limits::json_bytes_max));
    TRELLIS_TRY(auto request, parse_json(text));
    if (request.object() == nullptr) {
        return Error{Code::invalid, "a list or a query is a JSON object"};
    }
    request.set("op", "watch");
    return request;
}

trellis_status missing(trellis_error* error) {
    return answer(error, TRELLIS_INVALID, "a place for the answer is null");
}

}  // namespace

trellis_status c::give_reply(const Json& reply, trellis_buffer* buffer, trellis_error* error) {
    const auto given = give(as_bytes(print_json(reply)), buffer, error);
    if (given != TRELLIS_OK || reply["ok"] == Json(true)) return given;
    const auto* code = reply["code"].string();
    const auto* message = reply["message"].string();
    return answer(error, status_of(code_from_string(code == nullptr ? "" : *code)),
                  message == nullptr ? "" : *message);
}

extern "C" {

trellis_status trellis_open(const trellis_options* options, trellis_replica** replica,
                            trellis_error* error) {
    if (replica != nullptr) *replica = nullptr;
    if (replica == nullptr || options == nullptr) {
        return answer(error, TRELLIS_INVALID, "the options or the place for the handle are null");
    }
    try {
        auto* handle = static_cast<trellis_replica*>(c::keep_forever(sizeof(trellis_replica)));
        if (handle == nullptr) throw std::bad_alloc();
        auto inside = open_inside(*options, handle);
        // Nobody has seen this handle yet: it need not be kept.
        if (!inside) {
            c::forget(handle);
            return answer(error, inside.error());
        }
        *handle = {c::replica_magic, c::this_thread(), false, inside->release()};
        *replica = handle;
        return TRELLIS_OK;
    } catch (const std::exception&) {
        return answer(error, TRELLIS_INTERNAL, "there is no memory left");
    }
}

trellis_status trellis_close(trellis_replica* replica) {
    if (replica == nullptr) return TRELLIS_OK;
    const auto status = c::check(replica, nullptr);
    if (status != TRELLIS_OK) return status;
    replica->inside->wake = nullptr;
    const auto sealed = c::enter(replica, nullptr, [](Inside& inside) {
        c::end_session(inside);
        return answer(nullptr, inside.verbs->suspend());
    });
    delete replica->inside;
    replica->inside = nullptr;
    return sealed;
}

trellis_status trellis_move_here(trellis_replica* replica, trellis_error* error) {
    if (replica == nullptr || replica->magic != c::replica_magic) {
        return answer(error, TRELLIS_INVALID, "this is no replica");
    }
    if (replica->is_inside) {
        return answer(error, TRELLIS_REENTERED, "a call is under way: it cannot move now");
    }
    if (replica->inside == nullptr) return answer(error, TRELLIS_CLOSED, "this replica is closed");
    __atomic_store_n(&replica->owner, c::this_thread(), __ATOMIC_RELEASE);
    return TRELLIS_OK;
}

trellis_status trellis_keep_custody(trellis_replica* replica, const char* custody,
                                    trellis_error* error) {
    if (custody == nullptr) return answer(error, TRELLIS_INVALID, "the custody is null");
    const auto status = c::check_open(replica, error);
    if (status != TRELLIS_OK) return status;
    return c::enter(replica, error, [&](Inside& inside) {
        auto text = c::text_in(custody, limits::path_max);
        if (!text) return answer(error, text.error());
        return answer(error, inside.host.keep_custody(inside.verbs->replica(), std::move(*text)));
    });
}

trellis_status trellis_suspend(trellis_replica* replica, trellis_error* error) {
    const auto status = c::check(replica, error);
    if (status != TRELLIS_OK) return status;
    return c::enter(replica, error,
                    [&](Inside& inside) { return answer(error, inside.verbs->suspend()); });
}

trellis_status trellis_resume(trellis_replica* replica, trellis_error* error) {
    const auto status = c::check(replica, error);
    if (status != TRELLIS_OK) return status;
    return c::enter(replica, error,
                    [&](Inside& inside) { return answer(error, inside.verbs->resume()); });
}

trellis_status trellis_call(trellis_replica* replica, trellis_bytes request_json,
                            trellis_buffer* reply_json, trellis_error* error) {
    if (reply_json == nullptr) return missing(error);
    *reply_json = {nullptr, 0};
    const auto status = c::check_open(replica, error);
    if (status != TRELLIS_OK) return status;
    return c::enter(replica, error, [&](Inside& inside) {
        const auto request = c::text_in(request_json, limits::json_bytes_max);
        if (!request) return answer(error, request.error());
        return c::give_reply(inside.verbs->call_text(*request), reply_json, error);
    });
}

trellis_status trellis_watch(trellis_replica* replica, trellis_bytes query_json, uint64_t* watch,
                             trellis_error* error) {
    if (watch == nullptr) return missing(error);
    *watch = 0;
    const auto status = c::check_open(replica, error);
    if (status != TRELLIS_OK) return status;
    return c::enter(replica, error, [&](Inside& inside) {
        const auto request = watch_request(query_json);
        if (!request) return answer(error, request.error());
        const auto reply = inside.verbs->call(*request);
        const auto* number = reply["watch"].integer();
        if (number != nullptr) {
            *watch = static_cast<uint64_t>(*number);
            return trellis_status{TRELLIS_OK};
        }
        trellis_buffer unused{nullptr, 0};
        const auto refused = c::give_reply(reply, &unused, error);
        trellis_buffer_free(&unused);
        return refused;
    });
}

trellis_status trellis_rows(trellis_replica* replica, uint64_t watch, trellis_buffer* rows_json,
                            trellis_error* error) {
    if (rows_json == nullptr) return missing(error);
    *rows_json = {nullptr, 0};
    const auto status = c::check_open(replica, error);
    if (status != TRELLIS_OK) return status;
    return c::enter(replica, error, [&](Inside& inside) {
        const auto rows = inside.verbs->rows(watch);
        if (!rows) return answer(error, rows.error());
        return c::give(as_bytes(print_json(*rows)), rows_json, error);
    });
}

trellis_status trellis_unwatch(trellis_replica* replica, uint64_t watch, trellis_error* error) {
    const auto status = c::check_open(replica, error);
    if (status != TRELLIS_OK) return status;
    return c::enter(replica, error, [&](Inside& inside) {
        return answer(error, inside.verbs->unwatch(watch));
    });
}

trellis_status trellis_next_event(trellis_replica* replica, trellis_buffer* event_json,
                                  trellis_error* error) {
    if (event_json == nullptr) return missing(error);
    *event_json = {nullptr, 0};
    const auto status = c::check_open(replica, error);
    if (status != TRELLIS_OK) return status;
    return c::enter(replica, error, [&](Inside& inside) {
        const auto event = inside.verbs->next_event();
        if (!event) return trellis_status{TRELLIS_OK};
        return c::give(as_bytes(print_json(*event)), event_json, error);
    });
}

trellis_status trellis_on_wake(trellis_replica* replica, trellis_wake_fn wake, void* context,
                               trellis_error* error) {
    const auto status = c::check(replica, error);
    if (status != TRELLIS_OK) return status;
    replica->inside->wake = wake;
    replica->inside->wake_context = context;
    return TRELLIS_OK;
}

}  // extern "C"
