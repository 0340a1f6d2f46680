// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <sys/types.h>
#include <vector>

#include "tests/cli/run.hpp"
#include "tests/server/daemon.hpp"

/// What all experiments share: how much of each, chance, figures, and the server they are with.
namespace trellis::faultlab {

/// Far more than anything here takes: only a test that fails waits for it.
inline constexpr std::chrono::minutes patience{5};

/// How much of something: what the environment variable says, else `otherwise`.
std::size_t amount(const char* variable, std::size_t otherwise);

/// One line of measurement on standard output.
void figure(const std::string& text);

/// The same choices in every run, and others with FAULTLAB_SEED; moments are never the same.
class Dice {
public:
    Dice();
    /// From 0 to `most`, both included.
    std::size_t up_to(std::size_t most);

private:
    std::mt19937_64 state_;
};

/// Lets up to that much time pass, for killing at moments that nobody chose.
void linger(std::chrono::microseconds time);

/// Asks again and again until it is so; false where it was not within the patience.
bool eventually(const std::function<bool()>& is_so);

/// A trellisd that dies and comes back on the same port and the same store.
class Relay {
public:
    explicit Relay(std::string store, std::vector<std::string> more = {});

    /// False where it did not come up.
    bool start();
    /// As a power cut would end it.
    void kill();
    /// As its operator would. What it said on standard error.
    std::string stop();
    void signal(int number) const { daemon_->signal(number); }

    std::uint16_t port() const { return port_; }
    pid_t process() const { return daemon_->process(); }
    std::string url() const { return "ws://127.0.0.1:" + std::to_string(port_) + "/sync"; }
    /// One figure of /metrics by the name it has there, labels and all; 0 where it is absent.
    std::int64_t metric(const std::string& name) const;
    /// What `trellisd check` finds in the store of one that is not running.
    std::string problems() const;

private:
    std::string store_;
    std::vector<std::string> more_;
    std::uint16_t port_ = 0;
    std::unique_ptr<server::test::Daemon> daemon_;
};

/// Bytes of a process in memory now, and the most it ever had.
std::int64_t resident_bytes(pid_t process);
std::int64_t resident_bytes_peak(pid_t process);

}  // namespace trellis::faultlab
