// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "core/record/change.hpp"
#include "crypto/public/handshake.hpp"
#include "crypto/secret/author.hpp"
#include "crypto/secret/seal.hpp"
#include "sync/wire/message.hpp"
#include "tests/adversary/real_device.hpp"

namespace trellis::test {

/// A member who runs a modified program: it has everything that its device has, and writes,
/// signs and says whatever a test wants.
class Insider {
public:
    explicit Insider(RealDevice& device);

    /// As `author` of entries on top of the membership log that its device knows.
    [[nodiscard]] crypto::Author author() const;
    [[nodiscard]] crypto::EntrySigner signer() const;
    [[nodiscard]] const crypto::Keyring& keyring() const { return ring_; }

    /// Where an envelope is to stand, and what its header says. Epoch 0: the newest that it has
    /// the key of.
    struct Order {
        Incarnation incarnation;
        Counter first = 1;
        Digest previous;
        std::uint32_t epoch = 0;
        std::uint16_t ops = 1;
    };
    /// A name that nothing was written under before.
    Order fresh();
    /// A body with one new thing of that name, as an honest program would write it.
    core::Body thing(const SpaceId& space, const Order& order, const std::string& name) const;
    Bytes seal(const SpaceId& space, const core::Body& body, const Order& order);
    /// The same around any bytes.
    Bytes seal_bytes(const SpaceId& space, ByteView packed, const Order& order);
    [[nodiscard]] crypto::EnvelopePlace place(const SpaceId& space, const Order& order) const;
    [[nodiscard]] DeviceId device() const { return key_.id(membership_.org()); }
    [[nodiscard]] crypto::EnvelopeRun run(const Order& order, Bytes envelope) const {
        return {device(), order.incarnation, order.first, {std::move(envelope)}};
    }

private:
    crypto::DeviceKey key_;
    crypto::Membership membership_;
    crypto::Keyring ring_;
    clients::ClientEnv& env_;
};

/// A device of the organisation on a real socket, saying what a test tells it to.
class Speaker {
public:
    /// Greets as the device of that key; false in is_welcome() where the server refuses.
    Speaker(clients::EventLoop& loop, RealDevice& device, const std::string& url);

    [[nodiscard]] bool is_welcome() const { return is_welcome_; }
    void say(const sync::Message& message);
    void say_raw(const Bytes& frame);
    /// The next message; nothing once the connection has ended.
    std::optional<sync::Message> hear();
    /// Skips what is not of this kind.
    template <class T>
    std::optional<T> await() {
        while (auto message = hear()) {
            if (auto* wanted = std::get_if<T>(&*message)) return std::move(*wanted);
        }
        return std::nullopt;
    }
    /// Opens a space under that incarnation, without following it.
    std::optional<sync::Opened> open(const SpaceId& space, const Incarnation& own);

private:
    std::unique_ptr<clients::ClientSocket> socket_;
    std::optional<crypto::Channel> channel_;
    bool is_welcome_ = false;
};

}  // namespace trellis::test
