// SPDX-License-Identifier: Apache-2.0
#include "core/net/websocket.hpp"

#include <deque>
#include <exception>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "core/net/websocket_layer.hpp"

namespace trellis::net {
namespace {

namespace beast = boost::beast;

using Wire = beast::websocket::stream<WebSocketLayer, false>;  // false: no compression

constexpr std::size_t held_message_max = 8 * 1024;  ///< larger ones are not worth a copy
constexpr std::size_t held_bytes_max = 64 * 1024;
constexpr std::size_t kept_input_max = 16 * 1024;

/// A silent side is asked after twice before it is given up.
constexpr unsigned ticks_until_timeout = 3;

Error closed_error(std::string_view doing) {
    return Error{Code::offline, std::string(doing) + " failed: the connection is closed."};
}

Error websocket_error(const ErrorCode& error, std::string_view doing) {
    using beast::websocket::error::buffer_overflow;
    using beast::websocket::error::message_too_big;
    const std::string sentence = std::string(doing) + " failed: ";
    if (error == beast::error::timeout) {
        return Error{Code::timeout, sentence + "the other side was silent for too long."};
    }
    if (error == message_too_big || error == buffer_overflow) {
        return Error{Code::too_large, sentence + "the message is over the limit."};
    }
    if (error == asio::error::operation_aborted) return closed_error(doing);
    // A server that died between taking the connection and answering has said nothing wrong.
    using beast::http::error::end_of_stream;
    using beast::http::error::partial_message;
    if (error == end_of_stream || error == partial_message) return closed_error(doing);
    return to_error(error, doing);
}

Error thrown(const std::exception& exception) {
    return Error{Code::internal, std::string("The WebSocket failed: ") + exception.what() + "."};
}

}  // namespace

class WebSocket::Impl : public std::enable_shared_from_this<Impl> {
public:
    Impl(StreamPtr stream, Bytes first_input, WebSocketOptions options)
        : stream_(std::move(stream)),
          wire_(stream_, std::move(first_input)),
          drained_(stream_->executor(), asio::steady_timer::time_point::max()),
          closed_(stream_->executor(), asio::steady_timer::time_point::max()),
          tick_(stream_->executor()),
          options_(options) {
        wire_.binary(true);
        wire_.auto_fragment(false);
        wire_.read_message_max(options_.message_bytes_max);
        wire_.write_buffer_bytes(held_message_max);
        using beast::websocket::stream_base;
        // Beast's own idle clock is set anew, with a system call, at every message.
        wire_.set_option(stream_base::timeout{options_.handshake, stream_base::none(), false});
        stream_->expires_never();
    }

    Awaitable<Result<void>> accept(const std::string& head);
    Awaitable<Result<void>> connect(const std::string& host, const std::string& target);
    Awaitable<Result<std::optional<Bytes>>> receive();
    Result<void> send(Bytes message);
    Awaitable<void> close(CloseCode code, std::string reason);
    void abandon();

    void on_written(std::function<void(std::size_t)> handler) { on_written_ = std::move(handler); }
    void set_message_bytes_max(std::size_t bytes) { wire_.read_message_max(bytes); }
    std::size_t queued_bytes() const { return queued_bytes_; }
    std::uint16_t peer_close_code() const { return wire_.reason().code; }
    Stream& stream() { return *stream_; }

private:
    Awaitable<void> close_once(CloseCode code, std::string reason);
    void start_tick();
    void tick();
    void write_next();
    void written(const ErrorCode& error);
    Bytes take_input();

    StreamPtr stream_;
    Wire wire_;
    beast::flat_buffer input_;
    std::deque<Bytes> queue_;  ///< the first one is being written while is_writing_
    asio::steady_timer drained_;  ///< these two never ring: they are cancelled, which wakes
    asio::steady_timer closed_;
    asio::steady_timer tick_;
    WebSocketOptions options_;
    std::function<void(std::size_t)> on_written_;
    std::size_t queued_bytes_ = 0;
    std::uint64_t reads_seen_ = 0;
    unsigned silent_ticks_ = 0;
    bool is_receiving_ = false;
    bool is_pinging_ = false;
    bool has_timed_out_ = false;
    bool is_writing_ = false;
    bool is_closing_ = false;
    bool is_close_running_ = false;
    bool has_closed_well_ = false;
};

Awaitable<Result<void>> WebSocket::Impl::accept(const std::string& head) {
    beast::http::request_parser<beast::http::empty_body> parser;
    ErrorCode broken;
    parser.put(asio::buffer(head), broken);
    if (broken) co_return to_error(broken, "Reading the request to open a WebSocket");
    const auto [error] = co_await wire_.async_accept(parser.get(), as_values);
    if (error) co_return websocket_error(error, "Opening the WebSocket");
    start_tick();
    co_return Result<void>();
}

Awaitable<Result<void>> WebSocket::Impl::connect(const std::string& host,
                                                 const std::string& target) {
    beast::websocket::response_type response;
    const auto [error] = co_await wire_.async_handshake(response, host, target, as_values);
    if (error == beast::websocket::condition::handshake_failed) {
        co_return Error{Code::denied, "The server at " + host + " answered " +
                                          std::to_string(response.result_int()) +
                                          " and opened no WebSocket; check the address."};
    }
    if (error) co_return websocket_error(error, "Opening the WebSocket to " + host);
    start_tick();
    co_return Result<void>();
}

void WebSocket::Impl::start_tick() {
    tick_.expires_after(options_.idle / ticks_until_timeout);
    tick_.async_wait([weak = weak_from_this()](const ErrorCode& error) {
        const auto self = weak.lock();
        if (!error && self && self->wire_.is_open()) self->tick();
    });
}

void WebSocket::Impl::tick() {
    // Every read that Beast starts means that the one before brought something. Where nobody
    // receives, the silence is ours.
    const std::uint64_t reads = wire_.next_layer().read_count();
    silent_ticks_ = !is_receiving_ || reads != reads_seen_ ? 0 : silent_ticks_ + 1;
    reads_seen_ = reads;
    if (silent_ticks_ == ticks_until_timeout) {
        has_timed_out_ = true;
        stream_->close();
        return;
    }
    if (silent_ticks_ > 0 && !is_pinging_ && !is_closing_) {
        is_pinging_ = true;
        wire_.async_ping({}, [self = shared_from_this()](const ErrorCode& /*reading will tell*/) {
            self->is_pinging_ = false;
        });
    }
    start_tick();
}

Awaitable<Result<std::optional<Bytes>>> WebSocket::Impl::receive() {
    is_receiving_ = true;
    const auto [error, count] = co_await wire_.async_read(input_, as_values);
    is_receiving_ = false;
    if (error == beast::websocket::error::closed) co_return std::optional<Bytes>();
    if (error) {
        // Beast aborts a read when we close ourselves: how that went is the answer.
        if (is_close_running_) co_await closed_.async_wait(as_values);
        if (has_closed_well_) co_return std::optional<Bytes>();
        is_closing_ = true;
        const ErrorCode reason = has_timed_out_ ? ErrorCode(beast::error::timeout) : error;
        co_return websocket_error(reason, "Receiving a message");
    }
    if (wire_.got_text()) {
        co_await close(CloseCode::unsupported, "binary messages only");
        co_return Error{Code::invalid, "The other side sent a text message; ours are binary."};
    }
    co_return std::optional<Bytes>(take_input());
}

Bytes WebSocket::Impl::take_input() {
    const auto data = input_.cdata();
    Bytes message = to_bytes({static_cast<const std::uint8_t*>(data.data()), data.size()});
    input_.consume(message.size());
    // One large message must not keep its memory for the life of the connection.
    if (input_.capacity() > kept_input_max) input_.shrink_to_fit();
    return message;
}

Result<void> WebSocket::Impl::send(Bytes message) {
    if (is_closing_ || !wire_.is_open()) return closed_error("Sending a message");
    if (queued_bytes_ + message.size() > options_.outbound_bytes_max) {
        // What is under way stays: its memory is being read.
        while (queue_.size() > (is_writing_ ? 1U : 0U)) {
            queued_bytes_ -= queue_.back().size();
            queue_.pop_back();
        }
        is_closing_ = true;
        asio::co_spawn(stream_->executor(), close_once(CloseCode::policy, "reads too slowly"),
                       [self = shared_from_this()](const std::exception_ptr& /*closed anyway*/) {
                           self->abandon();
                       });
        return Error{Code::busy, "The other side reads too slowly and is dropped."};
    }
    queued_bytes_ += message.size();
    queue_.push_back(std::move(message));
    if (is_writing_) return {};
    is_writing_ = true;
    // Not at once: what else is sent in this turn leaves in the same write.
    asio::post(stream_->executor(), [self = shared_from_this()] { self->write_next(); });
    return {};
}

void WebSocket::Impl::write_next() {
    if (queue_.empty()) {
        is_writing_ = false;
        drained_.cancel();
        return;
    }
    WebSocketLayer& layer = wire_.next_layer();
    layer.hold(queue_.size() > 1 && queue_.front().size() <= held_message_max &&
               layer.held_bytes() < held_bytes_max);
    wire_.async_write(asio::buffer(queue_.front()),
                      [self = shared_from_this()](const ErrorCode& error, std::size_t /*count*/) {
                          self->written(error);
                      });
}

void WebSocket::Impl::written(const ErrorCode& error) {
    const std::size_t bytes = queue_.front().size();
    queued_bytes_ -= bytes;
    queue_.pop_front();
    if (error) {
        is_closing_ = true;
        queue_.clear();
        queued_bytes_ = 0;
    }
    write_next();
    if (!error && on_written_) on_written_(bytes);
}

Awaitable<void> WebSocket::Impl::close(CloseCode code, std::string reason) {
    if (is_closing_) co_return;
    is_closing_ = true;
    co_await close_once(code, std::move(reason));
}

Awaitable<void> WebSocket::Impl::close_once(CloseCode code, std::string reason) {
    is_close_running_ = true;
    // Covers the queue too, of which Beast knows nothing.
    stream_->expires_after(options_.handshake);
    if (is_writing_) co_await drained_.async_wait(as_values);
    if (wire_.is_open()) {
        wire_.next_layer().hold(false);
        const auto number = static_cast<beast::websocket::close_code>(code);
        const beast::websocket::close_reason full(number, reason.c_str());
        const auto [error] = co_await wire_.async_close(full, as_values);
        has_closed_well_ = !error;
    }
    stream_->close();
    is_close_running_ = false;
    closed_.cancel();
}

void WebSocket::Impl::abandon() {
    is_closing_ = true;
    stream_->close();
}

WebSocket::WebSocket(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

WebSocket::~WebSocket() {
    impl_->on_written({});  // its owner hears nothing after this
    impl_->abandon();
}

Awaitable<WebSocket::Made> WebSocket::accept(StreamPtr stream, UpgradeRequest request,
                                             WebSocketOptions options) try {
    const auto impl = std::make_shared<Impl>(std::move(stream), std::move(request.rest), options);
    if (auto done = co_await impl->accept(request.head); !done) co_return std::move(done).error();
    co_return std::unique_ptr<WebSocket>(new WebSocket(impl));
} catch (const std::exception& exception) {
    co_return thrown(exception);
}

Awaitable<WebSocket::Made> WebSocket::connect(StreamPtr stream, std::string host,
                                              std::string target, WebSocketOptions options) try {
    const auto impl = std::make_shared<Impl>(std::move(stream), Bytes(), options);
    if (auto done = co_await impl->connect(host, target); !done) co_return std::move(done).error();
    co_return std::unique_ptr<WebSocket>(new WebSocket(impl));
} catch (const std::exception& exception) {
    co_return thrown(exception);
}

// What waits holds the connection itself: its owner may let go meanwhile.
Awaitable<Result<std::optional<Bytes>>> WebSocket::receive_on(std::shared_ptr<Impl> impl) try {
    co_return co_await impl->receive();
} catch (const std::exception& exception) {
    co_return thrown(exception);
}

Awaitable<void> WebSocket::close_on(std::shared_ptr<Impl> impl, CloseCode code,
                                    std::string reason) {
    co_await impl->close(code, std::move(reason));
}

Awaitable<Result<std::optional<Bytes>>> WebSocket::receive() { return receive_on(impl_); }

Result<void> WebSocket::send(Bytes message) try {
    return impl_->send(std::move(message));
} catch (const std::exception& exception) {
    return thrown(exception);
}

void WebSocket::on_written(std::function<void(std::size_t)> handler) {
    impl_->on_written(std::move(handler));
}

Awaitable<void> WebSocket::close(CloseCode code, std::string reason) {
    return close_on(impl_, code, std::move(reason));
}

void WebSocket::abandon() { impl_->abandon(); }

void WebSocket::set_message_bytes_max(std::size_t bytes) { impl_->set_message_bytes_max(bytes); }

void WebSocket::admit() { impl_->stream().admit(); }

std::size_t WebSocket::queued_bytes() const { return impl_->queued_bytes(); }

std::uint16_t WebSocket::peer_close_code() const { return impl_->peer_close_code(); }

const std::string& WebSocket::remote_address() const { return impl_->stream().remote_address(); }

}  // namespace trellis::net
