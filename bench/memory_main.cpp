// SPDX-License-Identifier: Apache-2.0
// What a program that embeds the library needs of memory: writes many records through the C
// interface, reads a page of them, and prints the peak of the process. A plain program, so that it
// also runs under the emulator.
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "clients/c/trellis.h"

namespace {

constexpr int records = 100'000;
constexpr int batch = 500;

trellis_bytes bytes_of(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// KiB, as Linux counts them.
long peak_kib() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

std::string call(trellis_replica* replica, const std::string& request) {
    trellis_buffer reply{};
    trellis_error error{};
    if (trellis_call(replica, bytes_of(request), &reply, &error) != TRELLIS_OK) {
        std::fprintf(stderr, "%.80s: %s\n", request.c_str(), error.message);
        std::exit(1);
    }
    std::string text(reinterpret_cast<const char*>(reply.data), reply.size);
    trellis_buffer_free(&reply);
    return text;
}

std::string member(const std::string& json, const std::string& name) {
    const auto at = json.find('"' + name + "\":\"") + name.size() + 4;
    return json.substr(at, json.find('"', at) - at);
}

std::string put(const std::string& space, int number) {
    return R"({"op":"put","type":"check_in","space":")" + space +
           R"(","fields":{"method":"phone","notes":"We spoke about the bus and the coat, )" +
           std::to_string(number) + R"(","next_contact":"2027-01-31"}})";
}

}  // namespace

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: trellis-memory-bench <database that is not there yet>\n");
        return 1;
    }
    const std::uint8_t key[32] = {1};
    trellis_options options{};
    options.struct_size = sizeof options;
    options.path = arguments[1];
    options.key = {key, sizeof key};
    options.cache_kib = 4096;  // as a phone would
    trellis_replica* replica = nullptr;
    trellis_error error{};
    if (trellis_open(&options, &replica, &error) != TRELLIS_OK) {
        std::fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    std::printf("opened: %ld KiB\n", peak_kib());
    call(replica, R"({"op":"org_create","name":"District","url":"ws://127.0.0.1:1/sync"})");
    const auto space = member(call(replica, R"({"op":"space_create","name":"School"})"), "space");
    for (int done = 0; done < records; done += batch) {
        std::string request = R"({"op":"batch","ops":[)";
        for (int i = 0; i < batch; ++i) request += (i == 0 ? "" : ",") + put(space, done + i);
        call(replica, request + "]}");
    }
    std::printf("%d records written: %ld KiB\n", records, peak_kib());
    call(replica, R"({"op":"list","type":"check_in","limit":100,"order":"next_contact"})");
    call(replica, R"({"op":"query","sql":"SELECT method, count(*) AS n FROM check_in GROUP BY method"})");
    std::printf("a page and a count read: %ld KiB\n", peak_kib());
    if (trellis_suspend(replica, &error) != TRELLIS_OK) std::fprintf(stderr, "%s\n", error.message);
    std::printf("suspended: %ld KiB\n", peak_kib());
    trellis_resume(replica, nullptr);
    std::printf("opened again, peak: %ld KiB\n", peak_kib());
    return trellis_close(replica) == TRELLIS_OK ? 0 : 1;
}
