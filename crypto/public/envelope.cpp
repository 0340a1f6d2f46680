// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/envelope.hpp"

#include "core/base/limits.hpp"
#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"
#include "crypto/primitive/aead.hpp"
#include "crypto/primitive/hash.hpp"
#include "crypto/primitive/pad.hpp"

namespace trellis::crypto {
namespace {

constexpr std::size_t salt_at = envelope_header_size;
constexpr std::size_t clear_size = envelope_header_size + envelope_salt_size;

Result<void> check(const EnvelopeHeader& header) {
    if (header.version != 1 || header.flags != 0) {
        return Error{Code::unsupported, "an envelope was written by a newer version; update"};
    }
    if (header.sealed_size > limits::envelope_sealed_max) {
        return Error{Code::too_large, "an envelope is over the limit"};
    }
    if (header.ops == 0 || header.epoch == 0) {
        return Error{Code::corrupt, "an envelope covers no op, or names no key"};
    }
    const bool has_tag = header.sealed_size > aead_tag_size;
    // Sizes that pad() never makes would tell the relay more than it need know.
    if (!has_tag ||
        padded_size(header.sealed_size - aead_tag_size) + aead_tag_size != header.sealed_size) {
        return Error{Code::corrupt, "an envelope is not padded as it must be"};
    }
    return {};
}

}  // namespace

ActorId actor_id(const SpaceId& space, const DeviceId& device, const Incarnation& incarnation) {
    const auto digest = hash(Label::actor_id, {space.view(), device.view(), incarnation.view()});
    return ActorId::from(digest.view().first(ActorId::size));
}

Result<EnvelopeHeader> parse_envelope(ByteView envelope) {
    ByteReader reader(envelope.first(std::min(envelope.size(), envelope_header_size)));
    EnvelopeHeader header;
    header.version = reader.u8();
    header.flags = reader.u8();
    header.ops = reader.u16();
    header.epoch = reader.u32();
    header.sealed_size = reader.u32();
    TRELLIS_DO(reader.finish("an envelope's header"));
    TRELLIS_DO(check(header));
    if (envelope.size() != envelope_overhead + header.sealed_size) {
        return Error{Code::corrupt, "an envelope is cut short, or has bytes after its end"};
    }
    return header;
}

Result<Counter> last_of(const EnvelopeRun& run) {
    Counter last = run.first - 1;
    for (const auto& envelope : run.envelopes) {
        TRELLIS_TRY(const auto header, parse_envelope(envelope));
        last += header.ops;
    }
    return last;
}

ByteArray<envelope_context_size> envelope_context(const EnvelopePlace& place, ByteView envelope) {
    ByteWriter writer;
    writer.reserve(envelope_context_size);
    writer.raw(place.org.view());
    writer.raw(place.space.view());
    writer.raw(place.actor.view());
    writer.u64(place.first);
    writer.raw(place.previous.view());
    writer.raw(envelope.first(envelope_header_size));
    ByteArray<envelope_context_size> context{};
    std::copy(writer.view().begin(), writer.view().end(), context.begin());
    return context;
}

Digest chain_hash(const EnvelopePlace& place, ByteView envelope) {
    TRELLIS_CHECK(envelope.size() > envelope_overhead);
    const auto sealed = envelope.subspan(salt_at, envelope.size() - salt_at - Signature::size);
    static_assert(clear_size + Signature::size == envelope_overhead);
    const auto content = hash(Label::ct, {sealed});
    return hash(Label::batch, {envelope_context(place, envelope), content.view()});
}

bool verify_envelope(const SignKey& key, const OrgId& org, const Digest& chain, ByteView envelope) {
    if (envelope.size() < Signature::size) return false;
    const auto signature = Signature::from(envelope.last(Signature::size));
    return verify(key, Label::batch_sig, org, chain, signature);
}

}  // namespace trellis::crypto
