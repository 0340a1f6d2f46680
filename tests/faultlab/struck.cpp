// SPDX-License-Identifier: Apache-2.0
#include "tests/faultlab/struck.hpp"

#include <cstdlib>
#include <fstream>

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

std::uint64_t stride_or(const char* variable, std::uint64_t usual) {
    const char* const wanted = std::getenv(variable);
    return wanted == nullptr ? usual : std::strtoull(wanted, nullptr, 10);
}

}  // namespace trellis::faultlab
