// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "bench/records.hpp"
#include "core/replica.hpp"

namespace trellis::bench {

/// The world of a benchmark: real clocks, a seeded random source that costs nothing.
class BenchEnv final : public Env {
public:
    Time wall_time() override;
    std::int64_t monotonic_time() override { return wall_time(); }
    std::uint64_t boot_id() override { return 1; }
    void random(std::span<std::uint8_t> out) override;
    void log(std::string_view /*event*/, std::string_view /*detail*/) override {}

    /// From now on the wall clock says this.
    void set_time(Time time) { time_ = time; }

private:
    Time time_ = 0;
    std::uint64_t state_ = 0x9E3779B97F4A7C15U;
};

/// An organisation of several devices in one process, all members of one space. Stops the
/// program with a sentence where anything fails.
class District {
public:
    /// Who confirms entries of the membership log: this class, or a relay of the benchmark's.
    enum class Confirm : std::uint8_t { at_once, by_relay };
    District(std::string folder, std::size_t devices, Confirm confirm = Confirm::at_once);

    [[nodiscard]] core::Replica& device(std::size_t at) { return *devices_[at]; }
    [[nodiscard]] const SpaceId& space() const { return space_; }
    [[nodiscard]] BenchEnv& env() { return env_; }
    [[nodiscard]] std::string path(std::size_t at) const;

    /// A further device with nothing in it yet.
    std::size_t add_device();
    /// Closes a device and opens it again.
    void reopen(std::size_t at);
    void close(std::size_t at) { devices_[at].reset(); }

    /// Records for all that check-ins refer to, made by device 0.
    void make_names(const std::vector<CheckIn>& rows);
    [[nodiscard]] const Names& names() const { return names_; }

    /// The envelopes that device `at` has sealed after `after`.
    std::vector<crypto::EnvelopeRun> sealed(std::size_t at, Counter after = 0);
    /// Hands runs to a device as a relay's repair does.
    core::Received deliver(std::size_t at, const std::vector<crypto::EnvelopeRun>& runs);

    core::ReplicaOptions options(std::size_t at) const;

private:
    void take_entries();

    std::string folder_;
    BenchEnv env_;
    std::vector<std::unique_ptr<core::Replica>> devices_;
    std::vector<Bytes> entries_;
    SpaceId space_;
    Names names_;
};

/// The value, or the end of the program.
template <class T>
T must(Result<T> result, const char* what) {
    if (!result) {
        std::fprintf(stderr, "bench: %s: %s\n", what, result.error().message.c_str());
        std::exit(2);
    }
    return std::move(*result);
}
inline void must(const Result<void>& result, const char* what) {
    if (result) return;
    std::fprintf(stderr, "bench: %s: %s\n", what, result.error().message.c_str());
    std::exit(2);
}

std::size_t bytes_of(const std::vector<crypto::EnvelopeRun>& runs);

}  // namespace trellis::bench
