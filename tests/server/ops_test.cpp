// SPDX-License-Identifier: Apache-2.0
#include "core/base/json.hpp"
#include "server/ops/descriptors.hpp"
#include "server/ops/log.hpp"
#include "server/ops/metrics.hpp"

#include <catch2/catch.hpp>

#include <functional>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace trellis;
using namespace trellis::server;

namespace {

/// In a child whose limit of open files is this: a hard limit never goes up again.
bool holds_with_limit(rlim_t soft, rlim_t hard, const std::function<bool()>& claim) {
    const pid_t child = ::fork();
    if (child == 0) {
        const rlimit limit{soft, hard};
        ::_exit(::setrlimit(RLIMIT_NOFILE, &limit) == 0 && claim() ? 0 : 1);
    }
    int status = -1;
    return ::waitpid(child, &status, 0) == child && status == 0;
}

rlim_t soft_limit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

}  // namespace

TEST_CASE("room for sockets is asked of the system, and no more is promised than it gives",
          "[server]") {
    CHECK(holds_with_limit(100, 300, [] {
        return make_room_for_sockets(200) == 200 && soft_limit() == 200 + own_descriptors;
    }));
    CHECK(holds_with_limit(100, 300, [] {
        return make_room_for_sockets(300 - own_descriptors) == 300 - own_descriptors;
    }));
    CHECK(holds_with_limit(100, 300, [] {
        return make_room_for_sockets(300 - own_descriptors + 1) == 300 - own_descriptors &&
               soft_limit() == 300;
    }));
    CHECK(holds_with_limit(300, 300, [] {
        return make_room_for_sockets(10) == 10 && soft_limit() == 300;
    }));
}

TEST_CASE("a log line is one JSON object", "[server]") {
    const std::string line = log_line(
        1'936'768'089'123,
        Level::warn,
        "refused",
        {{"code", "no_space"}, {"count", std::int64_t{-3}}, {"reason", "a \"quote\"\nand a line"}});
    CHECK(line.find('\n') == std::string::npos);
    const auto json = parse_json(line);
    REQUIRE(json);
    CHECK((*json)["ts"] == Json("2031-05-17T07:08:09.123Z"));
    CHECK((*json)["level"] == Json("warn"));
    CHECK((*json)["event"] == Json("refused"));
    CHECK((*json)["count"] == Json(-3));
    CHECK((*json)["reason"] == Json("a \"quote\"\nand a line"));
}

TEST_CASE("metrics print every series once, with its type", "[server]") {
    Metrics metrics;
    metrics.envelopes_appended.add(5);
    metrics.refuse(Code::no_space);
    metrics.refuse(Code::no_space);
    metrics.commit_time.add(400);
    metrics.commit_time.add(9'000'000);
    const std::string text = print_metrics(metrics);
    const auto has = [&text](std::string_view line) {
        return text.find("\n" + std::string(line) + "\n") != std::string::npos;
    };
    CHECK(has("# TYPE trellis_envelopes_appended_total counter"));
    CHECK(has("trellis_envelopes_appended_total 5"));
    CHECK(has("trellis_refused_total{code=\"no_space\"} 2"));
    CHECK(has("trellis_commit_seconds_bucket{le=\"0.00025\"} 0"));
    CHECK(has("trellis_commit_seconds_bucket{le=\"0.0005\"} 1"));
    CHECK(has("trellis_commit_seconds_bucket{le=\"5\"} 1"));
    CHECK(has("trellis_commit_seconds_bucket{le=\"+Inf\"} 2"));
    CHECK(has("trellis_commit_seconds_count 2"));
    CHECK(text.find("trellis_commits_total 0") != std::string::npos);
}
