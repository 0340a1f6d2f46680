// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/seal.hpp"

#include "core/base/limits.hpp"
#include "core/codec/byte_writer.hpp"
#include "crypto/primitive/aead.hpp"
#include "crypto/primitive/hash.hpp"
#include "crypto/primitive/pad.hpp"
#include "crypto/primitive/sodium.hpp"

namespace trellis::crypto {
namespace {

using Salt = ByteArray<envelope_salt_size>;

Nonce nonce_of(ByteView salt, Counter first) {
    Nonce nonce{};
    std::copy(salt.begin(), salt.end(), nonce.begin());
    for (unsigned i = 0; i < 8; ++i) {
        nonce[envelope_salt_size + i] = static_cast<std::uint8_t>(first >> (8U * i));
    }
    return nonce;
}

// Random bytes alone would repeat with a dead source and a restored database; the place and
// the content are mixed in, so that only the identical envelope can get the same nonce.
Salt hedged_salt(const DeviceKey& device, ByteView context, ByteView padded, Env& env) {
    ByteArray<16> random{};
    env.random(random);
    const auto content = hash(Label::batch_content, {padded});
    return keyed_hash<envelope_salt_size>(
        device.nonce_key(), Label::batch_salt, {random, context, content.view()});
}

Result<void> check(const SealOrder& order) {
    if (order.ops == 0 || order.epoch == 0 || order.place.first == 0) {
        return Error{Code::invalid, "an envelope must cover ops and name a key"};
    }
    if (order.place.first > limits::counter_max - order.ops + 1) {
        return Error{Code::too_large, "this device has written all it can in this space"};
    }
    if (order.packed.size() > sealed_body_max()) {
        return Error{Code::too_large, "a change is too large to be sealed; split it"};
    }
    return {};
}

}  // namespace

Key batch_key(const Key& epoch_key,
              const SpaceId& space,
              std::uint32_t epoch,
              const ActorId& actor) {
    ByteWriter context;
    context.raw(space.view());
    context.u32(epoch);
    context.raw(actor.view());
    return derive(epoch_key, Label::batch_enc, context.view());
}

const Key& SealKeys::get(const Key& epoch_key,
                         const SpaceId& space,
                         std::uint32_t epoch,
                         const ActorId& actor) {
    const std::tuple name{space, epoch, actor};
    auto found = keys_.find(name);
    if (found == keys_.end()) {
        if (keys_.size() >= kept_max) keys_.clear();
        found = keys_.emplace(name, batch_key(epoch_key, space, epoch, actor)).first;
    }
    return found->second;
}

std::size_t sealed_body_max() {
    // The floor of the sizes that pad() makes, so that the padded body and its tag still fit.
    static const std::size_t max = [] {
        auto size = limits::envelope_sealed_max - aead_tag_size;
        while (padded_size(size) > limits::envelope_sealed_max - aead_tag_size)
            --size;
        return size - 1;
    }();
    return max;
}

Result<Bytes> seal(const SealOrder& order,
                   const Key& batch_key,
                   const DeviceKey& device,
                   Env& env) {
    TRELLIS_DO(check(order));
    auto padded = pad(order.packed);
    ByteWriter writer;
    writer.reserve(envelope_overhead + padded.size() + aead_tag_size);
    writer.u8(1);
    writer.u8(0);
    writer.u16(order.ops);
    writer.u32(order.epoch);
    writer.u32(static_cast<std::uint32_t>(padded.size() + aead_tag_size));
    const auto context = envelope_context(order.place, writer.view());
    const auto salt = hedged_salt(device, context, padded, env);
    writer.raw(salt);
    writer.raw(aead_seal(batch_key, nonce_of(salt, order.place.first), context, padded));
    wipe(padded);
    auto envelope = writer.take();
    envelope.resize(envelope.size() + Signature::size);
    const auto chain = chain_hash(order.place, envelope);
    const auto signature = sign(device.sign(), Label::batch_sig, order.place.org, chain);
    std::copy(signature.bytes.begin(),
              signature.bytes.end(),
              envelope.end() - static_cast<std::ptrdiff_t>(Signature::size));
    return envelope;
}

Result<Bytes> open(const EnvelopePlace& place, const Key& batch_key, ByteView envelope) {
    TRELLIS_TRY(const auto header, parse_envelope(envelope));
    const auto context = envelope_context(place, envelope);
    const auto salt = envelope.subspan(envelope_header_size, envelope_salt_size);
    const auto sealed =
        envelope.subspan(envelope_header_size + envelope_salt_size, header.sealed_size);
    TRELLIS_TRY(auto padded, aead_open(batch_key, nonce_of(salt, place.first), context, sealed));
    TRELLIS_TRY(const auto body, unpad(padded));
    padded.resize(body.size());
    return padded;
}

}  // namespace trellis::crypto
