// SPDX-License-Identifier: Apache-2.0
#include "core/net/dial.hpp"

#include <exception>
#include <memory>

#include <boost/asio/connect.hpp>

namespace trellis::net {
namespace {

using asio::ip::tcp;
using Clock = asio::steady_timer::clock_type;

/// What the deadline has to interrupt; shared with the timer's handler, which may already be on
/// its way when the attempt is over.
struct Attempt {
    explicit Attempt(const asio::any_io_executor& executor)
        : resolver(executor), socket(executor), timer(executor) {}

    tcp::resolver resolver;
    tcp::socket socket;
    asio::steady_timer timer;
    bool has_expired = false;
};

void start_clock(const std::shared_ptr<Attempt>& attempt, Clock::time_point end) {
    attempt->timer.expires_at(end);
    attempt->timer.async_wait([weak = std::weak_ptr(attempt)](const ErrorCode& error) {
        const auto strong = weak.lock();
        if (error || !strong) return;
        strong->has_expired = true;
        strong->resolver.cancel();
        ErrorCode ignored;
        strong->socket.close(ignored);
    });
}

Error unreachable(const HostPort& place, const Attempt& attempt, const ErrorCode& error) {
    const std::string where = to_string(place);
    if (attempt.has_expired) {
        return Error{Code::timeout, "The server at " + where + " did not answer in time."};
    }
    return Error{Code::offline, "Could not reach the server at " + where + ": " +
                                    error.message() + ". Check the address and the network."};
}

Awaitable<Result<tcp::socket>> connect(asio::any_io_executor executor, const HostPort& place,
                                       Clock::time_point end) {
    const auto attempt = std::make_shared<Attempt>(executor);
    start_clock(attempt, end);
    const auto [not_found, found] = co_await attempt->resolver.async_resolve(
        place.host, std::to_string(place.port), tcp::resolver::numeric_service, as_values);
    if (not_found || attempt->has_expired) co_return unreachable(place, *attempt, not_found);
    const auto [error, endpoint] = co_await asio::async_connect(attempt->socket, found, as_values);
    if (error || attempt->has_expired) co_return unreachable(place, *attempt, error);
    attempt->timer.cancel();
    ErrorCode ignored;
    attempt->socket.set_option(tcp::no_delay(true), ignored);
    co_return std::move(attempt->socket);
}

}  // namespace

Awaitable<Result<StreamPtr>> dial(asio::any_io_executor executor, HostPort place, TlsContext* tls,
                                  Milliseconds time) try {
    const Clock::time_point end = Clock::now() + time;
    auto socket = co_await connect(executor, place, end);
    if (!socket) co_return std::move(socket).error();
    const StreamPtr stream = tls == nullptr
                                 ? make_plain_stream(std::move(*socket))
                                 : make_tls_stream(std::move(*socket), *tls, place.host);
    stream->expires_after(std::chrono::duration_cast<Milliseconds>(end - Clock::now()));
    if (auto ready = co_await stream->handshake(); !ready) co_return std::move(ready).error();
    stream->expires_never();
    co_return stream;
} catch (const std::exception& exception) {
    co_return Error{Code::internal, std::string("Connecting failed: ") + exception.what() + "."};
}

}  // namespace trellis::net
