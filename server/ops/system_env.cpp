// SPDX-License-Identifier: Apache-2.0
#include "server/ops/system_env.hpp"

#include "core/base/check.hpp"

#include <cerrno>
#include <chrono>
#include <sys/random.h>

namespace trellis::server {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

// A process that starts anew reads its monotonic clock anew: any value of its own will do.
SystemEnv::SystemEnv(Log& log) : log_(log), boot_id_(0) {
    random({reinterpret_cast<std::uint8_t*>(&boot_id_), sizeof(boot_id_)});
}

Time SystemEnv::wall_time() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return duration_cast<milliseconds>(now).count();
}

std::int64_t SystemEnv::monotonic_time() {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    return duration_cast<milliseconds>(now).count();
}

void SystemEnv::random(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const ssize_t count = ::getrandom(out.data(), out.size(), 0);
        if (count < 0 && errno == EINTR) continue;
        TRELLIS_CHECK(count > 0);
        out = out.subspan(static_cast<std::size_t>(count));
    }
}

void SystemEnv::log(std::string_view event, std::string_view detail) {
    log_.write(Level::info, event, {{"detail", detail}});
}

}  // namespace trellis::server
