// SPDX-License-Identifier: Apache-2.0
#include "tests/server/daemon.hpp"

#include "core/base/check.hpp"
#include "core/base/json.hpp"

#include <arpa/inet.h>
#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace trellis::server::test {
namespace {

/// Unlinked at once: it goes with its descriptor.
int scratch_file() {
    std::FILE* const file = std::tmpfile();
    TRELLIS_CHECK(file != nullptr);
    const int descriptor = ::dup(::fileno(file));
    std::fclose(file);
    TRELLIS_CHECK(descriptor >= 0);
    return descriptor;
}

std::string read_all(int descriptor) {
    std::string text;
    std::array<char, 4096> chunk{};
    for (;;) {
        const ssize_t count = ::read(descriptor, chunk.data(), chunk.size());
        if (count <= 0) return text;
        text.append(chunk.data(), static_cast<std::size_t>(count));
    }
}

std::string rewind_and_read(int descriptor) {
    ::lseek(descriptor, 0, SEEK_SET);
    return read_all(descriptor);
}

struct Outputs {
    int out;
    int err;
};

pid_t start(const std::vector<std::string>& arguments, Outputs outputs) {
    std::vector<char*> raw;
    std::string program = TRELLISD_PROGRAM;
    raw.push_back(program.data());
    std::vector<std::string> copies = arguments;
    for (std::string& argument : copies)
        raw.push_back(argument.data());
    raw.push_back(nullptr);
    const pid_t child = ::fork();
    TRELLIS_CHECK(child >= 0);
    if (child != 0) return child;
    ::dup2(outputs.out, STDOUT_FILENO);
    ::dup2(outputs.err, STDERR_FILENO);
    ::execv(program.c_str(), raw.data());
    ::_exit(127);
}

int wait_for(pid_t process) {
    int status = 0;
    TRELLIS_CHECK(::waitpid(process, &status, 0) == process);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

Ended run_trellisd(const std::vector<std::string>& arguments) {
    const Outputs outputs{scratch_file(), scratch_file()};
    const int status = wait_for(start(arguments, outputs));
    Ended ended{status, rewind_and_read(outputs.out), rewind_and_read(outputs.err)};
    ::close(outputs.out);
    ::close(outputs.err);
    return ended;
}

Daemon::Daemon(std::vector<std::string> arguments) : out_(scratch_file()), err_(scratch_file()) {
    bool has_place = false;
    for (const std::string& argument : arguments)
        has_place |= argument == "--listen";
    if (!has_place) arguments.insert(arguments.end(), {"--listen", "127.0.0.1:0"});
    std::array<int, 2> ready{};
    TRELLIS_CHECK(::pipe(ready.data()) == 0);
    arguments.insert(arguments.end(), {"--ready-fd", std::to_string(ready[1])});
    process_ = start(arguments, {out_, err_});
    ::close(ready[1]);
    std::string line;
    for (char one = 0; ::read(ready[0], &one, 1) == 1 && one != '\n';)
        line += one;
    ::close(ready[0]);
    const auto said = parse_json(line);
    if (!said) return;
    if (const auto* port = (*said)["port"].integer()) port_ = static_cast<std::uint16_t>(*port);
}

Daemon::~Daemon() {
    if (process_ != 0) {
        ::kill(process_, SIGKILL);
        wait_for(process_);
    }
    ::close(out_);
    ::close(err_);
}

std::string Daemon::url(const std::string& scheme) const {
    return scheme + "://localhost:" + std::to_string(port_) + "/sync";
}

void Daemon::signal(int number) const {
    TRELLIS_CHECK(process_ != 0);
    ::kill(process_, number);
}

Ended Daemon::wait() {
    const int status = wait_for(std::exchange(process_, 0));
    return {status, rewind_and_read(out_), rewind_and_read(err_)};
}

std::string http_get(std::uint16_t port, const std::string& path) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(port);
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string answer;
    if (::connect(socket, reinterpret_cast<sockaddr*>(&place), sizeof(place)) == 0) {
        const std::string request =
            "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        if (::write(socket, request.data(), request.size()) > 0) answer = read_all(socket);
    }
    ::close(socket);
    return answer;
}

}  // namespace trellis::server::test
