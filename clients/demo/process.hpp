// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "core/base/result.hpp"

namespace trellis::demo {

/// A program that was started here: lines to its standard input, lines from its standard
/// output, its standard error in a file. Ended with this object unless it was let go.
class Process {
public:
    struct Order {
        std::vector<std::string> words;  ///< the program's path and what it is told
        std::string error_file;          ///< empty: where our own goes
        bool shares_output = false;      ///< true: it writes where we write
    };
    static Result<std::unique_ptr<Process>> start(const Order& order);
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    ~Process();

    Result<void> write_line(const std::string& line);
    /// `timeout` where there is none in time, `offline` where the program has ended.
    Result<std::string> read_line(std::chrono::milliseconds time);

    void signal(int number) const;
    /// Closes its input and waits for its end: its exit status, 128 and the signal where a
    /// signal ended it.
    int wait();
    /// It goes on without us. Returns its process id.
    pid_t let_go();

private:
    Process() = default;
    pid_t id_ = 0;
    int in_ = -1;
    int out_ = -1;
    std::string buffer_;
};

}  // namespace trellis::demo
