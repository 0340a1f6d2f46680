// SPDX-License-Identifier: Apache-2.0
#include "server/net/listener.hpp"

#include <algorithm>
#include <exception>
#include <list>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

namespace trellis::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using net::as_values;
using net::Awaitable;
using net::ErrorCode;

/// How long to wait where the machine has no descriptor left.
constexpr net::Milliseconds breath{100};

Error cannot_listen(const net::HostPort& place, const ErrorCode& error) {
    const std::string where = net::to_string(place);
    if (error == asio::error::address_in_use) {
        return Error{Code::busy, "Another program already listens on " + where +
                                     "; stop it or choose another port."};
    }
    if (error == asio::error::access_denied) {
        return Error{Code::denied, "This user may not listen on " + where +
                                       "; choose a port above 1023."};
    }
    return Error{Code::invalid, "Cannot listen on " + where + ": " + error.message() + "."};
}

Result<tcp::endpoint> resolve(asio::io_context& io, const net::HostPort& place) {
    tcp::resolver resolver(io);
    ErrorCode error;
    const auto found = resolver.resolve(place.host, std::to_string(place.port),
                                        tcp::resolver::passive, error);
    if (error || found.empty()) return cannot_listen(place, error);
    return found.begin()->endpoint();
}

}  // namespace

class Listener::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(asio::io_context& io, ListenerOptions options, std::unique_ptr<net::TlsContext> tls,
         ConnectionHandler handler)
        : acceptor_(io),
          pause_(io),
          options_(std::move(options)),
          tls_(std::move(tls)),
          handler_(std::move(handler)) {}

    Result<void> listen(asio::io_context& io);
    Awaitable<void> accept_all();
    void stop_accepting();
    void close_all();

    std::uint16_t port() const { return port_; }
    std::size_t connection_count() const { return streams_.size(); }

private:
    using Streams = std::list<net::StreamPtr>;

    void welcome(tcp::socket socket);
    bool make_room(const std::string& address);
    bool evict_oldest();
    Awaitable<void> converse(Streams::iterator place);

    tcp::acceptor acceptor_;
    asio::steady_timer pause_;
    ListenerOptions options_;
    std::unique_ptr<net::TlsContext> tls_;
    ConnectionHandler handler_;
    Streams streams_;  ///< the oldest first
    std::size_t evicted_count_ = 0;  ///< closed, and on their way out of streams_
    std::uint16_t port_ = 0;
};

Result<void> Listener::Impl::listen(asio::io_context& io) {
    TRELLIS_TRY(const tcp::endpoint endpoint, resolve(io, options_.place));
    ErrorCode error;
    const auto step = [&error, this](auto&& action) {
        if (!error) action(acceptor_);
    };
    step([&](auto& acceptor) { acceptor.open(endpoint.protocol(), error); });
    step([&](auto& acceptor) { acceptor.set_option(tcp::acceptor::reuse_address(true), error); });
    step([&](auto& acceptor) { acceptor.bind(endpoint, error); });
    step([&](auto& acceptor) { acceptor.listen(tcp::acceptor::max_listen_connections, error); });
    if (error) return cannot_listen(options_.place, error);
    port_ = acceptor_.local_endpoint(error).port();
    return {};
}

Awaitable<void> Listener::Impl::accept_all() {
    const auto self = shared_from_this();
    while (acceptor_.is_open()) {
        auto [error, socket] = co_await acceptor_.async_accept(as_values);
        if (!error) {
            welcome(std::move(socket));
        } else if (acceptor_.is_open()) {
            // Out of descriptors, or gone before we looked: never a reason to stop.
            pause_.expires_after(breath);
            co_await pause_.async_wait(as_values);
        }
    }
}

void Listener::Impl::welcome(tcp::socket socket) try {
    ErrorCode ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    const std::string address = net::remote_address(socket);
    if (address.empty() || !make_room(address)) return;
    net::StreamPtr stream = tls_ ? net::make_tls_stream(std::move(socket), *tls_, {})
                                 : net::make_plain_stream(std::move(socket));
    const auto place = streams_.insert(streams_.end(), std::move(stream));
    asio::co_spawn(acceptor_.get_executor(), converse(place),
                   [self = shared_from_this(), place](const std::exception_ptr& /*its own end*/) {
                       // Evicted or not: closed before it is forgotten.
                       if ((*place)->is_evicted()) --self->evicted_count_;
                       (*place)->close();
                       self->streams_.erase(place);
                   });
} catch (const std::exception&) {
    // It cannot be served: this connection is dropped, the others go on.
    return;
}

bool Listener::Impl::make_room(const std::string& address) {
    const auto is_neighbour = [&address](const net::StreamPtr& stream) {
        return stream->remote_address() == address && !stream->is_evicted();
    };
    const auto neighbours = std::count_if(streams_.begin(), streams_.end(), is_neighbour);
    if (static_cast<std::size_t>(neighbours) >= options_.sockets_per_address_max) return false;
    return streams_.size() - evicted_count_ < options_.sockets_max || evict_oldest();
}

bool Listener::Impl::evict_oldest() {
    const auto oldest = std::find_if(streams_.begin(), streams_.end(), [](const auto& stream) {
        return !stream->is_admitted() && !stream->is_evicted();
    });
    if (oldest == streams_.end()) return false;
    ++evicted_count_;
    (*oldest)->evict();
    return true;
}

Awaitable<void> Listener::Impl::converse(Streams::iterator place) {
    const net::StreamPtr stream = *place;
    stream->expires_after(options_.handshake);
    const auto ready = co_await stream->handshake();
    if (!ready) co_return;
    stream->expires_never();
    co_await handler_(stream);
}

void Listener::Impl::stop_accepting() {
    ErrorCode ignored;
    acceptor_.close(ignored);
    pause_.cancel();
}

void Listener::Impl::close_all() {
    stop_accepting();
    for (const auto& stream : streams_) stream->close();
}

Listener::Listener(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Listener::~Listener() { impl_->close_all(); }

Result<std::unique_ptr<Listener>> Listener::open(asio::io_context& io,
                                                 const ListenerOptions& options,
                                                 std::unique_ptr<net::TlsContext> tls,
                                                 ConnectionHandler handler) try {
    const auto impl = std::make_shared<Impl>(io, options, std::move(tls), std::move(handler));
    TRELLIS_DO(impl->listen(io));
    asio::co_spawn(io, impl->accept_all(), asio::detached);
    return std::unique_ptr<Listener>(new Listener(impl));
} catch (const std::exception& exception) {
    return Error{Code::internal, std::string("Cannot listen: ") + exception.what() + "."};
}

std::uint16_t Listener::port() const { return impl_->port(); }

std::size_t Listener::connection_count() const { return impl_->connection_count(); }

void Listener::stop_accepting() { impl_->stop_accepting(); }

void Listener::close_all() { impl_->close_all(); }

}  // namespace trellis::server
