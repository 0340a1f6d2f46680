// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "server/ops/log.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace trellis::server {

/// Everything an operator may set, with its default. A key of the file is a flag without its
/// dashes; docs/operating.md and --help list them. Times are milliseconds, sizes bytes.
struct Config {
    std::string store;
    std::string listen = "127.0.0.1:8443";
    std::string tls_cert;
    std::string tls_key;
    std::string static_folder;
    std::string origins;
    std::string capture;
    std::int64_t ready_fd = 1;
    bool new_orgs = true;
    Level log_level = Level::info;

    // Connections
    std::int64_t http_head_bytes_max = limits::http_head_max;
    std::int64_t http_head_ms = limits::greeting_ms;
    std::int64_t http_body_ms = limits::http_body_ms;
    std::int64_t handshake_ms = limits::greeting_ms;
    std::int64_t idle_ms = limits::idle_ms;
    std::int64_t message_bytes_max = limits::frame_max;
    std::int64_t before_proof_bytes_max = limits::frame_before_proof_max;
    std::int64_t before_proof_ms = limits::proof_ms;
    std::int64_t sockets_max = limits::sockets_max;
    std::int64_t sockets_per_address_max = limits::sockets_per_address_max;
    std::int64_t outbound_bytes_max = limits::outbound_max;
    std::int64_t drain_ms = 10'000;

    // Shares
    std::int64_t device_bytes_per_day = limits::device_bytes_per_day;
    std::int64_t device_envelopes_per_day = limits::device_envelopes_per_day;
    std::int64_t device_entries_per_day = limits::device_entries_per_day;
    std::int64_t late_bytes_max = limits::late_bytes_max;
    std::int64_t device_checks_per_second = limits::device_checks_per_second;
    std::int64_t space_bytes_max = std::int64_t{20} * 1024 * 1024 * 1024;
    std::int64_t pushed_bytes_max = 256 * 1024 * 1024;
    std::int64_t disk_free_percent_min = 5;
    std::int64_t disk_free_bytes_enough = std::int64_t{1024} * 1024 * 1024;

    // Inboxes, where anybody may leave something
    std::int64_t inbox_work_bits = limits::inbox_work_bits;
    std::int64_t inbox_posts_per_minute = limits::inbox_posts_per_minute;
    std::int64_t inbox_posts_at_once = limits::inbox_posts_at_once;
    std::int64_t inbox_asks_per_minute = limits::inbox_asks_per_minute;
    std::int64_t inbox_pending_max = limits::inbox_pending_max;
    std::int64_t inbox_bytes_max = limits::inbox_bytes_max;

    // Stages
    std::int64_t verify_threads = 0;  ///< 0: one a core, less the net thread's
    std::int64_t catch_up_threads = 1;
    std::int64_t inbox_items_max = 1'024;
};

/// What the command line asks for.
struct Request {
    enum class Verb : std::uint8_t {
        serve,
        backup,
        restore,
        check,
        stats,
        help,
        version
    };
    Verb verb = Verb::serve;
    std::string path;  ///< of backup and restore
    std::string text;  ///< of help
    Config config;
};

/// Flags win over the file named by --config. Errors are sentences for the operator; one in the
/// file names its line.
Result<Request> read_request(const std::vector<std::string>& arguments);

/// The lines `key = value` of a file's text; '#' begins a comment. `name` stands in errors.
Result<void> read_config(std::string_view text, const std::string& name, Config& config);

}  // namespace trellis::server
