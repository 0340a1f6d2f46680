// SPDX-License-Identifier: Apache-2.0
#include "tests/faultlab/lab.hpp"

#include "core/base/check.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <thread>

namespace trellis::faultlab {
namespace {

using std::chrono::steady_clock;

/// A pipe to a program that was killed is an error to be seen, not our end. A handler and not
/// SIG_IGN: what we start would inherit that.
[[maybe_unused]] const auto pipes_are_quiet = std::signal(SIGPIPE, [](int) {});

std::int64_t status_kib(pid_t process, const std::string& name) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    for (std::string word; status >> word;) {
        std::int64_t kib = 0;
        if (word == name && status >> kib) return kib;
    }
    return 0;
}

}  // namespace

std::size_t amount(const char* variable, std::size_t otherwise) {
    const char* const said = std::getenv(variable);
    const auto number = said == nullptr ? 0 : std::strtoull(said, nullptr, 10);
    return number == 0 ? otherwise : static_cast<std::size_t>(number);
}

void figure(const std::string& text) {
    std::printf("faultlab: %s\n", text.c_str());
    std::fflush(stdout);
}

Dice::Dice() : state_(amount("FAULTLAB_SEED", 1)) {}

std::size_t Dice::up_to(std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(0, most)(state_);
}

void linger(std::chrono::microseconds time) {
    const auto end = steady_clock::now() + time;
    while (steady_clock::now() < end) std::this_thread::yield();
}

bool eventually(const std::function<bool()>& is_so) {
    const auto end = steady_clock::now() + patience;
    while (!is_so()) {
        if (steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
}

Relay::Relay(std::string store, std::vector<std::string> more)
    : store_("sqlite:" + std::move(store)), more_(std::move(more)) {
    TRELLIS_CHECK(start());
}

bool Relay::start() {
    std::vector<std::string> words{
        "--store", store_, "--listen", "127.0.0.1:" + std::to_string(port_)};
    words.insert(words.end(), more_.begin(), more_.end());
    daemon_ = std::make_unique<server::test::Daemon>(std::move(words));
    if (daemon_->port() == 0) return false;
    port_ = daemon_->port();
    return true;
}

void Relay::kill() {
    daemon_->signal(SIGKILL);
    daemon_->wait();
}

std::string Relay::stop() {
    daemon_->signal(SIGTERM);
    return daemon_->wait().err;
}

std::int64_t Relay::metric(const std::string& name) const {
    const auto text = server::test::http_get(port_, "/metrics");
    const auto place = text.find("\n" + name + " ");
    if (place == std::string::npos) return 0;
    return std::atoll(text.c_str() + place + name.size() + 2);
}

std::string Relay::problems() const {
    const auto ended = server::test::run_trellisd({"check", "--store", store_});
    return ended.status == 0 ? "" : ended.out + ended.err;
}

std::int64_t resident_bytes(pid_t process) { return status_kib(process, "VmRSS:") * 1024; }

std::int64_t resident_bytes_peak(pid_t process) { return status_kib(process, "VmHWM:") * 1024; }

}  // namespace trellis::faultlab
