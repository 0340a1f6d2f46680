// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace trellis::server::test {

/// What a program said and how it ended.
struct Ended {
    int status = 0;  ///< of its exit; 128 and the signal where a signal ended it
    std::string out;
    std::string err;
};

/// Runs trellisd to its end.
Ended run_trellisd(const std::vector<std::string>& arguments);

/// A trellisd of its own, on a free port. The process is this test's child and goes with it.
class Daemon {
public:
    /// Adds `--listen 127.0.0.1:0` unless the arguments name a place.
    explicit Daemon(std::vector<std::string> arguments);
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;
    ~Daemon();

    /// 0 where it ended before it was ready.
    std::uint16_t port() const { return port_; }
    pid_t process() const { return process_; }
    std::string url(const std::string& scheme = "ws") const;
    void signal(int number) const;
    /// Waits for its end.
    Ended wait();

private:
    pid_t process_ = 0;
    int out_ = -1;
    int err_ = -1;
    std::uint16_t port_ = 0;
};

/// Everything a server answers to a GET, headers and all.
std::string http_get(std::uint16_t port, const std::string& path);

}  // namespace trellis::server::test
