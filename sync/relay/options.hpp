// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/limits.hpp"

#include <cstddef>
#include <cstdint>

namespace trellis::sync {

/// What an operator may set. Times are milliseconds.
struct RelayOptions {
    bool new_orgs = false;  ///< strangers may found organisations here

    std::int64_t proof_deadline_ms = limits::proof_ms;  ///< from connecting to an accepted proof
    std::int64_t forget_ms = 60'000;          ///< an organisation nobody is connected to

    std::uint64_t device_bytes_per_day = limits::device_bytes_per_day;
    std::uint64_t device_envelopes_per_day = limits::device_envelopes_per_day;  ///< its own
    std::uint64_t device_entries_per_day = limits::device_entries_per_day;      ///< its own
    std::uint64_t late_bytes_max = limits::late_bytes_max;  ///< of a former writer
    std::int64_t device_checks_per_second = limits::device_checks_per_second;

    std::size_t false_signatures_max = limits::false_signatures_max;  ///< of one session

    std::size_t pushed_bytes_max = 256 * 1024 * 1024;   ///< pushed and not answered, over all
    std::size_t outgoing_bytes_max = 1024 * 1024;       ///< of one session: then no Deliver
    std::size_t outgoing_bytes_drop = limits::outbound_max;  ///< of one session: then it is closed
    std::size_t page_bytes_max = limits::page_max;      ///< sealed bytes of one page aimed at
    std::size_t tail_bytes_max = 512 * 1024;            ///< of one space, kept for followers
    std::size_t append_bytes_max = 8 * 1024 * 1024;     ///< of one Append request
    unsigned inbox_work_bits = limits::inbox_work_bits;  ///< 0: none are asked for
    std::int64_t inbox_posts_per_minute = limits::inbox_posts_per_minute;
    std::int64_t inbox_posts_at_once = limits::inbox_posts_at_once;
    std::int64_t inbox_asks_per_minute = limits::inbox_asks_per_minute;
    bool every_signature = false;                       ///< check each of a run, not only the last
    std::size_t verifies_max = 4;                       ///< Verify requests out at a time
    std::size_t verify_checks_max = 32;                 ///< signatures of one request
};

}  // namespace trellis::sync
