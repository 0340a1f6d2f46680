// SPDX-License-Identifier: Apache-2.0
#include "tests/adversary/insider.hpp"

#include <catch2/catch.hpp>

#include "core/codec/compress.hpp"
#include "sync/wire/frame.hpp"

namespace trellis::test {
namespace {

/// Far more than anything here takes: only a test that fails waits for it.
constexpr std::chrono::milliseconds patience{30'000};

template <class T>
T must(Result<T> result) {
    if (!result) FAIL(result.error().message);
    return std::move(*result);
}

class NobodyElse final : public core::ActorLookup {
public:
    const ActorId* find(const RecordId::ActorPrefix& /*prefix*/) const override { return nullptr; }
};

}  // namespace

Insider::Insider(RealDevice& device)
    : key_(device.replica().device_key().clone())
    , membership_(device.replica().membership())
    , env_(device.env) {
    ring_.update(membership_, key_);
}

crypto::Author Insider::author() const {
    return {membership_, ring_, key_, env_.wall_time(), env_};
}

crypto::EntrySigner Insider::signer() const { return {crypto::signer(device()), key_.sign()}; }

core::Body Insider::thing(const SpaceId& space, const Order& order,
                          const std::string& name) const {
    core::Op op;
    op.type = 1;
    op.record = RecordId::dotted({place(space, order).actor, order.first});
    op.action = core::Write{true, {{1, core::Assign{{}, core::Value(name)}}}};
    core::Body body;
    body.changes.push_back({order.first, Stamp{1'780'000'000'000, ClockQuality::plausible}, {op}});
    return body;
}

Insider::Order Insider::fresh() {
    Order order;
    env_.random(order.incarnation.bytes);
    return order;
}

crypto::EnvelopePlace Insider::place(const SpaceId& space, const Order& order) const {
    return {membership_.org(), space, crypto::actor_id(space, device(), order.incarnation),
            order.first, order.previous};
}

Bytes Insider::seal(const SpaceId& space, const core::Body& body, const Order& order) {
    const core::ActorTable table{place(space, order).actor, {}};
    auto whole = body;
    core::introduce_actors(table, NobodyElse(), whole);
    Compressor compressor;
    return seal_bytes(space, compressor.compress(core::encode_body(table, whole)), order);
}

Bytes Insider::seal_bytes(const SpaceId& space, ByteView packed, const Order& order) {
    crypto::SealOrder sealing;
    sealing.place = place(space, order);
    sealing.epoch = order.epoch == 0 ? ring_.newest(space) : order.epoch;
    sealing.ops = order.ops;
    sealing.packed = packed;
    const auto* key = ring_.key(space, sealing.epoch);
    REQUIRE(key != nullptr);
    const auto batch = crypto::batch_key(*key, space, sealing.epoch, sealing.place.actor);
    return must(crypto::seal(sealing, batch, key_, env_));
}

Speaker::Speaker(clients::EventLoop& loop, RealDevice& device, const std::string& url)
    : socket_(must(clients::ClientSocket::connect(loop, url, {}))) {
    crypto::ClientHandshake handshake(device.replica().org(), device.env);
    say_raw(handshake.hello());
    const auto answer = socket_->receive(patience);
    if (!answer || !*answer) return;
    crypto::ProofClaim claim;
    claim.id = crypto::signer(device.replica().device());
    auto proof = handshake.receive_answer(**answer, std::nullopt, claim,
                                          device.replica().device_key().sign());
    if (!proof) return;
    say_raw(*proof);
    channel_.emplace(handshake.take_channel());
    const auto first = hear();
    is_welcome_ = first && std::holds_alternative<sync::Welcome>(*first);
}

void Speaker::say(const sync::Message& message) { say_raw(channel_->seal(encode(message))); }

void Speaker::say_raw(const Bytes& frame) {
    // A connection that has ended says so when it is read.
    static_cast<void>(socket_->send(frame));
}

std::optional<sync::Message> Speaker::hear() {
    const auto frame = socket_->receive(patience);
    if (!frame || !*frame) return std::nullopt;
    return must(sync::decode(must(channel_->open(**frame))));
}

std::optional<sync::Opened> Speaker::open(const SpaceId& space, const Incarnation& own) {
    sync::Open open{};
    open.space = space;
    open.own = own;
    say(open);
    return await<sync::Opened>();
}

}  // namespace trellis::test
