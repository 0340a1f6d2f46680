// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "clients/net/socket.hpp"
#include "crypto/public/handshake.hpp"
#include "crypto/secret/seal.hpp"
#include "sync/wire/message.hpp"
#include "tests/support/organisation.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace trellis::server::test {

/// Alice, over a real socket, saying exactly what a test tells her to. An actor of its own for
/// each object: many of them are many writers of one space.
class ScriptedDevice {
public:
    ScriptedDevice(trellis::test::Organisation& organisation, std::uint8_t life);

    /// Connects and proves who she is; false where the relay or the network refuses.
    bool greet(const std::string& url,
               crypto::ProofKind kind = crypto::ProofKind::device,
               const clients::SocketOptions& options = {});
    void send(const sync::Message& message);
    /// The next message of the relay; nothing once the connection has ended.
    std::optional<sync::Message> receive();
    /// One that is here already; nothing else is waited for.
    std::optional<sync::Message> try_receive();
    /// Skips what is not of this kind.
    template <class T>
    std::optional<T> await() {
        while (auto message = receive()) {
            if (auto* wanted = std::get_if<T>(&*message)) return std::move(*wanted);
        }
        return std::nullopt;
    }

    /// Founds the organisation at a new relay: genesis and the two spaces.
    bool found(const std::string& url);
    /// Opens the space `school`.
    /// Without `follow` it grants no credit and hears of nobody else's work.
    std::optional<sync::Opened> open(const Cursor& from = {}, bool follow = true);
    /// Seals and pushes one run of new envelopes, a body each.
    void push(std::size_t envelopes, std::string_view body = "nothing in particular");
    /// Seals one run and does not push it.
    crypto::EnvelopeRun seal(std::size_t envelopes, std::string_view body);
    Counter sealed() const { return sealed_; }
    clients::ClientSocket* socket() { return socket_.get(); }

private:
    std::optional<sync::Message> read(ByteView frame);

    trellis::test::Organisation& organisation_;
    clients::EventLoop loop_;
    std::unique_ptr<clients::ClientSocket> socket_;
    std::optional<crypto::Channel> channel_;
    crypto::SealKeys seal_keys_;
    Incarnation incarnation_;
    Counter sealed_ = 0;
    Digest chain_;
};

}  // namespace trellis::server::test
