// SPDX-License-Identifier: Apache-2.0
#include "tests/server/scripted_device.hpp"

#include "core/base/check.hpp"
#include "sync/wire/frame.hpp"

namespace trellis::server::test {
namespace {

/// Far more than anything here takes: only a test that fails waits for it.
constexpr std::chrono::milliseconds patience{60'000};

}  // namespace

ScriptedDevice::ScriptedDevice(trellis::test::Organisation& organisation, std::uint8_t life)
    : organisation_(organisation) {
    incarnation_.bytes.fill(life);
}

bool ScriptedDevice::greet(const std::string& url,
                           crypto::ProofKind kind,
                           const clients::SocketOptions& options) {
    auto connected = clients::ClientSocket::connect(loop_, url, options);
    if (!connected) return false;
    socket_ = std::move(*connected);
    crypto::ClientHandshake handshake(organisation_.org(), organisation_.env);
    if (!socket_->send(handshake.hello())) return false;
    const auto answer = socket_->receive(patience);
    if (!answer || !*answer) return false;
    crypto::ProofClaim claim;
    claim.kind = kind;
    claim.id = organisation_.signer(organisation_.alice);
    if (kind == crypto::ProofKind::founder) claim.sign_key = organisation_.alice.key.sign().key();
    auto proof =
        handshake.receive_answer(**answer, std::nullopt, claim, organisation_.alice.key.sign());
    if (!proof || !socket_->send(std::move(*proof))) return false;
    channel_.emplace(handshake.take_channel());
    const auto first = receive();
    return first && std::holds_alternative<sync::Welcome>(*first);
}

void ScriptedDevice::send(const sync::Message& message) {
    // A connection that has ended says so when it is read.
    static_cast<void>(socket_->send(channel_->seal(sync::encode(message))));
}

std::optional<sync::Message> ScriptedDevice::receive() {
    const auto frame = socket_->receive(patience);
    if (!frame || !*frame) return std::nullopt;
    return read(**frame);
}

std::optional<sync::Message> ScriptedDevice::try_receive() {
    const auto frame = socket_->try_receive();
    if (!frame) return std::nullopt;
    return read(*frame);
}

std::optional<sync::Message> ScriptedDevice::read(ByteView frame) {
    const auto opened = channel_->open(frame);
    TRELLIS_CHECK(opened.has_value());
    auto message = sync::decode(*opened);
    TRELLIS_CHECK(message.has_value());
    return std::move(*message);
}

bool ScriptedDevice::found(const std::string& url) {
    if (!greet(url, crypto::ProofKind::founder)) return false;
    for (std::size_t entry = 0; entry < 3; ++entry) {
        send(sync::PutEntry{organisation_.log.at(entry)});
        const auto answer = await<sync::EntryAnswer>();
        if (!answer || !answer->accepted) return false;
        // The founder is a device like others from here on.
        if (entry == 0 && !greet(url)) return false;
    }
    return true;
}

std::optional<sync::Opened> ScriptedDevice::open(const Cursor& from, bool follow) {
    if (follow) send(sync::Credit{limits::credit_default});
    sync::Open open;
    open.space = organisation_.school;
    open.incarnation = from.incarnation;
    open.position = from.position;
    open.head = short_digest(from.head);
    open.own = incarnation_;
    open.follow = follow;
    send(open);
    return await<sync::Opened>();
}

crypto::EnvelopeRun ScriptedDevice::seal(std::size_t envelopes, std::string_view body) {
    constexpr std::uint32_t first_epoch = 1;
    const auto device = organisation_.id(organisation_.alice);
    const auto* const key = organisation_.alice.ring.key(organisation_.school, first_epoch);
    TRELLIS_CHECK(key != nullptr);
    crypto::SealOrder order;
    order.place.org = organisation_.org();
    order.place.space = organisation_.school;
    order.place.actor = crypto::actor_id(organisation_.school, device, incarnation_);
    order.epoch = first_epoch;
    order.ops = 1;
    order.packed = as_bytes(body);
    const auto& batch_key =
        seal_keys_.get(*key, organisation_.school, first_epoch, order.place.actor);
    crypto::EnvelopeRun run;
    run.first = sealed_ + 1;
    for (std::size_t count = 0; count < envelopes; ++count) {
        order.place.first = ++sealed_;
        order.place.previous = chain_;
        auto sealed = crypto::seal(order, batch_key, organisation_.alice.key, organisation_.env);
        TRELLIS_CHECK(sealed.has_value());
        chain_ = crypto::chain_hash(order.place, *sealed);
        run.envelopes.push_back(std::move(*sealed));
    }
    return run;
}

void ScriptedDevice::push(std::size_t envelopes, std::string_view body) {
    sync::Push push;
    push.runs.push_back(seal(envelopes, body));
    send(push);
}

}  // namespace trellis::server::test
