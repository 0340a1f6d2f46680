// SPDX-License-Identifier: Apache-2.0
#include "tests/faultlab/struck.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "core/base/check.hpp"

namespace trellis::faultlab {

Struck::Struck(const clients::test::Folder& folder, const Strike& strike,
               const std::vector<std::string>& words)
    : count_file_(folder.file("calls")) {
    demo::Process::Order order;
    order.words = {KILL_AT_PROGRAM, std::to_string(strike.at),
                   strike.changes_only ? "changes" : "all", count_file_};
    order.words.insert(order.words.end(), words.begin(), words.end());
    order.error_file = folder.file("struck.log");
    auto started = demo::Process::start(order);
    TRELLIS_CHECK(started.has_value());
    process_ = std::move(*started);
}

int Struck::wait() { return process_->wait(); }

std::uint64_t Struck::calls() const {
    std::uint64_t calls = 0;
    std::ifstream(count_file_) >> calls;
    return calls;
}

Sweep::Sweep(std::uint64_t usual_stride) : stride(usual_stride), changes_only(true) {
    const char* const every = std::getenv("TRELLIS_SYSCALL_STRIDE");
    if (every != nullptr) stride = std::max<std::uint64_t>(1, std::strtoull(every, nullptr, 10));
    const char* const calls = std::getenv("TRELLIS_SYSCALLS");
    changes_only = calls == nullptr || std::string(calls) != "all";
}

std::uint64_t Sweep::run(const std::function<bool(const Strike&)>& session) const {
    std::uint64_t kills = 0;
    int survived = 0;
    for (std::uint64_t at = 1; survived < 3; at += stride) {
        const bool was_killed = session({at, changes_only});
        if (was_killed) ++kills;
        survived = was_killed ? 0 : survived + 1;
    }
    return kills;
}

void Sweep::print(const std::string& whom, std::uint64_t kills, const std::string& what) const {
    std::cout << "killed " << whom << " at " << kills << " system calls, every " << stride
              << ". of them; " << what << "\n";
}

}  // namespace trellis::faultlab
