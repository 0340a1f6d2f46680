// SPDX-License-Identifier: Apache-2.0
// Every function of trellis.h, called as it must not be: an error status each time, never a
// crash, and the replica goes on working.
#include <cstdio>
#include <functional>
#include <utility>
#include <vector>

#ifndef __wasi__
#include <pthread.h>
#endif

#include "tests/c/scene.hpp"

using namespace trellis;
using namespace trellis::test;

namespace {

constexpr const char* hello = R"({"op":"hello"})";
constexpr const char* found =
    R"({"op":"org_create","name":"District","url":"ws://127.0.0.1:1/sync"})";
constexpr const char* stay = R"({"op":"sync_start"})";

/// A call of every function on a replica, well formed but for the handle.
struct ReplicaCall {
    const char* name;
    std::function<trellis_status(trellis_replica*, trellis_error*)> run;
    bool works_asleep = false;
};

trellis_status freed(trellis_status status, trellis_buffer& buffer) {
    trellis_buffer_free(&buffer);
    return status;
}

std::vector<ReplicaCall> replica_calls() {
    return {
        {"call",
         [](trellis_replica* replica, trellis_error* error) {
             trellis_buffer reply{};
             return freed(trellis_call(replica, bytes_of(hello), &reply, error), reply);
         }},
        {"watch",
         [](trellis_replica* replica, trellis_error* error) {
             std::uint64_t watch = 0;
             return trellis_watch(replica, bytes_of(R"({"type":"check_in"})"), &watch, error);
         }},
        {"rows",
         [](trellis_replica* replica, trellis_error* error) {
             trellis_buffer rows{};
             return freed(trellis_rows(replica, 1, &rows, error), rows);
         }},
        {"unwatch",
         [](trellis_replica* replica, trellis_error* error) {
             return trellis_unwatch(replica, 1, error);
         }},
        {"next_event",
         [](trellis_replica* replica, trellis_error* error) {
             trellis_buffer event{};
             return freed(trellis_next_event(replica, &event, error), event);
         }},
        {"on_wake",
         [](trellis_replica* replica, trellis_error* error) {
             return trellis_on_wake(replica, nullptr, nullptr, error);
         },
         true},
        {"session_url",
         [](trellis_replica* replica, trellis_error* error) {
             trellis_buffer url{};
             return freed(trellis_session_url(replica, bytes_of(stay), &url, error), url);
         }},
        {"session_start",
         [](trellis_replica* replica, trellis_error* error) {
             trellis_session* session = nullptr;
             const auto status = trellis_session_start(replica, bytes_of(stay), &session, error);
             trellis_session_end(session);
             return status;
         }},
        {"keep_custody",
         [](trellis_replica* replica, trellis_error* error) {
             return trellis_keep_custody(replica, "here", error);
         }},
        {"suspend", trellis_suspend, true},
        {"resume", trellis_resume, true},
    };
}

/// The same for a session; whatever works, works twice.
using SessionCall = std::pair<const char*, std::function<trellis_status(trellis_session*)>>;

std::vector<SessionCall> session_calls() {
    return {
        {"receive",
         [](trellis_session* session) {
             return trellis_session_receive(session, bytes_of("noise"), nullptr);
         }},
        {"heard", [](trellis_session* session) { return trellis_session_heard(session, nullptr); }},
        {"next_frame",
         [](trellis_session* session) {
             trellis_buffer frame{};
             return freed(trellis_session_next_frame(session, &frame, nullptr), frame);
         }},
        {"tick", [](trellis_session* session) { return trellis_session_tick(session, nullptr); }},
        {"wait_ms",
         [](trellis_session* session) {
             std::int64_t wait = 0;
             return trellis_session_wait_ms(session, &wait, nullptr);
         }},
        {"hang_up",
         [](trellis_session* session) { return trellis_session_hang_up(session, nullptr); }},
        {"redial_ms",
         [](trellis_session* session) {
             std::int64_t redial = 0;
             return trellis_session_redial_ms(session, &redial, nullptr);
         }},
        {"result",
         [](trellis_session* session) {
             trellis_buffer reply{};
             return freed(trellis_session_result(session, &reply, nullptr), reply);
         }},
    };
}

void is_well(Device& device) {
    expect(device.call(hello)["ok"] == Json(true), "the replica goes on working");
}

trellis_session* start(Device& device) {
    trellis_session* session = nullptr;
    trellis_error error{};
    expect(trellis_session_start(device.handle, bytes_of(stay), &session, &error) == TRELLIS_OK,
           "start", error.message);
    return session;
}

// The matrix -------------------------------------------------------------------------------

void nulls_are_answered() {
    for (const auto& call : replica_calls()) {
        trellis_error error{};
        expect(call.run(nullptr, &error) == TRELLIS_INVALID, call.name, "on null");
        expect(error.status == TRELLIS_INVALID && error.message[0] != '\0', call.name, "says why");
        expect(call.run(nullptr, nullptr) == TRELLIS_INVALID, call.name, "without an error");
    }
    for (const auto& [name, run] : session_calls()) {
        expect(run(nullptr) == TRELLIS_INVALID, name, "on null");
    }
    expect(trellis_move_here(nullptr, nullptr) == TRELLIS_INVALID, "move_here on null");
    expect(trellis_close(nullptr) == TRELLIS_OK, "closing nothing is fine");
    expect(trellis_session_end(nullptr) == TRELLIS_OK, "ending nothing is fine");
    expect(!trellis_session_is_open(nullptr), "nothing is not open");
    trellis_buffer_free(nullptr);
}

void missing_places_are_answered() {
    FakeEnv env;
    Device device(env);
    device.call(found);
    auto* session = start(device);
    trellis_replica* const replica = device.handle;
    expect(trellis_call(replica, bytes_of(hello), nullptr, nullptr) == TRELLIS_INVALID, "call");
    expect(trellis_watch(replica, bytes_of("{}"), nullptr, nullptr) == TRELLIS_INVALID, "watch");
    expect(trellis_rows(replica, 1, nullptr, nullptr) == TRELLIS_INVALID, "rows");
    expect(trellis_next_event(replica, nullptr, nullptr) == TRELLIS_INVALID, "event");
    expect(trellis_keep_custody(replica, nullptr, nullptr) == TRELLIS_INVALID, "custody");
    expect(trellis_keep_custody(replica, std::string(481, 'c').c_str(), nullptr) ==
               TRELLIS_TOO_LARGE,
           "a long custody");
    expect(trellis_session_url(replica, bytes_of(stay), nullptr, nullptr) == TRELLIS_INVALID, "url");
    expect(trellis_session_start(replica, bytes_of(stay), nullptr, nullptr) == TRELLIS_INVALID,
           "start");
    expect(trellis_session_next_frame(session, nullptr, nullptr) == TRELLIS_INVALID, "frame");
    expect(trellis_session_wait_ms(session, nullptr, nullptr) == TRELLIS_INVALID, "wait");
    expect(trellis_session_redial_ms(session, nullptr, nullptr) == TRELLIS_INVALID, "redial");
    expect(trellis_session_result(session, nullptr, nullptr) == TRELLIS_INVALID, "result");
    expect(trellis_session_receive(session, {nullptr, 3}, nullptr) == TRELLIS_INVALID, "receive");
    expect(trellis_open(nullptr, &device.handle, nullptr) == TRELLIS_INVALID, "open");
    device.handle = replica;
    trellis_options options{};
    expect(trellis_open(&options, nullptr, nullptr) == TRELLIS_INVALID, "open into nothing");
    trellis_session_end(session);
    is_well(device);
}

void ended_handles_are_answered() {
    FakeEnv env;
    Device device(env);
    device.call(found);
    auto* ended = start(device);
    expect(trellis_session_end(ended) == TRELLIS_OK, "end");
    auto* newer = start(device);
    expect(newer != ended, "a new session is told from one that has ended");
    for (const auto& [name, run] : session_calls()) {
        expect(run(ended) == TRELLIS_CLOSED, name, "after the end");
    }
    expect(trellis_session_end(ended) == TRELLIS_CLOSED, "ending twice");
    expect(!trellis_session_is_open(ended), "an ended one is not open");
    expect(trellis_session_is_open(newer), "the newer one is");
    auto* const replica = device.handle;
    expect(trellis_close(replica) == TRELLIS_OK, "close");
    for (const auto& call : replica_calls()) {
        expect(call.run(replica, nullptr) == TRELLIS_CLOSED, call.name, "after the end");
    }
    for (const auto& [name, run] : session_calls()) {
        expect(run(newer) == TRELLIS_CLOSED, name, "after the end of its replica");
    }
    expect(trellis_close(replica) == TRELLIS_CLOSED, "closing twice");
    expect(trellis_session_end(newer) == TRELLIS_CLOSED, "ending after the replica");
    expect(trellis_move_here(replica, nullptr) == TRELLIS_CLOSED, "moving what has ended");
    device.handle = nullptr;
}

void sleep_is_answered() {
    FakeEnv env;
    Device device(env);
    device.call(found);
    for (const auto& call : replica_calls()) {
        expect(trellis_suspend(device.handle, nullptr) == TRELLIS_OK, "suspend");
        const auto status = call.run(device.handle, nullptr);
        expect(status == (call.works_asleep ? TRELLIS_OK : TRELLIS_SUSPENDED), call.name, "asleep");
        expect(trellis_resume(device.handle, nullptr) == TRELLIS_OK, "resume");
    }
    is_well(device);
}

void wrong_handles_are_answered() {
    std::uint64_t other[8] = {1, 2, 3};
    auto* const replica = reinterpret_cast<trellis_replica*>(other);
    for (const auto& call : replica_calls()) {
        expect(call.run(replica, nullptr) == TRELLIS_INVALID, call.name, "on something else");
    }
    FakeEnv env;
    Device device(env);
    auto* const session = reinterpret_cast<trellis_session*>(device.handle);
    for (const auto& [name, run] : session_calls()) {
        expect(run(session) == TRELLIS_INVALID, name, "on a replica");
    }
    is_well(device);
}

void callbacks_that_call_back_are_answered() {
    FakeEnv env;
    Device device(env);
    device.call(found);
    auto* session = start(device);
    static struct {
        trellis_replica* replica;
        trellis_session* session;
        int wakes;
    } seen;
    seen = {device.handle, session, 0};
    const auto wake = [](void*) {
        ++seen.wakes;
        for (const auto& call : replica_calls()) {
            expect(call.run(seen.replica, nullptr) == TRELLIS_REENTERED, call.name, "inside");
        }
        for (const auto& [name, run] : session_calls()) {
            expect(run(seen.session) == TRELLIS_REENTERED, name, "inside");
        }
        expect(trellis_close(seen.replica) == TRELLIS_REENTERED, "close inside");
        expect(trellis_move_here(seen.replica, nullptr) == TRELLIS_REENTERED, "move inside");
    };
    expect(trellis_on_wake(device.handle, wake, nullptr, nullptr) == TRELLIS_OK, "on_wake");
    trellis_session_hang_up(session, nullptr);
    expect(seen.wakes == 1, "the end of a session wakes");
    trellis_session_end(session);
    is_well(device);
}

#ifndef __wasi__
void foreign_threads_are_answered() {
    FakeEnv env;
    Device device(env);
    device.call(found);
    auto* session = start(device);
    struct Both {
        trellis_replica* replica;
        trellis_session* session;
    } both{device.handle, session};
    const auto elsewhere = [&](void* (*run)(void*)) {
        pthread_t thread{};
        expect(pthread_create(&thread, nullptr, run, &both) == 0, "thread");
        pthread_join(thread, nullptr);
    };
    elsewhere([](void* at) -> void* {
        const auto& seen = *static_cast<Both*>(at);
        for (const auto& call : replica_calls()) {
            expect(call.run(seen.replica, nullptr) == TRELLIS_WRONG_THREAD, call.name, "foreign");
        }
        for (const auto& [name, run] : session_calls()) {
            expect(run(seen.session) == TRELLIS_WRONG_THREAD, name, "foreign");
        }
        expect(trellis_close(seen.replica) == TRELLIS_WRONG_THREAD, "close");
        expect(trellis_session_end(seen.session) == TRELLIS_WRONG_THREAD, "end");
        expect(!trellis_session_is_open(seen.session), "is_open");
        return nullptr;
    });
    is_well(device);
    elsewhere([](void* at) -> void* {
        auto* const replica = static_cast<Both*>(at)->replica;
        expect(trellis_move_here(replica, nullptr) == TRELLIS_OK, "taken over");
        expect(replica_calls()[0].run(replica, nullptr) == TRELLIS_OK, "and works there");
        return nullptr;
    });
    // A thread may be given the place of one that has gone, so this is only said of this one.
    expect(device.try_call(hello) == TRELLIS_WRONG_THREAD, "no more here");
    expect(trellis_move_here(device.handle, nullptr) == TRELLIS_OK, "and back");
    is_well(device);
    trellis_session_end(session);
}
#endif

void replicas_do_not_meet() {
    FakeEnv env;
    std::vector<std::unique_ptr<Device>> devices;
    for (int i = 0; i < 8; ++i) devices.push_back(std::make_unique<Device>(env));
    devices[3]->call(found);
    for (int i = 0; i < 8; ++i) {
        expect(devices[static_cast<std::size_t>(i)]->call(hello).has("org") == (i == 3), "apart");
    }
    devices.erase(devices.begin(), devices.begin() + 4);
    for (const auto& device : devices) is_well(*device);
}

void handles_serve_again_but_not_at_once() {
    FakeEnv env;
    Device device(env);
    device.call(found);
    std::vector<trellis_session*> seen;
    for (int i = 0; i < 200; ++i) {
        auto* session = start(device);
        seen.push_back(session);
        trellis_session_end(session);
        for (std::size_t j = seen.size() < 65 ? 0 : seen.size() - 65; j < seen.size(); ++j) {
            expect(!trellis_session_is_open(seen[j]), "ended");
        }
    }
    is_well(device);
}

}  // namespace

int main() {
    nulls_are_answered();
    missing_places_are_answered();
    ended_handles_are_answered();
    sleep_is_answered();
    wrong_handles_are_answered();
    callbacks_that_call_back_are_answered();
#ifndef __wasi__
    foreign_threads_are_answered();
#endif
    replicas_do_not_meet();
    handles_serve_again_but_not_at_once();
    std::puts("all is well");
    return 0;
}
