// SPDX-License-Identifier: Apache-2.0
#include "core/net/stream.hpp"

#include <boost/asio/consign.hpp>
#include <boost/asio/write.hpp>

namespace trellis::net {
namespace {

using asio::ip::tcp;

constexpr Milliseconds linger_time{1000};
constexpr std::size_t linger_bytes_max = 256 * 1024;

class PlainStream final : public Stream {
public:
    explicit PlainStream(tcp::socket socket)
        : Stream(socket.get_executor(), net::remote_address(socket)), socket_(std::move(socket)) {}

    Awaitable<Result<void>> handshake() override { co_return Result<void>(); }

    void start_read(ReadBuffers buffers, Handler handler) override {
        socket_.async_read_some(buffers, asio::consign(std::move(handler), shared_from_this()));
    }
    void start_write(WriteBuffers buffers, Handler handler) override {
        asio::async_write(socket_, buffers, asio::consign(std::move(handler), shared_from_this()));
    }
    Awaitable<void> shut_down() override {
        ErrorCode ignored;
        socket_.shutdown(tcp::socket::shutdown_send, ignored);
        co_return;
    }
    void close() override {
        ErrorCode ignored;
        socket_.close(ignored);
    }
    bool is_encrypted() const override { return false; }

private:
    tcp::socket socket_;
};

/// Starts one operation of a stream for a coroutine; a name, as lambdas and coroutines mix
/// badly.
struct StartRead {
    Stream* stream;
    void operator()(auto handler, ReadBuffers buffers) const {
        stream->start_read(buffers, Stream::Handler(std::move(handler)));
    }
};

struct StartWrite {
    Stream* stream;
    void operator()(auto handler, WriteBuffers buffers) const {
        stream->start_write(buffers, Stream::Handler(std::move(handler)));
    }
};

using Signature = void(ErrorCode, std::size_t);
using Token = decltype(as_values);

}  // namespace

Stream::Stream(asio::any_io_executor executor, std::string remote_address)
    : executor_(executor), timer_(executor), remote_address_(std::move(remote_address)) {}

Awaitable<Result<std::size_t>> Stream::read_some(std::span<std::uint8_t> into) {
    ReadBuffers buffers;
    buffers.push_back(asio::buffer(into.data(), into.size()));
    const auto [error, count] = co_await asio::async_initiate<const Token, Signature>(
        StartRead{this}, as_values, buffers);
    if (error == asio::error::eof && !has_expired_) co_return std::size_t{0};
    if (error) co_return failure(error, "Reading from the network");
    co_return count;
}

Awaitable<Result<void>> Stream::write(WriteBuffers buffers) {
    const auto [error, count] = co_await asio::async_initiate<const Token, Signature>(
        StartWrite{this}, as_values, buffers);
    if (error) co_return failure(error, "Writing to the network");
    co_return Result<void>();
}

Awaitable<void> Stream::finish() {
    expires_after(linger_time);
    co_await shut_down();
    std::array<std::uint8_t, 4096> unread{};
    for (std::size_t total = 0; total < linger_bytes_max;) {
        const auto count = co_await read_some(unread);
        if (!count || *count == 0) break;
        total += *count;
    }
    expires_never();
    close();
}

void Stream::expires_after(Milliseconds time) {
    timer_.expires_after(time);
    timer_.async_wait([weak = weak_from_this()](const ErrorCode& error) {
        const auto self = weak.lock();
        if (error || !self) return;
        // A deadline set after this one had already fired.
        if (self->timer_.expiry() > asio::steady_timer::clock_type::now()) return;
        self->has_expired_ = true;
        self->close();
    });
}

void Stream::expires_never() { timer_.expires_at(asio::steady_timer::time_point::max()); }

Error Stream::failure(const ErrorCode& error, std::string_view doing) const {
    if (!has_expired_) return to_error(error, doing);
    return Error{Code::timeout, std::string(doing) + " took too long."};
}

StreamPtr make_plain_stream(tcp::socket socket) {
    return std::make_shared<PlainStream>(std::move(socket));
}

std::string remote_address(const tcp::socket& socket) {
    ErrorCode error;
    const auto endpoint = socket.remote_endpoint(error);
    return error ? std::string() : endpoint.address().to_string();
}

}  // namespace trellis::net
