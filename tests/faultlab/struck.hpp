// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
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
    /// Waits for its end: its exit status, 137 where it was killed.
    int wait();
    /// How many calls it made. Requires: wait() was called.
    [[nodiscard]] std::uint64_t calls() const;

private:
    std::string count_file_;
    std::unique_ptr<demo::Process> process_;
};

/// Every how many-th call: what the environment variable says, or else `usual`.
std::uint64_t stride_or(const char* variable, std::uint64_t usual);

}  // namespace trellis::faultlab
