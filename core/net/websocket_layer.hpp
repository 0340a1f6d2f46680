// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <utility>

#include <boost/asio/append.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>

#include "core/net/stream.hpp"

namespace trellis::net {

/// The stream as Beast wants to see it: one type, whatever lies under it, so that its templates
/// are instantiated once. Included by websocket.cpp only. It also gathers: while `hold` is set,
/// what Beast writes waits in memory and leaves together with the next write that is not held.
class WebSocketLayer {
public:
    using executor_type = asio::any_io_executor;

    WebSocketLayer(StreamPtr stream, Bytes first_input)
        : stream_(std::move(stream)), first_input_(std::move(first_input)) {}

    executor_type get_executor() const { return stream_->executor(); }
    Stream& stream() { return *stream_; }
    void hold(bool is_held) { is_held_ = is_held; }
    std::size_t held_bytes() const { return held_.size(); }
    std::uint64_t read_count() const { return read_count_; }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& buffers, Token&& token) {
        return asio::async_initiate<Token, void(ErrorCode, std::size_t)>(StartRead{this}, token,
                                                                         listed(buffers));
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& buffers, Token&& token) {
        return asio::async_initiate<Token, void(ErrorCode, std::size_t)>(
            StartWrite{this}, token, listed<asio::const_buffer>(buffers));
    }

private:
    struct StartRead {
        WebSocketLayer* layer;
        void operator()(auto handler, ReadBuffers buffers) const {
            layer->start_read(buffers, Stream::Handler(std::move(handler)));
        }
    };
    struct StartWrite {
        WebSocketLayer* layer;
        void operator()(auto handler, WriteBuffers buffers) const {
            layer->start_write(buffers, Stream::Handler(std::move(handler)));
        }
    };

    /// Some of the buffers are enough where they do not all fit: reads and writes are of some.
    template <class Buffer = asio::mutable_buffer, class Buffers>
    static BufferList<Buffer> listed(const Buffers& buffers) {
        BufferList<Buffer> list;
        const auto end = asio::buffer_sequence_end(buffers);
        for (auto it = asio::buffer_sequence_begin(buffers); it != end; ++it) {
            // One place stays free for what was held.
            if (list.size() + 1 == list.size_max || !list.push_back(*it)) break;
        }
        return list;
    }

    void complete_later(Stream::Handler handler, std::size_t count) {
        asio::post(stream_->executor(), asio::append(std::move(handler), ErrorCode(), count));
    }

    void start_read(ReadBuffers buffers, Stream::Handler handler) {
        ++read_count_;
        if (first_input_.empty()) {
            stream_->start_read(buffers, std::move(handler));
            return;
        }
        const std::size_t count = asio::buffer_copy(buffers, asio::buffer(first_input_));
        first_input_.erase(first_input_.begin(),
                           first_input_.begin() + static_cast<std::ptrdiff_t>(count));
        complete_later(std::move(handler), count);
    }

    void start_write(WriteBuffers buffers, Stream::Handler handler) {
        const std::size_t count = asio::buffer_size(buffers);
        if (is_held_) {
            for (const auto& buffer : buffers) {
                append(held_, {static_cast<const std::uint8_t*>(buffer.data()), buffer.size()});
            }
            complete_later(std::move(handler), count);
            return;
        }
        if (held_.empty()) {
            stream_->start_write(buffers, std::move(handler));
            return;
        }
        leaving_.swap(held_);
        held_.clear();
        WriteBuffers all;
        all.push_back(asio::buffer(leaving_));
        for (const auto& buffer : buffers) all.push_back(buffer);
        stream_->start_write(all, Gathered{std::move(handler), count});
    }

    /// Beast must hear of its own bytes only.
    struct Gathered {
        Stream::Handler handler;
        std::size_t count;
        void operator()(const ErrorCode& error, std::size_t /*with what was held*/) {
            std::move(handler)(error, error ? 0 : count);
        }
    };

    StreamPtr stream_;
    Bytes first_input_;
    Bytes held_;
    Bytes leaving_;
    std::uint64_t read_count_ = 0;
    bool is_held_ = false;
};

using TeardownHandler = asio::any_completion_handler<void(ErrorCode)>;

struct TornDown {
    asio::any_io_executor executor;
    TeardownHandler handler;
    void operator()(std::exception_ptr /*a closed stream is all we want*/) {
        asio::dispatch(executor, asio::append(std::move(handler), ErrorCode()));
    }
};

inline Awaitable<void> finish(StreamPtr stream) { co_await stream->finish(); }

// Three names that Beast looks up.
template <class Handler>
void async_teardown(boost::beast::role_type /*role*/, WebSocketLayer& layer, Handler&& handler) {
    asio::co_spawn(layer.get_executor(), finish(layer.stream().shared_from_this()),
                   TornDown{layer.get_executor(), TeardownHandler(std::forward<Handler>(handler))});
}

inline void teardown(boost::beast::role_type /*role*/, WebSocketLayer& layer,
                     ErrorCode& /*error*/) {
    layer.stream().close();
}

inline void beast_close_socket(WebSocketLayer& layer) { layer.stream().close(); }

}  // namespace trellis::net
