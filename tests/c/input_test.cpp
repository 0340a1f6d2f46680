// SPDX-License-Identifier: Apache-2.0
// Input that makes no sense, through trellis.h: an error status each time, never a crash, and the
// replica goes on working.
#include <cstdio>
#include <cstring>
#include <functional>

#include "core/base/limits.hpp"
#include "tests/c/scene.hpp"

using namespace trellis;
using namespace trellis::test;

namespace {

constexpr const char* hello = R"({"op":"hello"})";
constexpr const char* found =
    R"({"op":"org_create","name":"District","url":"ws://127.0.0.1:1/sync"})";
constexpr const char* stay = R"({"op":"sync_start"})";

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

void requests_that_make_no_sense_are_answered() {
    FakeEnv env;
    Device device(env);
    const std::string big(limits::json_bytes_max + 1, ' ');
    const std::string fits = hello + std::string(limits::json_bytes_max - std::strlen(hello), ' ');
    expect(device.try_call(fits) == TRELLIS_OK, "the longest request");
    expect(device.try_call(big) == TRELLIS_TOO_LARGE, "one byte more");
    expect(device.try_call("\"\xFF\"") == TRELLIS_INVALID, "no UTF-8");
    for (const auto* text : {"", "{", "[]", "null", "{}", R"({"op":7})", R"({"op":"no such"})"}) {
        expect(device.try_call(text) == TRELLIS_INVALID, "request", text);
    }
    trellis_buffer buffer{};
    expect(trellis_call(device.handle, {nullptr, 5}, &buffer, nullptr) == TRELLIS_INVALID, "null");
    for (const auto* op : {"sync", "sync_start"}) {
        const std::string request = R"({"op":")" + std::string(op) + "\"}";
        expect(device.try_call(request) == TRELLIS_INVALID, "no organisation yet");
    }
    device.call(found);
    for (const auto* op : {"sync", "sync_start"}) {
        const std::string request = R"({"op":")" + std::string(op) + "\"}";
        expect(device.try_call(request) == TRELLIS_UNSUPPORTED, "sessions are for that", op);
    }
    for (const auto* text : {"", "{", "[]", R"({"op":"put"})", R"({"op":"join"})",
                             R"({"op":"join","invite":"x","name":"y"})", R"({"op":"recover"})"}) {
        trellis_session* session = nullptr;
        const auto status =
            trellis_session_start(device.handle, bytes_of(text), &session, nullptr);
        expect(status == TRELLIS_INVALID && session == nullptr, "session", text);
        expect(trellis_session_url(device.handle, bytes_of(text), &buffer, nullptr) ==
                   TRELLIS_INVALID,
               "url", text);
    }
    std::uint64_t watch = 7;
    for (const auto* text : {"", "[]", "{}", R"({"type":"no such"})", R"({"sql":"DROP TABLE x"})"}) {
        const auto status = trellis_watch(device.handle, bytes_of(text), &watch, nullptr);
        expect(status != TRELLIS_OK && watch == 0, "watch", text);
    }
    expect(trellis_rows(device.handle, 99, &buffer, nullptr) == TRELLIS_NOT_FOUND, "rows of none");
    expect(trellis_unwatch(device.handle, 99, nullptr) == TRELLIS_NOT_FOUND, "unwatch none");
    is_well(device);
}

void frames_that_make_no_sense_end_the_session() {
    FakeEnv env;
    Device device(env);
    device.call(found);
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{limits::frame_max},
                                   limits::frame_max + 1, std::size_t{1} << 22U}) {
        auto* session = start(device);
        const Bytes frame(size, 0xA5);
        expect(trellis_session_receive(session, {frame.data(), frame.size()}, nullptr) ==
                   TRELLIS_OK,
               "a relay's mistake is no failure of the call");
        expect(!trellis_session_is_open(session), "the session is over");
        trellis_buffer reply{};
        trellis_error error{};
        expect(trellis_session_result(session, &reply, &error) != TRELLIS_OK, "and says so");
        expect(error.message[0] != '\0', "in a sentence");
        trellis_buffer_free(&reply);
        expect(trellis_session_receive(session, {frame.data(), frame.size()}, nullptr) ==
                   TRELLIS_OK,
               "what comes later is ignored");
        trellis_session_end(session);
    }
    is_well(device);
}

void options_that_make_no_sense_are_answered() {
    const auto refused = [](trellis_status status, const std::function<void(trellis_options&)>& edit,
                            const char* what) {
        trellis_options options{};
        options.struct_size = sizeof options;
        edit(options);
        trellis_error error{};
        trellis_replica* replica = nullptr;
        expect(trellis_open(&options, &replica, &error) == status, what, error.message);
        expect(replica == nullptr && error.status == status, what);
    };
    const std::string path(limits::path_max, 'p');
    const std::string long_path = path + 'p';
    static std::uint8_t key[33] = {};
    trellis_host host{};
    trellis_storage storage{};
    refused(TRELLIS_INVALID, [](auto& options) { options.struct_size = 0; }, "no size");
    refused(TRELLIS_INVALID, [](auto& options) { options.struct_size = SIZE_MAX; }, "huge size");
    refused(TRELLIS_INVALID, [](auto& options) { options.key = {key, 31}; }, "31 bytes");
    refused(TRELLIS_INVALID, [](auto& options) { options.key = {key, 33}; }, "33 bytes");
    refused(TRELLIS_INVALID, [](auto& options) { options.key = {nullptr, 32}; }, "a null key");
    refused(TRELLIS_INVALID, [](auto& options) { options.path = "x.db"; }, "a file without a key");
    refused(TRELLIS_INVALID, [&](auto& options) { options.path = path.c_str(); }, "no key still");
    refused(TRELLIS_TOO_LARGE, [&](auto& options) { options.path = long_path.c_str(); }, "long");
    refused(TRELLIS_TOO_LARGE, [&](auto& options) { options.custody = long_path.c_str(); }, "far");
    refused(TRELLIS_INVALID, [](auto& options) { options.path = "\xC0"; }, "no UTF-8");
    refused(TRELLIS_INVALID, [](auto& options) { options.schema_json = bytes_of("{"); }, "schema");
    refused(TRELLIS_INVALID, [](auto& options) { options.schema_json = {nullptr, 9}; }, "null");
    refused(TRELLIS_TOO_LARGE,
            [](auto& options) { options.cache_kib = limits::cache_kib_max + 1; }, "cache");
    refused(TRELLIS_INVALID, [&](auto& options) { options.host = &host; }, "a host without size");
    refused(TRELLIS_INVALID, [&](auto& options) { options.storage = &storage; }, "a storage too");
    storage.struct_size = sizeof storage;
    refused(TRELLIS_INVALID, [&](auto& options) { options.storage = &storage; }, "no functions");
}

void limits_are_taken() {
    const std::string custody(limits::path_max, 'c');
    trellis_options options{};
    options.struct_size = sizeof options;
    options.custody = custody.c_str();
    options.cache_kib = limits::cache_kib_max;
    trellis_error error{};
    trellis_replica* replica = nullptr;
    expect(trellis_open(&options, &replica, &error) == TRELLIS_OK, "at the limits", error.message);
    trellis_close(replica);
}

void a_newer_struct_is_taken_where_it_says_no_more() {
    struct {
        trellis_options options;
        std::uint64_t later;
    } newer{};
    newer.options.struct_size = sizeof newer;
    trellis_replica* replica = nullptr;
    expect(trellis_open(&newer.options, &replica, nullptr) == TRELLIS_OK, "nothing new is said");
    trellis_close(replica);
    newer.later = 1;
    expect(trellis_open(&newer.options, &replica, nullptr) == TRELLIS_UNSUPPORTED, "something is");
}

void messages_end_at_a_whole_character() {
    FakeEnv env;
    Device device(env);
    std::string name;
    for (int i = 0; i < 200; ++i) name += "é";
    trellis_buffer reply{};
    trellis_error error{};
    const std::string request = R"({"op":")" + name + "\"}";
    trellis_call(device.handle, bytes_of(request), &reply, &error);
    trellis_buffer_free(&reply);
    const std::size_t size = std::strlen(error.message);
    expect(size >= sizeof error.message - 3 && size < sizeof error.message, "cut where it must be");
    expect(is_utf8({error.message, size}), "not inside a character");
}

}  // namespace

int main() {
    requests_that_make_no_sense_are_answered();
    frames_that_make_no_sense_end_the_session();
    options_that_make_no_sense_are_answered();
    limits_are_taken();
    a_newer_struct_is_taken_where_it_says_no_more();
    messages_end_at_a_whole_character();
    std::puts("all is well");
    return 0;
}
