// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"
#include "core/net/asio.hpp"

namespace trellis::net {

class TlsContext;

/// A few pieces of memory in order, borrowed: what one gather write or scatter read takes.
template <class Buffer>
class BufferList {
public:
    using value_type = Buffer;
    using const_iterator = const Buffer*;
    static constexpr std::size_t size_max = 8;

    /// False, and nothing added, where the list is full.
    bool push_back(const Buffer& buffer) {
        if (size_ == size_max) return false;
        buffers_[size_] = buffer;
        ++size_;
        return true;
    }
    std::size_t size() const { return size_; }
    const_iterator begin() const { return buffers_.data(); }
    const_iterator end() const { return buffers_.data() + size_; }

private:
    std::array<Buffer, size_max> buffers_{};
    std::size_t size_ = 0;
};

using ReadBuffers = BufferList<asio::mutable_buffer>;
using WriteBuffers = BufferList<asio::const_buffer>;

/// A connected socket, plain or encrypted: everything above compiles once and does not know
/// which. At most one read and one write are under way at a time. Belongs to the thread that
/// runs its executor; operations under way keep it alive.
class Stream : public std::enable_shared_from_this<Stream> {
public:
    using Handler = asio::any_completion_handler<void(ErrorCode, std::size_t)>;

    Stream(asio::any_io_executor executor, std::string remote_address);
    virtual ~Stream() = default;
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    /// Before the first byte: nothing on a plain socket, the TLS handshake on the other.
    virtual Awaitable<Result<void>> handshake() = 0;

    /// Reads at least one byte, or gives an error; the end is asio::error::eof.
    virtual void start_read(ReadBuffers buffers, Handler handler) = 0;

    /// Writes everything, or gives an error.
    virtual void start_write(WriteBuffers buffers, Handler handler) = 0;

    /// Says to the other side that nothing more will be written.
    virtual Awaitable<void> shut_down() = 0;

    /// At once: whatever is under way fails. May be called twice.
    virtual void close() = 0;
    virtual bool is_encrypted() const = 0;

    /// At least one byte, or 0 at the end.
    Awaitable<Result<std::size_t>> read_some(std::span<std::uint8_t> into);
    Awaitable<Result<void>> write(WriteBuffers buffers);

    /// Lets the other side read what was written, also where it has not finished writing: a
    /// socket closed with unread input takes the last answer back (RST). Bounded in time.
    Awaitable<void> finish();

    /// Closes the stream when the time has passed and nobody has set a new deadline.
    void expires_after(Milliseconds time);
    void expires_never();
    bool has_expired() const { return has_expired_; }

    /// Set once the other side has proven who it is: from then on it is not the one that makes
    /// room for newcomers.
    void admit() { is_admitted_ = true; }
    bool is_admitted() const { return is_admitted_; }

    /// Closed in order to make room.
    void evict() {
        is_evicted_ = true;
        close();
    }
    bool is_evicted() const { return is_evicted_; }

    const std::string& remote_address() const { return remote_address_; }
    asio::any_io_executor executor() const { return executor_; }

protected:
    /// `to_error`, or a timeout where the deadline closed the stream.
    Error failure(const ErrorCode& error, std::string_view doing) const;

private:
    asio::any_io_executor executor_;
    asio::steady_timer timer_;
    std::string remote_address_;
    bool has_expired_ = false;
    bool is_admitted_ = false;
    bool is_evicted_ = false;
};

using StreamPtr = std::shared_ptr<Stream>;

StreamPtr make_plain_stream(asio::ip::tcp::socket socket);

/// `server_name` is whom the certificate must name; it is empty on the server's side.
/// Requires: `context` outlives the stream.
StreamPtr make_tls_stream(asio::ip::tcp::socket socket, TlsContext& context,
                          std::string server_name);

/// "192.0.2.1" or "2001:db8::1"; empty where the socket is no longer connected.
std::string remote_address(const asio::ip::tcp::socket& socket);

}  // namespace trellis::net
