// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <string>
#include <thread>

namespace trellis::clients::test {

/// A line to a server that falls silent: passes everything on until the server has answered
/// `answers` times, and swallows what comes after. For one connection.
class HeldLine {
public:
    HeldLine(int server_port, int answers);
    HeldLine(const HeldLine&) = delete;
    HeldLine& operator=(const HeldLine&) = delete;
    ~HeldLine();

    [[nodiscard]] std::string url() const {
        return "ws://127.0.0.1:" + std::to_string(port_) + "/sync";
    }
    /// True once an answer was swallowed, false where the other end was done before that. Waits
    /// for either.
    [[nodiscard]] bool fell_silent();

private:
    void carry();

    int listener_ = -1;
    int server_port_;
    int answers_;
    int port_ = 0;
    int stop_[2] = {-1, -1};
    std::atomic<int> state_{0};  ///< 1: silent, 2: over
    std::thread thread_;
};

}  // namespace trellis::clients::test
