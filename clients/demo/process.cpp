// SPDX-License-Identifier: Apache-2.0
#include "clients/demo/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace trellis::demo {
namespace {

void close_if_open(int& descriptor) {
    if (descriptor >= 0) ::close(descriptor);
    descriptor = -1;
}

/// In the child: never returns.
[[noreturn]] void become(const Process::Order& order, std::vector<char*>& words, int in, int out) {
    ::dup2(in, STDIN_FILENO);
    if (!order.shares_output) ::dup2(out, STDOUT_FILENO);
    if (!order.error_file.empty()) {
        const int file = ::open(order.error_file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        if (file >= 0) ::dup2(file, STDERR_FILENO);
    }
    ::execv(words[0], words.data());
    ::_exit(127);
}

}  // namespace

Result<std::unique_ptr<Process>> Process::start(const Order& order) {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) {
        return Error{Code::internal, std::string("making pipes: ") + std::strerror(errno)};
    }
    auto copies = order.words;
    std::vector<char*> words;
    for (auto& word : copies) words.push_back(word.data());
    words.push_back(nullptr);
    auto process = std::unique_ptr<Process>(new Process());
    process->id_ = ::fork();
    if (process->id_ == 0) become(order, words, in[0], out[1]);
    ::close(in[0]);
    ::close(out[1]);
    process->in_ = in[1];
    process->out_ = out[0];
    if (process->id_ > 0) return process;
    return Error{Code::internal, "starting " + order.words[0] + ": " + std::strerror(errno)};
}

Process::~Process() {
    close_if_open(in_);
    close_if_open(out_);
    if (id_ <= 0) return;
    ::kill(id_, SIGKILL);
    ::waitpid(id_, nullptr, 0);
}

Result<void> Process::write_line(const std::string& line) {
    const std::string text = line + "\n";
    std::size_t done = 0;
    while (done < text.size()) {
        const auto put = ::write(in_, text.data() + done, text.size() - done);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) return Error{Code::offline, "the program has ended"};
        done += static_cast<std::size_t>(put);
    }
    return {};
}

Result<std::string> Process::read_line(std::chrono::milliseconds time) {
    const auto end = std::chrono::steady_clock::now() + time;
    for (;;) {
        const auto stop = buffer_.find('\n');
        if (stop != std::string::npos) {
            std::string line = buffer_.substr(0, stop);
            buffer_.erase(0, stop + 1);
            return line;
        }
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        if (left.count() <= 0) return Error{Code::timeout, "the program did not answer in time"};
        pollfd waiting{out_, POLLIN, 0};
        if (::poll(&waiting, 1, static_cast<int>(left.count())) <= 0) continue;
        std::array<char, 64 * 1024> block{};
        const auto got = ::read(out_, block.data(), block.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return Error{Code::offline, "the program has ended"};
        buffer_.append(block.data(), static_cast<std::size_t>(got));
    }
}

void Process::signal(int number) const {
    if (id_ > 0) ::kill(id_, number);
}

int Process::wait() {
    close_if_open(in_);
    int status = 0;
    const auto id = std::exchange(id_, 0);
    if (id <= 0 || ::waitpid(id, &status, 0) != id) return 127;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

pid_t Process::let_go() { return std::exchange(id_, 0); }

}  // namespace trellis::demo
