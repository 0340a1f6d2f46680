// SPDX-License-Identifier: Apache-2.0
#include "tests/faultlab/struck.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "core/base/check.hpp"

namespace trellis::faultlab {
namespace {

using Of = Strike::Of;

std::vector<std::string> order(const Strike& strike, const std::string& mark) {
    const auto at = std::to_string(strike.at);
    if (strike.of != Of::allocation) {
        return {KILL_AT_PROGRAM, at, strike.of == Of::change ? "changes" : "all", mark};
    }
    return {"/usr/bin/env", "LD_PRELOAD=" FAIL_NEW_LIBRARY, "TRELLIS_FAIL_NEW=" + at,
            "TRELLIS_FAIL_NEW_FILE=" + mark};
}

}  // namespace

Struck::Struck(const clients::test::Folder& folder, const Strike& strike,
               const std::vector<std::string>& words)
    : strike_(strike), mark_(folder.file("mark")) {
    std::filesystem::remove(mark_);
    demo::Process::Order all;
    all.words = order(strike, mark_);
    all.words.insert(all.words.end(), words.begin(), words.end());
    all.error_file = folder.file("struck.log");
    auto started = demo::Process::start(all);
    TRELLIS_CHECK(started.has_value());
    process_ = std::move(*started);
}

int Struck::wait() { return status_ = process_->wait(); }

bool Struck::was_struck() const {
    if (strike_.of == Of::allocation) return std::filesystem::exists(mark_);
    return status_ == 128 + SIGKILL;
}

bool Struck::has_ended_well() const {
    if (!was_struck()) return status_ == 0;
    return strike_.of != Of::allocation || status_ == 0 || status_ == 128 + SIGABRT;
}

Sweep::Sweep(std::uint64_t usual_stride, Strike::Of whose) : stride(usual_stride), of(whose) {
    const bool is_call = of != Of::allocation;
    const char* const every =
        std::getenv(is_call ? "TRELLIS_SYSCALL_STRIDE" : "TRELLIS_ALLOCATION_STRIDE");
    if (every != nullptr) stride = std::max<std::uint64_t>(1, std::strtoull(every, nullptr, 10));
    const char* const calls = std::getenv("TRELLIS_SYSCALLS");
    if (is_call && calls != nullptr && std::string(calls) == "all") of = Of::call;
}

std::uint64_t Sweep::run(const std::function<bool(const Strike&)>& session) const {
    std::uint64_t strikes = 0;
    int unmet = 0;
    for (std::uint64_t at = 1; unmet < 3; at += stride) {
        const bool was_struck = session({at, of});
        if (was_struck) ++strikes;
        unmet = was_struck ? 0 : unmet + 1;
    }
    return strikes;
}

void Sweep::print(const std::string& whom, std::uint64_t strikes, const std::string& what) const {
    const bool is_call = of != Of::allocation;
    std::cout << (is_call ? "killed " : "failed ") << whom << " at " << strikes
              << (is_call ? " system calls, every " : " allocations, every ") << stride
              << ". of them; " << what << std::endl;
}

}  // namespace trellis::faultlab
