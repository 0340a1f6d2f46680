// SPDX-License-Identifier: Apache-2.0
#include "server/ops/metrics.hpp"

#include <fmt/format.h>
#include <iterator>

namespace trellis::server {
namespace {

struct Series {
    std::string_view name;
    std::string_view kind;
    std::string_view help;
    const Count Metrics::*count;
};

constexpr std::array series{
    Series{"trellis_connections", "gauge", "Open WebSocket connections.", &Metrics::connections},
    Series{"trellis_connections_total",
           "counter",
           "WebSocket connections accepted.",
           &Metrics::connections_total},
    Series{"trellis_sessions", "gauge", "Connections of proven devices.", &Metrics::sessions},
    Series{"trellis_sessions_total",
           "counter",
           "Devices that have proven who they are.",
           &Metrics::sessions_total},
    Series{
        "trellis_received_bytes_total", "counter", "Message bytes received.", &Metrics::bytes_in},
    Series{"trellis_sent_bytes_total", "counter", "Message bytes sent.", &Metrics::bytes_out},
    Series{"trellis_envelopes_appended_total",
           "counter",
           "Envelopes durably stored.",
           &Metrics::envelopes_appended},
    Series{"trellis_envelope_bytes_appended_total",
           "counter",
           "Bytes of these envelopes.",
           &Metrics::envelope_bytes_appended},
    Series{"trellis_envelopes_delivered_total",
           "counter",
           "Envelopes sent to devices.",
           &Metrics::envelopes_delivered},
    Series{"trellis_runs_refused_total",
           "counter",
           "Pushed runs that were refused.",
           &Metrics::runs_refused},
    Series{"trellis_entries_appended_total",
           "counter",
           "Membership entries durably stored.",
           &Metrics::entries_appended},
    Series{"trellis_submissions_stored_total",
           "counter",
           "Submissions to inboxes durably stored.",
           &Metrics::submissions_stored},
    Series{"trellis_commits_total", "counter", "Transactions committed.", &Metrics::commits},
    Series{"trellis_commits_failed_total",
           "counter",
           "Transactions that failed.",
           &Metrics::commits_failed},
    Series{
        "trellis_verifications_total", "counter", "Signatures checked.", &Metrics::verifications},
    Series{
        "trellis_pages_read_total", "counter", "Pages read for catching up.", &Metrics::pages_read},
    Series{"trellis_verify_queue", "gauge", "Signature checks waiting.", &Metrics::verify_queue},
    Series{"trellis_append_queue", "gauge", "Appends waiting.", &Metrics::append_queue},
    Series{"trellis_catch_up_queue", "gauge", "Reads waiting.", &Metrics::catch_up_queue},
    Series{"trellis_store_bytes", "gauge", "Size of the store's file.", &Metrics::store_bytes},
    Series{
        "trellis_store_accepts", "gauge", "1 where the store can commit.", &Metrics::store_accepts},
};

void print_head(std::string_view name,
                std::string_view kind,
                std::string_view help,
                std::string& out) {
    fmt::format_to(std::back_inserter(out), "# HELP {0} {2}\n# TYPE {0} {1}\n", name, kind, help);
}

}  // namespace

void Durations::add(std::int64_t microseconds) {
    std::size_t bucket = 0;
    while (bucket < bounds_us.size() && microseconds > bounds_us[bucket])
        ++bucket;
    buckets_[bucket].add();
    sum_us_.add(microseconds);
}

void Durations::print(std::string_view name, std::string& out) const {
    const auto end = std::back_inserter(out);
    std::int64_t total = 0;
    for (std::size_t bucket = 0; bucket < bounds_us.size(); ++bucket) {
        total += buckets_[bucket].get();
        fmt::format_to(end,
                       "{}_bucket{{le=\"{}\"}} {}\n",
                       name,
                       static_cast<double>(bounds_us[bucket]) / 1e6,
                       total);
    }
    total += buckets_.back().get();
    fmt::format_to(end,
                   "{0}_bucket{{le=\"+Inf\"}} {1}\n{0}_sum {2}\n{0}_count {1}\n",
                   name,
                   total,
                   static_cast<double>(sum_us_.get()) / 1e6);
}

std::string print_metrics(const Metrics& metrics) {
    std::string out;
    for (const Series& one : series) {
        print_head(one.name, one.kind, one.help, out);
        fmt::format_to(std::back_inserter(out), "{} {}\n", one.name, (metrics.*one.count).get());
    }
    constexpr std::string_view refused = "trellis_refused_total";
    print_head(refused, "counter", "Requests refused, by code.", out);
    for (std::size_t code = 0; code < metrics.refused.size(); ++code) {
        const std::int64_t count = metrics.refused[code].get();
        if (count == 0) continue;
        fmt::format_to(std::back_inserter(out),
                       "{}{{code=\"{}\"}} {}\n",
                       refused,
                       to_string(static_cast<Code>(code)),
                       count);
    }
    constexpr std::string_view commit = "trellis_commit_seconds";
    print_head(commit, "histogram", "Time of one transaction with its sync.", out);
    metrics.commit_time.print(commit, out);
    return out;
}

}  // namespace trellis::server
