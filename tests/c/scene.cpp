// SPDX-License-Identifier: Apache-2.0
#include "tests/c/scene.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/support/people.hpp"

namespace trellis::test {

void expect(bool condition, const char* what, const std::string& detail) {
    if (condition) return;
    std::fprintf(stderr, "failed: %s %s\n", what, detail.c_str());
    std::exit(1);
}

std::string take(trellis_buffer& buffer) {
    std::string text(reinterpret_cast<const char*>(buffer.data), buffer.size);
    trellis_buffer_free(&buffer);
    return text;
}

std::string quoted(const Json& text) { return print_json(text); }

trellis_host host_table(FakeEnv& env) {
    trellis_host host{};
    host.struct_size = sizeof host;
    host.context = &env;
    host.wall_ms = [](void* at) { return std::int64_t{static_cast<FakeEnv*>(at)->wall_time()}; };
    host.monotonic_ms = [](void* at) { return static_cast<FakeEnv*>(at)->monotonic_time(); };
    host.boot_id = [](void* at) { return static_cast<FakeEnv*>(at)->boot_id(); };
    host.random = [](void* at, std::uint8_t* data, std::size_t size) {
        static_cast<FakeEnv*>(at)->random({data, size});
    };
    host.log = [](void* at, const char* event, const char* detail) {
        static_cast<FakeEnv*>(at)->log(event, detail);
    };
    return host;
}

trellis_storage TableFiles::table() {
    trellis_storage table{};
    table.struct_size = sizeof table;
    table.context = this;
    table.open = [](void* at, const char* path, std::uint32_t flags) -> std::int64_t {
        auto& self = *static_cast<TableFiles*>(at);
        if (self.files.count(path) == 0 && (flags & TRELLIS_CREATE) == 0) {
            return -TRELLIS_NOT_FOUND;
        }
        self.files[path];
        self.open[self.next_] = path;
        return self.next_++;
    };
    table.close = [](void* at, std::int64_t file) -> trellis_status {
        return static_cast<TableFiles*>(at)->open.erase(file) == 1 ? TRELLIS_OK : TRELLIS_INVALID;
    };
    table.read = [](void* at, std::int64_t file, std::uint8_t* data, std::size_t size,
                    std::int64_t offset) -> std::int64_t {
        auto& self = *static_cast<TableFiles*>(at);
        const auto& bytes = self.files[self.open.at(file)];
        const auto start = std::min(static_cast<std::size_t>(offset), bytes.size());
        const auto count = std::min(size, bytes.size() - start);
        if (count > 0) std::memcpy(data, bytes.data() + start, count);
        return static_cast<std::int64_t>(count);
    };
    table.write = [](void* at, std::int64_t file, const std::uint8_t* data, std::size_t size,
                     std::int64_t offset) -> trellis_status {
        auto& self = *static_cast<TableFiles*>(at);
        if (self.fails != TRELLIS_OK) return self.fails;
        auto& bytes = self.files[self.open.at(file)];
        const auto end = static_cast<std::size_t>(offset) + size;
        if (end > bytes.size()) bytes.resize(end);
        if (size > 0) std::memcpy(bytes.data() + offset, data, size);
        return TRELLIS_OK;
    };
    table.truncate = [](void* at, std::int64_t file, std::int64_t size) -> trellis_status {
        auto& self = *static_cast<TableFiles*>(at);
        self.files[self.open.at(file)].resize(static_cast<std::size_t>(size));
        return TRELLIS_OK;
    };
    table.sync = [](void* at, std::int64_t) -> trellis_status {
        ++static_cast<TableFiles*>(at)->syncs;
        return TRELLIS_OK;
    };
    table.size = [](void* at, std::int64_t file) -> std::int64_t {
        auto& self = *static_cast<TableFiles*>(at);
        return static_cast<std::int64_t>(self.files[self.open.at(file)].size());
    };
    table.remove = [](void* at, const char* path) -> trellis_status {
        return static_cast<TableFiles*>(at)->files.erase(path) == 1 ? TRELLIS_OK
                                                                    : TRELLIS_NOT_FOUND;
    };
    table.exists = [](void* at, const char* path) -> std::int64_t {
        return static_cast<TableFiles*>(at)->files.count(path) == 1 ? 1 : 0;
    };
    return table;
}

// A device ---------------------------------------------------------------------------------

Device::Device(FakeEnv& env, const char* path, const trellis_storage* storage)
    : env_(env), path_(path), storage_(storage) {
    open();
}

void Device::open() {
    const trellis_host host = host_table(env_);
    const Bytes key(32, 5);
    trellis_options options{};
    options.struct_size = sizeof options;
    options.path = path_;
    options.key = {key.data(), key.size()};
    options.host = &host;
    options.storage = storage_;
    trellis_error error{};
    expect(trellis_open(&options, &handle, &error) == TRELLIS_OK, "open", error.message);
}

void Device::close() {
    trellis_close(handle);
    handle = nullptr;
}

Json Device::call(const std::string& request) {
    trellis_buffer reply{};
    trellis_error error{};
    const auto status = trellis_call(handle, bytes_of(request), &reply, &error);
    expect(status == TRELLIS_OK, request.c_str(), error.message);
    return *parse_json(take(reply));
}

trellis_status Device::try_call(const std::string& request) {
    trellis_buffer reply{};
    const auto status = trellis_call(handle, bytes_of(request), &reply, nullptr);
    trellis_buffer_free(&reply);
    return status;
}

std::uint64_t Device::watch(const std::string& query) {
    std::uint64_t number = 0;
    trellis_error error{};
    expect(trellis_watch(handle, bytes_of(query), &number, &error) == TRELLIS_OK, "watch",
           error.message);
    return number;
}

Json Device::rows(std::uint64_t watch) {
    trellis_buffer rows{};
    trellis_error error{};
    expect(trellis_rows(handle, watch, &rows, &error) == TRELLIS_OK, "rows", error.message);
    return *parse_json(take(rows));
}

Json Device::next_event() {
    trellis_buffer event{};
    trellis_error error{};
    expect(trellis_next_event(handle, &event, &error) == TRELLIS_OK, "event", error.message);
    if (event.size == 0) return {};
    return *parse_json(take(event));
}

// The server -------------------------------------------------------------------------------

namespace {

sync::RelayOptions open_to_all() {
    sync::RelayOptions options;
    options.new_orgs = true;
    return options;
}

}  // namespace

Server::Server(FakeEnv& env)
    : env_(env), key_(relay_key()), relay_(key_, open_to_all(), env), host_(relay_, store_) {}

void Server::pump(trellis_session* session, sync::SessionId id) {
    for (bool moved = true; moved;) {
        moved = false;
        for (;;) {
            trellis_buffer frame{};
            expect(trellis_session_next_frame(session, &frame, nullptr) == TRELLIS_OK, "frame");
            if (frame.size == 0) break;
            relay_.receive(id, {frame.data, frame.size}, env_.wall_time());
            trellis_buffer_free(&frame);
            moved = true;
        }
        host_.settle();
        for (const auto& frame : host_.take_frames(id)) {
            trellis_error error{};
            expect(trellis_session_receive(session, {frame.data(), frame.size()}, &error) ==
                       TRELLIS_OK,
                   "receive", error.message);
            moved = true;
        }
    }
}

Json Server::run(Device& device, const std::string& request) {
    for (;;) {
        trellis_error error{};
        trellis_session* session = nullptr;
        expect(trellis_session_start(device.handle, bytes_of(request), &session, &error) ==
                   TRELLIS_OK,
               request.c_str(), error.message);
        const auto id = connect();
        pump(session, id);
        // Where nothing moves any more, time does.
        for (int ticks = 0; trellis_session_is_open(session) && ticks < 20; ++ticks) {
            std::int64_t wait = 0;
            trellis_session_wait_ms(session, &wait, nullptr);
            env_.advance(std::max<std::int64_t>(wait, 1));
            trellis_session_tick(session, nullptr);
            pump(session, id);
        }
        disconnect(id);
        trellis_session_hang_up(session, nullptr);
        std::int64_t redial = -1;
        trellis_session_redial_ms(session, &redial, nullptr);
        trellis_buffer reply{};
        const auto status = trellis_session_result(session, &reply, &error);
        const auto answer = parse_json(take(reply));
        trellis_session_end(session);
        if (redial == 0) continue;
        expect(status == TRELLIS_OK, request.c_str(), error.message);
        return *answer;
    }
}

}  // namespace trellis::test
