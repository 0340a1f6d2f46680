// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/limits.hpp"
#include "core/base/result.hpp"
#include "core/net/address.hpp"
#include "core/net/asio.hpp"
#include "core/net/stream.hpp"
#include "core/net/tls.hpp"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace trellis::server {

struct ListenerOptions {
    net::HostPort place{"127.0.0.1", 0};  ///< port 0 picks a free one
    std::size_t sockets_max = limits::sockets_max;
    /// A whole district sits behind one address.
    std::size_t sockets_per_address_max = limits::sockets_per_address_max;
    net::Milliseconds handshake{limits::greeting_ms};  ///< of TLS
};

/// What speaks on a connection whose handshake is done; the connection ends when it returns.
using ConnectionHandler = std::function<net::Awaitable<void>(net::StreamPtr)>;

/// Accepts connections, encrypted ones where it has a TLS context. Where all places are taken,
/// the oldest connection that has not been admitted makes room; where there is none, the
/// newcomer is turned away. Belongs to the thread that runs the io_context.
class Listener {
public:
    /// `tls` may be absent. Accepting begins with the first run of the io_context.
    static Result<std::unique_ptr<Listener>> open(boost::asio::io_context& io,
                                                  const ListenerOptions& options,
                                                  std::unique_ptr<net::TlsContext> tls,
                                                  ConnectionHandler handler);
    /// As close_all().
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    std::uint16_t port() const;
    std::size_t connection_count() const;

    /// Accepts no more; the connections there are go on.
    void stop_accepting();

    /// Also drops every connection, without a word.
    void close_all();

private:
    class Impl;
    explicit Listener(std::shared_ptr<Impl> impl);

    std::shared_ptr<Impl> impl_;
};

}  // namespace trellis::server
