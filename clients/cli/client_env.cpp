// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/client_env.hpp"

#include <sys/random.h>
#include <time.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <string>

#include "core/base/check.hpp"

namespace trellis::clients {

ClientEnv::ClientEnv(bool logs) : logs_(logs) {
    std::ifstream file("/proc/sys/kernel/random/boot_id");
    std::string id;
    std::getline(file, id);
    boot_id_ = std::hash<std::string>{}(id);
}

Time ClientEnv::wall_time() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count() + offset_ms_;
}

std::int64_t ClientEnv::monotonic_time() {
    // Goes on while the machine sleeps, as a tablet does most of the day.
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

void ClientEnv::random(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const auto got = getrandom(out.data(), out.size(), 0);
        if (got < 0 && errno == EINTR) continue;
        TRELLIS_CHECK(got > 0);
        out = out.subspan(static_cast<std::size_t>(got));
    }
}

void ClientEnv::log(std::string_view event, std::string_view detail) {
    if (!logs_) return;
    std::fprintf(stderr, "trellis: %.*s %.*s\n", static_cast<int>(event.size()), event.data(),
                 static_cast<int>(detail.size()), detail.data());
}

}  // namespace trellis::clients
