// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "clients/c/trellis.h"
#include "core/base/json.hpp"
#include "tests/support/fake_env.hpp"
#include "tests/support/memory_relay_host.hpp"

/// What the tests of the C interface share. They are plain programs, so that they run wherever
/// the library does.
namespace trellis::test {

/// Ends the program with the sentence where the condition does not hold.
void expect(bool condition, const char* what, const std::string& detail = {});

inline trellis_bytes bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
/// The bytes of a buffer, which is freed.
std::string take(trellis_buffer& buffer);

/// A told clock and seeded randomness, as a platform's table.
trellis_host host_table(FakeEnv& env);

/// Files in memory behind a platform's table of functions, with a switch that fails them.
class TableFiles {
public:
    trellis_storage table();

    std::map<std::string, Bytes> files;
    std::map<std::int64_t, std::string> open;  ///< not closed yet
    trellis_status fails = TRELLIS_OK;         ///< what writing answers
    std::size_t syncs = 0;

private:
    std::int64_t next_ = 0;
};

/// A replica behind its handle.
class Device {
public:
    explicit Device(FakeEnv& env, const char* path = nullptr,
                    const trellis_storage* storage = nullptr);
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    ~Device() { close(); }

    void open();
    void close();
    /// One request; fails the test where it is refused.
    Json call(const std::string& request);
    /// The status of a request, whatever it is.
    trellis_status try_call(const std::string& request);
    Json rows(std::uint64_t watch);
    std::uint64_t watch(const std::string& query);
    /// Null where there is none.
    Json next_event();

    trellis_replica* handle = nullptr;

private:
    FakeEnv& env_;
    const char* path_;
    const trellis_storage* storage_;
};

/// A relay in this process, to which sessions are carried frame by frame.
class Server {
public:
    explicit Server(FakeEnv& env);

    /// Carries everything there is to carry, both ways.
    void pump(trellis_session* session, sync::SessionId id);
    /// Carries a session to its end and gives what it answers; dials again where it asks to.
    Json run(Device& device, const std::string& request);
    sync::SessionId connect() { return relay_.connected(env_.wall_time()); }
    void deliver(sync::SessionId id, ByteView frame) {
        relay_.receive(id, frame, env_.wall_time());
    }
    std::deque<Bytes> frames(sync::SessionId id) {
        host_.settle();
        return host_.take_frames(id);
    }
    void disconnect(sync::SessionId id) { relay_.disconnected(id); }

private:
    FakeEnv& env_;
    MemoryRelayStore store_;
    crypto::SignSecret key_;
    sync::Relay relay_;
    MemoryRelayHost host_;
};

/// `"text"`, as it stands in JSON.
std::string quoted(const Json& text);

}  // namespace trellis::test
