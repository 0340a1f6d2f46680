// SPDX-License-Identifier: Apache-2.0
#include "tests/faultlab/proxy.hpp"

#include "core/base/check.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace trellis::faultlab {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int turn_ms = 5;
/// Of one direction: more waits at its sender, as on a real link.
constexpr std::size_t held_max = 64 * 1024;

sockaddr_in here(std::uint16_t port) {
    sockaddr_in place{};
    place.sin_family = AF_INET;
    place.sin_port = htons(port);
    place.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return place;
}

/// None of them may live on in a server that is started later.
int new_socket() { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

/// The other end sees a reset, not an end in good order.
void reset(int socket) {
    const linger at_once{1, 0};
    ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(socket);
}

}  // namespace

struct Proxy::Way {
    struct Piece {
        Clock::time_point due;
        std::string bytes;
    };
    int from;
    int to;
    Fault fault;
    std::size_t passed = 0;  ///< read from its sender
    std::size_t held = 0;
    std::deque<Piece> pieces;
    bool has_ended = false;  ///< the sender's end was passed on
    bool is_cut = false;

    /// How much may be read before something happens to it.
    std::size_t room() const {
        std::size_t most = held < held_max ? held_max - held : 0;
        if (fault.cut_after) most = std::min(most, *fault.cut_after - passed);
        return most;
    }
};

struct Proxy::Pair {
    Way up;
    Way down;
};

Proxy::Proxy(std::uint16_t server) : server_(server), listener_(new_socket()) {
    auto place = here(0);
    socklen_t size = sizeof place;
    auto* const raw = reinterpret_cast<sockaddr*>(&place);
    TRELLIS_CHECK(::bind(listener_, raw, size) == 0);
    TRELLIS_CHECK(::listen(listener_, SOMAXCONN) == 0);
    TRELLIS_CHECK(::getsockname(listener_, raw, &size) == 0);
    port_ = ntohs(place.sin_port);
    thread_ = std::thread([this] { run(); });
}

Proxy::~Proxy() {
    is_over_ = true;
    thread_.join();
    for (auto& pair : pairs_) {
        reset(pair.up.from);
        reset(pair.up.to);
    }
    ::close(listener_);
}

void Proxy::harm(const Fault& up, const Fault& down) {
    const std::lock_guard lock(guard_);
    up_ = up;
    down_ = down;
}

void Proxy::heal() {
    const std::lock_guard lock(guard_);
    up_ = {};
    down_ = {};
    is_healing_ = true;
}

void Proxy::run() {
    while (!is_over_) {
        std::vector<pollfd> waiting{{listener_, POLLIN, 0}};
        for (const auto& pair : pairs_) {
            for (const auto* way : {&pair.up, &pair.down}) {
                if (!way->has_ended && way->room() > 0) waiting.push_back({way->from, POLLIN, 0});
            }
        }
        ::poll(waiting.data(), waiting.size(), turn_ms);
        const std::lock_guard lock(guard_);
        take_in();
        for (auto pair = pairs_.begin(); pair != pairs_.end();) {
            const bool goes_on = turn(*pair) && !is_healing_;
            if (!goes_on) {
                reset(pair->up.from);
                reset(pair->up.to);
            }
            pair = goes_on ? std::next(pair) : pairs_.erase(pair);
        }
        is_healing_ = false;
    }
}

void Proxy::take_in() {
    for (;;) {
        const int device = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (device < 0) return;
        const int server = new_socket();
        const auto place = here(server_);
        const int done =
            ::connect(server, reinterpret_cast<const sockaddr*>(&place), sizeof place);
        if (done != 0 && errno != EINPROGRESS) {
            reset(device);
            ::close(server);
            continue;
        }
        pairs_.push_back({{.from = device, .to = server, .fault = up_, .pieces = {}},
                          {.from = server, .to = device, .fault = down_, .pieces = {}}});
    }
}

/// False where the connection is over.
bool Proxy::turn(Pair& pair) {
    for (auto* way : {&pair.up, &pair.down}) {
        read(*way);
        write(*way);
        if (way->is_cut && way->pieces.empty()) return false;
    }
    return !(pair.up.has_ended && pair.down.has_ended);
}

void Proxy::read(Way& way) {
    std::array<char, held_max> block{};
    const auto room = way.room();
    if (way.has_ended || room == 0) return;
    const auto got = ::recv(way.from, block.data(), room, 0);
    if (got < 0 && (errno == EAGAIN || errno == ENOTCONN)) return;
    if (got <= 0) {
        way.is_cut = got < 0;
        way.has_ended = true;
        return;
    }
    const auto count = static_cast<std::size_t>(got);
    const auto before = way.passed;
    way.passed += count;
    const auto& fault = way.fault;
    if (fault.swallow_after && way.passed > *fault.swallow_after) {
        struck_ += count;
        return;
    }
    if (fault.flip_at && *fault.flip_at >= before && *fault.flip_at < way.passed) {
        block.at(*fault.flip_at - before) ^= 0x10;
        ++struck_;
    }
    if (fault.cut_after && way.passed >= *fault.cut_after) {
        way.is_cut = true;
        ++struck_;
    }
    way.held += count;
    way.pieces.push_back({Clock::now() + fault.delay, {block.data(), count}});
}

void Proxy::write(Way& way) {
    const bool is_slow = way.fault.bytes_per_turn > 0;
    auto most = is_slow ? way.fault.bytes_per_turn : held_max;
    while (most > 0 && !way.pieces.empty() && way.pieces.front().due <= Clock::now()) {
        auto& bytes = way.pieces.front().bytes;
        const auto put = ::send(way.to, bytes.data(), std::min(most, bytes.size()), MSG_NOSIGNAL);
        if (put < 0 && (errno == EAGAIN || errno == ENOTCONN)) return;
        if (put < 0) {
            // Nobody is there to take it.
            way.is_cut = true;
            way.pieces.clear();
            return;
        }
        const auto count = static_cast<std::size_t>(put);
        most -= count;
        way.held -= count;
        bytes.erase(0, count);
        if (bytes.empty()) way.pieces.pop_front();
    }
    if (way.has_ended && way.pieces.empty()) ::shutdown(way.to, SHUT_WR);
}

}  // namespace trellis::faultlab
