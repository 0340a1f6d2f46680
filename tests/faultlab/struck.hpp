// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/cli/run.hpp"

/// Programs that are killed at one of their system calls (kill_at.cpp).
namespace trellis::faultlab {

/// Where the kill comes; 0: nowhere.
struct Strike {
    std::uint64_t at = 0;
    bool changes_only = true;  ///< counts only calls that leave something on a disk or a wire
};

/// A program as kill_at runs it.
class Struck {
public:
    Struck(const clients::test::Folder& folder, const Strike& strike,
           const std::vector<std::string>& words);

    demo::Process& process() { return *process_; }
    /// Waits for its end: its exit status, `killed` where it was.
    int wait();
    static constexpr int killed = 137;
    /// How many calls it made. Requires: wait() was called.
    [[nodiscard]] std::uint64_t calls() const;

private:
    std::string count_file_;
    std::unique_ptr<demo::Process> process_;
};

/// What stands in the environment: TRELLIS_SYSCALLS=all counts reads, too, and
/// TRELLIS_SYSCALL_STRIDE=1 strikes at every call.
struct Sweep {
    /// `usual_stride`: every how many-th call where nothing is said.
    explicit Sweep(std::uint64_t usual_stride);

    /// Kills further and further on, until three in a row live to their end: they are not all
    /// equally long. `session` says whether it was killed. Returns how often it was.
    std::uint64_t run(const std::function<bool(const Strike&)>& session) const;
    /// One line, which tests/faultlab/sweep adds up.
    void print(const std::string& whom, std::uint64_t kills, const std::string& what) const;

    std::uint64_t stride;
    bool changes_only;
};

}  // namespace trellis::faultlab
