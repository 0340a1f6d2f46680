// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <time.h>

#include <chrono>
#include <functional>

namespace trellis::bench {

/// What a piece of work took, in seconds.
struct Cost {
    double cpu = 0;
    double wall = 0;
};

inline double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

template <class Work>
Cost measure(const Work& work) {
    const auto wall = std::chrono::steady_clock::now();
    const double cpu = cpu_seconds();
    work();
    return {cpu_seconds() - cpu,
            std::chrono::duration<double>(std::chrono::steady_clock::now() - wall).count()};
}

}  // namespace trellis::bench
