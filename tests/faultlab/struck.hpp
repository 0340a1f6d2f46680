// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tests/cli/run.hpp"

/// Programs that are ended at one of their system calls (kill_at.cpp) or by an allocation that
/// fails (fail_new.cpp).
namespace trellis::faultlab {

/// Where it comes.
struct Strike {
    enum class Of { change, call, allocation };

    std::uint64_t at = 0;  ///< 0: nowhere
    Of of = Of::change;    ///< calls that leave something on a disk or a wire; any call
};

/// A program that is struck.
class Struck {
public:
    Struck(const clients::test::Folder& folder, const Strike& strike,
           const std::vector<std::string>& words);

    demo::Process& process() { return *process_; }
    /// Waits for its end: its exit status, 128 and the signal where one ended it.
    int wait();
    /// It was, and has not come to its end in another way: an allocation that fails may also
    /// become an error of a connection, and all goes on. Requires: wait() was called.
    [[nodiscard]] bool was_struck() const;
    /// It came to its own end, or to that which the strike makes. Requires: wait() was called.
    [[nodiscard]] bool has_ended_well() const;

private:
    Strike strike_;
    std::string mark_;
    int status_ = 0;
    std::unique_ptr<demo::Process> process_;
};

/// What stands in the environment: TRELLIS_SYSCALLS=all counts reads, too, and
/// TRELLIS_SYSCALL_STRIDE=1 strikes at every call; TRELLIS_ALLOCATION_STRIDE is for allocations.
struct Sweep {
    /// `usual_stride`: every how many-th where nothing is said.
    explicit Sweep(std::uint64_t usual_stride, Strike::Of of = Strike::Of::change);

    /// Strikes further and further on, until three in a row are not met: they are not all
    /// equally long. `session` says whether it was struck. Returns how often it was.
    std::uint64_t run(const std::function<bool(const Strike&)>& session) const;
    /// One line, which tests/faultlab/sweep adds up.
    void print(const std::string& whom, std::uint64_t strikes, const std::string& what) const;

    std::uint64_t stride;
    Strike::Of of;
};

}  // namespace trellis::faultlab
