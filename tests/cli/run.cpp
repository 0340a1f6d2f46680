// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/run.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "core/base/check.hpp"

namespace trellis::clients::test {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes patience{2};

std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace

Folder::Folder() : path_((fs::temp_directory_path() / "trellis-cli-XXXXXX").string()) {
    TRELLIS_CHECK(::mkdtemp(path_.data()) != nullptr);
}

Folder::~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

void Folder::write(const std::string& name, const std::string& text) const {
    std::ofstream(file(name), std::ios::binary) << text;
}

std::string Folder::read(const std::string& name) const {
    std::ifstream stream(file(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

Json Ended::json() const {
    auto parsed = parse_json(out.substr(0, out.find('\n')));
    TRELLIS_CHECK(parsed.has_value());
    return *parsed;
}

Ended run_trellis(const std::vector<std::string>& words) {
    const Folder folder;
    std::string program = TRELLIS_PROGRAM;
    auto copies = words;
    std::vector<char*> raw{program.data()};
    for (auto& word : copies) raw.push_back(word.data());
    raw.push_back(nullptr);
    const auto out = folder.file("out");
    const auto err = folder.file("err");
    const pid_t child = ::fork();
    TRELLIS_CHECK(child >= 0);
    if (child == 0) {
        const auto become = [](const char* path, int flags, int descriptor) {
            return ::dup2(::open(path, flags, 0600), descriptor) == descriptor;
        };
        const bool good = become("/dev/null", O_RDONLY, STDIN_FILENO) &&
                          become(out.c_str(), O_WRONLY | O_CREAT, STDOUT_FILENO) &&
                          become(err.c_str(), O_WRONLY | O_CREAT, STDERR_FILENO);
        if (good) ::execv(program.c_str(), raw.data());
        ::_exit(127);
    }
    int status = 0;
    TRELLIS_CHECK(::waitpid(child, &status, 0) == child);
    const int exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return {exit, contents(out), contents(err)};
}

Repl::Repl(const std::string& database, const std::vector<std::string>& more) {
    demo::Process::Order order;
    order.words = {TRELLIS_PROGRAM, "repl", "--db", database};
    order.words.insert(order.words.end(), more.begin(), more.end());
    order.error_file = "/dev/null";
    auto started = demo::Process::start(order);
    TRELLIS_CHECK(started.has_value());
    process_ = std::move(*started);
}

Json Repl::line(const std::string& text) {
    TRELLIS_CHECK(process_->write_line(text).has_value());
    return next_line();
}

Json Repl::ask(const std::string& request) {
    auto reply = line(request);
    while (reply.has("event")) reply = next_line();
    return reply;
}

Json Repl::next_line() {
    const auto answer = process_->read_line(patience);
    TRELLIS_CHECK(answer.has_value());
    auto parsed = parse_json(*answer);
    TRELLIS_CHECK(parsed.has_value());
    return *parsed;
}

std::string Repl::code(const std::string& request) {
    const auto reply = ask(request);
    return reply["ok"] == Json(true) ? "" : text_of(reply, "code");
}

Server::Server(const Folder& folder, int port) {
    demo::Process::Order order;
    order.words = {TRELLISD_PROGRAM, "--store", "sqlite:" + folder.file("server.db"),
                   "--listen", "127.0.0.1:" + std::to_string(port)};
    order.error_file = folder.file("server.log");
    auto started = demo::Process::start(order);
    TRELLIS_CHECK(started.has_value());
    process_ = std::move(*started);
    const auto line = process_->read_line(patience);
    TRELLIS_CHECK(line.has_value());
    const auto ready = parse_json(*line);
    TRELLIS_CHECK(ready.has_value() && (*ready)["port"].integer() != nullptr);
    port_ = static_cast<int>(*(*ready)["port"].integer());
}

Server::~Server() { stop(); }

int Server::stop() {
    if (process_ == nullptr) return 0;
    process_->signal(SIGTERM);
    const int status = process_->wait();
    process_.reset();
    return status;
}

void Server::kill() {
    process_->signal(SIGKILL);
    process_->wait();
    process_.reset();
}

std::string text_of(const Json& reply, const std::string& name) {
    const auto* text = reply[name].string();
    TRELLIS_CHECK(text != nullptr);
    return *text;
}

}  // namespace trellis::clients::test
