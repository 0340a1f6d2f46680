// SPDX-License-Identifier: Apache-2.0
// The real server over real sockets: 50 devices that push one sealed check-in a message and wait
// for its answer, and one that is followed by 200. Every client is a process of its own.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "bench/clock.hpp"
#include "bench/table.hpp"
#include "core/sqlite/database.hpp"
#include "tests/server/daemon.hpp"
#include "tests/server/scripted_device.hpp"

namespace trellis::bench {
namespace {

using server::test::Daemon;
using server::test::ScriptedDevice;

constexpr std::size_t pushers = 50;
constexpr std::size_t pushes_each = 200;
constexpr std::size_t watchers = 200;
constexpr std::size_t sends = 40;
constexpr std::size_t body_size = 92;  // a sealed envelope of 200 bytes

/// What the clients share with the measuring process.
struct Shared {
    std::atomic<std::size_t> ready{0};
    std::atomic<std::size_t> failed{0};
    std::atomic<bool> go{false};
    std::int64_t sent_at[sends]{};
    std::int64_t heard_at[watchers][sends]{};
};

std::int64_t now_us() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// User and system time of a process, in seconds (proc(5), fields 14 and 15 of stat).
double cpu_of(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string text((std::istreambuf_iterator<char>(file)), {});
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string skipped;
    for (int i = 3; i < 14; ++i) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

template <class Work>
void in_children(std::size_t count, const Work& work) {
    for (std::size_t i = 0; i < count; ++i) {
        if (fork() == 0) {
            work(i);
            _exit(0);
        }
    }
}

void wait_for(const std::atomic<std::size_t>& counter, std::size_t wanted) {
    while (counter.load() < wanted) usleep(1000);
}

void join_children(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) wait(nullptr);
}

Shared* share() {
    void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return new (memory) Shared;
}

/// Envelopes of the same size into one table, 50 a commit, as a loop without sockets.
double raw_commits_per_cpu_second(const std::string& path) {
    sqlite::OpenOptions options;
    options.path = path;
    auto database = sqlite::Database::open(options);
    if (!database || !database->run("CREATE TABLE e(n INTEGER PRIMARY KEY, body BLOB)")) return 0;
    auto insert = database->prepare("INSERT INTO e(body) VALUES(?1)");
    const Bytes body(200, 5);
    constexpr std::size_t count = pushers * pushes_each;
    const Cost cost = measure([&] {
        for (std::size_t i = 0; i < count; i += pushers) {
            if (!database->begin()) return;
            for (std::size_t k = 0; k < pushers; ++k) {
                insert->bind_bytes(1, body);
                if (!insert->run()) return;
            }
            if (!database->commit()) return;
        }
    });
    return static_cast<double>(count) / cost.cpu;
}

void measure_ingest(const std::string& folder, Table& table) {
    const Daemon daemon({"--store", "sqlite:" + folder + "/ingest", "--device-envelopes-per-day",
                         "1000000", "--device-checks-per-second", "1000000"});
    trellis::test::Organisation organisation;
    ScriptedDevice founder(organisation, 1);
    if (!founder.found(daemon.url())) return;
    Shared* shared = share();
    in_children(pushers, [&](std::size_t i) {
        ScriptedDevice device(organisation, static_cast<std::uint8_t>(2 + i));
        bool good = device.greet(daemon.url()) && device.open({}, false).has_value();
        ++shared->ready;
        while (!shared->go) usleep(1000);
        const std::string body(body_size, 'x');
        for (std::size_t k = 0; good && k < pushes_each; ++k) {
            device.push(1, body);
            good = device.await<sync::Stored>().has_value();
        }
        if (!good) ++shared->failed;
    });
    wait_for(shared->ready, pushers);
    const double before = cpu_of(daemon.process());
    const auto begun = now_us();
    shared->go = true;
    join_children(pushers);
    const double wall = static_cast<double>(now_us() - begun) * 1e-6;
    const double cpu = cpu_of(daemon.process()) - before;
    const double count = pushers * pushes_each;
    const double raw = raw_commits_per_cpu_second(folder + "/raw.db");
    Line line{"50 devices push one check-in a message and wait", whole(count / cpu) + " durable/CPU s",
              whole(raw) + "/CPU s in a loop of 50 a commit", number(count / cpu / raw, 3), "printed",
              shared->failed == 0, whole(count / wall) + "/s by the wall clock; " +
              whole(static_cast<double>(shared->failed)) + " clients failed"};
    table.push_back(std::move(line));
}

void measure_fan_out(const std::string& folder, Table& table) {
    const Daemon daemon({"--store", "sqlite:" + folder + "/fan-out",
                         "--device-checks-per-second", "1000000"});
    trellis::test::Organisation organisation;
    ScriptedDevice writer(organisation, 1);
    if (!writer.found(daemon.url()) || !writer.open({}, false)) return;
    Shared* shared = share();
    in_children(watchers, [&](std::size_t i) {
        ScriptedDevice device(organisation, static_cast<std::uint8_t>(2 + i));
        bool good = device.greet(daemon.url()) && device.open().has_value();
        ++shared->ready;
        for (std::size_t heard = 0; good && heard < sends;) {
            const auto deliver = device.await<sync::Deliver>();
            good = deliver.has_value();
            for (std::size_t k = 0; good && k < deliver->to - deliver->from && heard < sends; ++k) {
                shared->heard_at[i][heard++] = now_us();
            }
        }
        if (!good) ++shared->failed;
    });
    wait_for(shared->ready, watchers);
    const double before = cpu_of(daemon.process());
    for (std::size_t k = 0; k < sends; ++k) {
        usleep(100'000);
        shared->sent_at[k] = now_us();
        writer.push(1, std::string(body_size, 'x'));
        writer.await<sync::Stored>();
    }
    join_children(watchers);
    const double cpu = cpu_of(daemon.process()) - before;
    std::vector<double> delays;
    for (std::size_t i = 0; i < watchers; ++i) {
        for (std::size_t k = 0; k < sends; ++k) {
            if (shared->heard_at[i][k] == 0) continue;
            delays.push_back(static_cast<double>(shared->heard_at[i][k] - shared->sent_at[k]) / 1000);
        }
    }
    if (delays.empty()) return;
    std::sort(delays.begin(), delays.end());
    const auto at = [&](double share) {
        return number(delays[static_cast<std::size_t>(share * static_cast<double>(delays.size() - 1))], 1);
    };
    table.push_back({"fan-out of one change to 200 devices",
                     "p50 " + at(0.5) + " ms, p99 " + at(0.99) + " ms", "",
                     number(cpu * 1e6 / static_cast<double>(delays.size()), 1) + " CPU us a delivery",
                     "printed", shared->failed == 0 && delays.size() == watchers * sends,
                     "the 200 clients share the server's cores"});
}

}  // namespace
}  // namespace trellis::bench

/// trellis-server-bench WORK: prints one table.
int main(int argc, char** argv) {
    if (argc < 2) {
        std::fprintf(stderr, "usage: trellis-server-bench WORK\n");
        return 2;
    }
    using namespace trellis::bench;
    std::filesystem::remove_all(argv[1]);
    std::filesystem::create_directories(argv[1]);
    Table table;
    measure_ingest(argv[1], table);
    measure_fan_out(argv[1], table);
    std::fputs(to_markdown(table).c_str(), stdout);
    return 0;
}
