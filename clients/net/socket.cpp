// SPDX-License-Identifier: Apache-2.0
#include "clients/net/socket.hpp"

#include <deque>
#include <exception>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "core/net/address.hpp"
#include "core/net/dial.hpp"
#include "core/net/tls.hpp"
#include "core/net/websocket.hpp"

namespace trellis::clients {
namespace {

using net::as_values;
using net::Awaitable;
using net::Milliseconds;
using Clock = std::chrono::steady_clock;

/// Messages that nobody has received yet; from here on the server has to wait.
constexpr std::size_t inbox_bytes_max = 8 * 1024 * 1024;
constexpr std::size_t inbox_messages_max = 4096;

constexpr Milliseconds close_time{6'000};  // a little more than the closing handshake has

/// What the server said by closing; nothing where it only said goodbye.
std::optional<Error> verdict_of(std::uint16_t close_code) {
    switch (static_cast<net::CloseCode>(close_code)) {
        case net::CloseCode::protocol_error:
        case net::CloseCode::unsupported:
            return Error{Code::invalid,
                         "The server did not understand us and closed the connection; one of "
                         "the two needs an update."};
        case net::CloseCode::policy:
            return Error{Code::denied, "The server does not want this connection."};
        case net::CloseCode::too_big:
            return Error{Code::too_large, "A message was too large for the server."};
        case net::CloseCode::try_later:
            return Error{Code::busy, "The server is busy; try again later."};
        case net::CloseCode::internal:
            return Error{Code::internal, "The server failed and closed the connection."};
        default:
            return std::nullopt;
    }
}

}  // namespace

class ClientSocket::Impl {
public:
    /// What lives as long as the connection's coroutine. Each half knows the other while both
    /// live, because a socket may be destroyed from inside one of its own events.
    struct Session {
        Session(Impl& socket, net::Url place, SocketOptions chosen, SocketEvents wanted)
            : owner(&socket),
              url(std::move(place)),
              options(std::move(chosen)),
              events(std::move(wanted)) {
            socket.session_ = this;
        }
        ~Session() {
            if (owner != nullptr) owner->session_ = nullptr;
        }
        Session(const Session&) = delete;
        Session& operator=(const Session&) = delete;

        Impl* owner;  ///< absent once the socket is gone
        net::Url url;
        SocketOptions options;
        SocketEvents events;
        std::unique_ptr<net::TlsContext> tls;
    };

    explicit Impl(boost::asio::io_context& io) : io_(io), has_room_(io) {}
    ~Impl() {
        if (session_ != nullptr) session_->owner = nullptr;
    }
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    static Awaitable<void> run(std::unique_ptr<Session> session);

    std::optional<Bytes> take();
    void begin_close();

    bool is_open() const { return websocket_ && !has_ended_; }
    bool has_ended() const { return has_ended_; }
    bool has_news() const { return has_ended_ || !inbox_.empty(); }
    const std::optional<Error>& error() const { return error_; }
    net::WebSocket& websocket() { return *websocket_; }

private:
    static Awaitable<Result<std::unique_ptr<net::WebSocket>>> open(Session& session);
    static Awaitable<void> receive_all(Session& session);
    static Awaitable<void> wait_for_room(Session& session);
    static void deliver(Session& session, Bytes message);
    static void end(Session& session, std::optional<Error> error);

    boost::asio::io_context& io_;
    net::asio::steady_timer has_room_;
    Session* session_ = nullptr;
    std::unique_ptr<net::WebSocket> websocket_;
    std::deque<Bytes> inbox_;
    std::size_t inbox_bytes_ = 0;
    std::optional<Error> error_;
    bool has_ended_ = false;
};

Awaitable<void> ClientSocket::Impl::run(std::unique_ptr<Session> session) {
    std::string failure;
    try {
        auto opened = co_await open(*session);
        if (session->owner == nullptr) co_return;
        if (!opened) {
            end(*session, std::move(opened).error());
            co_return;
        }
        session->owner->websocket_ = std::move(*opened);
        if (session->events.on_open) session->events.on_open();
        co_await receive_all(*session);
        co_return;
    } catch (const std::exception& exception) {
        failure = exception.what();
    }
    end(*session, Error{Code::internal, "The connection failed: " + failure + "."});
}

Awaitable<Result<std::unique_ptr<net::WebSocket>>> ClientSocket::Impl::open(Session& session) {
    const auto executor = co_await net::asio::this_coro::executor;
    const auto end_time = Clock::now() + session.options.deadline;
    auto stream = co_await net::dial(executor, session.url.place, session.tls.get(),
                                     session.options.deadline);
    if (!stream) co_return std::move(stream).error();
    net::WebSocketOptions options;
    options.message_bytes_max = session.options.message_bytes_max;
    options.idle = session.options.idle;
    options.handshake = std::chrono::duration_cast<Milliseconds>(end_time - Clock::now());
    co_return co_await net::WebSocket::connect(std::move(*stream), to_string(session.url.place),
                                               session.url.target, options);
}

Awaitable<void> ClientSocket::Impl::receive_all(Session& session) {
    while (session.owner != nullptr) {
        auto message = co_await session.owner->websocket_->receive();
        if (session.owner == nullptr) co_return;
        if (!message) {
            end(session, std::move(message).error());
            co_return;
        }
        if (!*message) {
            end(session, verdict_of(session.owner->websocket_->peer_close_code()));
            co_return;
        }
        deliver(session, std::move(**message));
        co_await wait_for_room(session);
    }
}

void ClientSocket::Impl::deliver(Session& session, Bytes message) {
    if (session.events.on_message) {
        session.events.on_message(std::move(message));
        return;
    }
    session.owner->inbox_bytes_ += message.size();
    session.owner->inbox_.push_back(std::move(message));
}

Awaitable<void> ClientSocket::Impl::wait_for_room(Session& session) {
    while (session.owner != nullptr && (session.owner->inbox_bytes_ >= inbox_bytes_max ||
                                        session.owner->inbox_.size() >= inbox_messages_max)) {
        session.owner->has_room_.expires_at(net::asio::steady_timer::time_point::max());
        co_await session.owner->has_room_.async_wait(as_values);
    }
}

void ClientSocket::Impl::end(Session& session, std::optional<Error> error) {
    if (session.owner == nullptr) return;
    session.owner->has_ended_ = true;
    session.owner->error_ = error;
    if (session.events.on_closed) session.events.on_closed(std::move(error));
}

std::optional<Bytes> ClientSocket::Impl::take() {
    if (inbox_.empty()) return std::nullopt;
    Bytes message = std::move(inbox_.front());
    inbox_.pop_front();
    inbox_bytes_ -= message.size();
    has_room_.cancel();
    return message;
}

void ClientSocket::Impl::begin_close() {
    net::asio::co_spawn(io_, websocket_->close(net::CloseCode::normal, {}), net::asio::detached);
}

ClientSocket::ClientSocket(EventLoop& loop)
    : loop_(loop), impl_(std::make_unique<Impl>(loop.context())) {}

ClientSocket::~ClientSocket() = default;

Result<std::unique_ptr<ClientSocket>> ClientSocket::start(EventLoop& loop, const std::string& url,
                                                          const SocketOptions& options,
                                                          SocketEvents events) try {
    TRELLIS_TRY(net::Url place, net::parse_url(url));
    std::unique_ptr<ClientSocket> socket(new ClientSocket(loop));
    auto session = std::make_unique<Impl::Session>(*socket->impl_, std::move(place), options,
                                                   std::move(events));
    if (session->url.is_encrypted) {
        TRELLIS_TRY(session->tls,
                    net::TlsContext::for_client({options.ca_file, options.pinned_sha256}));
    }
    net::asio::co_spawn(loop.context(), Impl::run(std::move(session)), net::asio::detached);
    return socket;
} catch (const std::exception& exception) {
    return Error{Code::internal, std::string("Connecting failed: ") + exception.what() + "."};
}

Result<std::unique_ptr<ClientSocket>> ClientSocket::connect(EventLoop& loop,
                                                            const std::string& url,
                                                            const SocketOptions& options) {
    TRELLIS_TRY(auto socket, start(loop, url, options, {}));
    // The deadline is kept inside: this only ends when it has ended there.
    Impl& impl = *socket->impl_;
    loop.run_until([&impl] { return impl.is_open() || impl.has_ended(); });
    if (impl.is_open()) return socket;
    if (impl.error()) return *impl.error();
    return Error{Code::offline, "The server closed the connection at once."};
}

bool ClientSocket::is_open() const { return impl_->is_open(); }

Result<void> ClientSocket::send(Bytes message) {
    if (!impl_->is_open()) {
        return Error{Code::offline, "There is no connection to the server; sync again later."};
    }
    return impl_->websocket().send(std::move(message));
}

Result<std::optional<Bytes>> ClientSocket::receive(std::chrono::milliseconds time) {
    loop_.run_until([this] { return impl_->has_news(); }, time);
    if (auto message = impl_->take()) return message;
    if (impl_->error()) return *impl_->error();
    if (impl_->has_ended()) return std::optional<Bytes>();
    return Error{Code::timeout, "The server did not answer within " +
                                    std::to_string(time.count()) + " ms."};
}

std::optional<Bytes> ClientSocket::try_receive() {
    loop_.poll();
    return impl_->take();
}

void ClientSocket::close() {
    if (!impl_->is_open()) return;
    impl_->begin_close();
    // Read what still arrives: the server's goodbye stands behind it.
    loop_.run_until(
        [this] {
            while (impl_->take()) continue;
            return impl_->has_ended();
        },
        close_time);
}

}  // namespace trellis::clients
