// SPDX-License-Identifier: Apache-2.0
#include "tests/cli/held_line.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "core/base/check.hpp"

namespace trellis::clients::test {
namespace {

sockaddr_in local(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

/// What came in, to the other end; false at the end of it.
bool pass_on(int from, int to, bool is_swallowed) {
    std::array<char, 65536> block{};
    const auto got = ::read(from, block.data(), block.size());
    if (got <= 0) return false;
    return is_swallowed || ::write(to, block.data(), static_cast<std::size_t>(got)) == got;
}

}  // namespace

HeldLine::HeldLine(int server_port, int answers) : server_port_(server_port), answers_(answers) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = local(0);
    socklen_t size = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    TRELLIS_CHECK(::bind(listener_, raw, size) == 0 && ::listen(listener_, 1) == 0);
    TRELLIS_CHECK(::getsockname(listener_, raw, &size) == 0);
    port_ = ntohs(address.sin_port);
    TRELLIS_CHECK(::pipe(stop_) == 0);
    thread_ = std::thread([this] { carry(); });
}

HeldLine::~HeldLine() {
    ::close(stop_[1]);
    thread_.join();
    ::close(stop_[0]);
    ::close(listener_);
}

bool HeldLine::fell_silent() {
    state_.wait(0);
    return state_ == 1;
}

void HeldLine::carry() {
    pollfd first[2] = {{listener_, POLLIN, 0}, {stop_[0], POLLIN, 0}};
    ::poll(first, 2, -1);
    const int client = first[0].revents != 0 ? ::accept(listener_, nullptr, nullptr) : -1;
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = local(server_port_);
    bool goes_on = client >= 0 && ::connect(server, reinterpret_cast<sockaddr*>(&address),
                                            sizeof address) == 0;
    int answered = 0;
    while (goes_on) {
        pollfd ends[3] = {{client, POLLIN, 0}, {server, POLLIN, 0}, {stop_[0], POLLIN, 0}};
        if (::poll(ends, 3, -1) < 0 || ends[2].revents != 0) break;
        if (ends[0].revents != 0) goes_on = pass_on(client, server, false);
        if (!goes_on || ends[1].revents == 0) continue;
        const bool is_swallowed = answered++ >= answers_;
        goes_on = pass_on(server, client, is_swallowed);
        if (is_swallowed && state_.exchange(1) == 0) state_.notify_all();
    }
    int open = 0;
    if (state_.compare_exchange_strong(open, 2)) state_.notify_all();
    if (client >= 0) ::close(client);
    ::close(server);
}

}  // namespace trellis::clients::test
