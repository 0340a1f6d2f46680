// SPDX-License-Identifier: Apache-2.0
#include "core/base/no_memory.hpp"
#include "server/care.hpp"
#include "server/config.hpp"
#include "server/ops/descriptors.hpp"
#include "server/server.hpp"

#include <cstdio>
#include <new>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace trellis;
using namespace trellis::server;

constexpr int status_unusable = 2;

Result<int> run(const std::vector<std::string>& arguments) {
    TRELLIS_TRY(const Request request, read_request(arguments));
    switch (request.verb) {
        case Request::Verb::help:
        case Request::Verb::version:
            fmt::print("{}", request.text);
            return 0;
        case Request::Verb::serve:
            break;
        default:
            return care_for_store(request);
    }
    Log log(STDERR_FILENO, request.config.log_level);
    const auto room = make_room_for_sockets(request.config.sockets_max);
    if (room < request.config.sockets_max) {
        log.write(Level::warn, "too few descriptors for sockets-max: raise the limit of open files",
                  {{"sockets_max", request.config.sockets_max}, {"room", room}});
    }
    TRELLIS_TRY(const auto server, Server::open(request.config, log));
    TRELLIS_DO(server->run());
    return 0;
}

}  // namespace

int main(int count, char** arguments) {
    // The store holds the server's key: it is nobody else's to read.
    ::umask(0077);
    std::set_new_handler(no_memory_left);
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    const auto status = run({arguments + 1, arguments + count});
    if (status) return *status;
    fmt::print(stderr, "trellisd: {}\n", status.error().message);
    return status_unusable;
}
