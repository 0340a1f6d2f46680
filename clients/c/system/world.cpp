// SPDX-License-Identifier: Apache-2.0
// The one file of the C interface that asks the system: POSIX, and WASI's share of it.
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "clients/c/world.hpp"
#include "core/base/check.hpp"

namespace trellis::c {
namespace {

// Goes on while the machine sleeps, as a tablet does most of the day. macOS's CLOCK_MONOTONIC does.
#ifdef CLOCK_BOOTTIME
constexpr clockid_t sleepless = CLOCK_BOOTTIME;
#else
#define sleepless CLOCK_MONOTONIC
#endif

std::int64_t now_ms(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

/// 0 where the system does not say: a page is not even asked, for it would have to bring all that
/// reads files.
std::uint64_t boot_of_system() {
    std::uint64_t boot = 0;
#ifndef __wasi__
    char text[40] = {};
    if (std::FILE* file = std::fopen("/proc/sys/kernel/random/boot_id", "r")) {
        const auto got = std::fread(text, 1, sizeof text - 1, file);
        std::fclose(file);
        for (std::size_t i = 0; i < got; ++i) {
            boot = boot * 1'099'511'628'211U + static_cast<unsigned char>(text[i]);
        }
    }
#endif
    return boot;
}

class SystemWorld final : public Env {
public:
    SystemWorld() : boot_id_(boot_of_system()) {
        // Every process counts as a boot then: the clock is trusted less, not more.
        if (boot_id_ == 0) {
            std::uint8_t bytes[sizeof boot_id_];
            random(bytes);
            for (const auto byte : bytes) boot_id_ = (boot_id_ << 8U) | byte;
        }
    }

    Time wall_time() override { return now_ms(CLOCK_REALTIME); }
    std::int64_t monotonic_time() override { return now_ms(sleepless); }
    std::uint64_t boot_id() override { return boot_id_; }
    void random(std::span<std::uint8_t> out) override {
        constexpr std::size_t most_at_once = 256;
        while (!out.empty()) {
            const auto count = std::min(most_at_once, out.size());
            TRELLIS_CHECK(getentropy(out.data(), count) == 0);
            out = out.subspan(count);
        }
    }
    void log(std::string_view, std::string_view) override {}

private:
    std::uint64_t boot_id_ = 0;
};

}  // namespace

std::unique_ptr<Env> system_world() { return std::make_unique<SystemWorld>(); }

}  // namespace trellis::c
