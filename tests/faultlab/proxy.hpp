// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace trellis::faultlab {

/// What a bad network does to the bytes of one direction of one connection.
struct Fault {
    std::optional<std::size_t> cut_after;      ///< that many bytes pass, then both ends are reset
    std::optional<std::size_t> swallow_after;  ///< then nothing passes, and nobody is told
    std::optional<std::size_t> flip_at;        ///< one bit of this byte is turned over
    std::size_t bytes_per_turn = 0;            ///< 0: as fast as it goes; a turn is 5 ms
    std::chrono::milliseconds delay{0};
};

/// A network of its own between devices and their server, on a thread of its own.
class Proxy {
public:
    explicit Proxy(std::uint16_t server);
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;
    ~Proxy();

    std::string url() const { return "ws://127.0.0.1:" + std::to_string(port_) + "/sync"; }

    /// For connections that begin from now on.
    void harm(const Fault& up, const Fault& down);
    /// From now on all is well; what was harmed is reset.
    void heal();
    /// How many bytes were cut off, swallowed or changed: cuts and flips count as one each.
    std::size_t struck() const { return struck_; }

private:
    struct Way;
    struct Pair;
    void run();
    void take_in();
    void read(Way& way);
    void write(Way& way);
    bool turn(Pair& pair);

    std::uint16_t server_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    std::mutex guard_;
    Fault up_;
    Fault down_;
    bool is_healing_ = false;
    std::list<Pair> pairs_;
    std::atomic<std::size_t> struck_{0};
    std::atomic<bool> is_over_{false};
    std::thread thread_;
};

}  // namespace trellis::faultlab
