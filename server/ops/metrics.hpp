// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/error.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

namespace trellis::server {

/// A number any thread may change.
class Count {
public:
    void add(std::int64_t by = 1) { value_.fetch_add(by, std::memory_order_relaxed); }
    void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
    [[nodiscard]] std::int64_t get() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::int64_t> value_{0};
};

/// How long something took, in buckets that double or so.
class Durations {
public:
    static constexpr std::array<std::int64_t, 12> bounds_us{250,
                                                            500,
                                                            1'000,
                                                            2'500,
                                                            5'000,
                                                            10'000,
                                                            25'000,
                                                            50'000,
                                                            100'000,
                                                            250'000,
                                                            1'000'000,
                                                            5'000'000};

    void add(std::int64_t microseconds);
    void print(std::string_view name, std::string& out) const;

private:
    std::array<Count, bounds_us.size() + 1> buckets_;
    Count sum_us_;
};

/// Everything /metrics shows. Any thread may count; the net thread prints.
struct Metrics {
    Count connections;  ///< open now
    Count connections_total;
    Count sessions;  ///< of them, proven devices
    Count sessions_total;
    Count bytes_in;
    Count bytes_out;
    Count envelopes_appended;
    Count envelope_bytes_appended;
    Count envelopes_delivered;
    Count runs_refused;
    Count entries_appended;
    Count submissions_stored;
    Count commits;
    Count commits_failed;
    Durations commit_time;
    Count verifications;
    Count pages_read;
    Count verify_queue;
    Count append_queue;
    Count catch_up_queue;
    Count store_bytes;
    Count store_accepts;  ///< 1: the store can commit
    std::array<Count, static_cast<std::size_t>(Code::internal) + 1> refused;  ///< by code

    void refuse(Code code) { refused[static_cast<std::size_t>(code)].add(); }
};

/// The Prometheus text format.
std::string print_metrics(const Metrics& metrics);

}  // namespace trellis::server
