// SPDX-License-Identifier: Apache-2.0
#include "clients/seats/courier_bag.hpp"

#include "core/base/limits.hpp"
#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"
#include "crypto/public/handshake.hpp"

namespace trellis::clients {
namespace {

// version 1 | org 32 | device 16 | relay key 32 | url run | bind 64 | u32 spaces, each: space 16
// | own incarnation 8 | stored 8 | u32 runs, each: first 8 | u32 envelopes, blobs
constexpr std::uint8_t version = 1;
constexpr std::size_t run_size_least = 8 + 4;
constexpr std::size_t space_size_least = SpaceId::size + Incarnation::size + 8 + 4;
constexpr std::size_t envelope_max = limits::envelope_sealed_max + crypto::envelope_overhead;

std::size_t size_of(const std::vector<crypto::EnvelopeRun>& runs) {
    std::size_t size = 0;
    for (const auto& run : runs) {
        for (const auto& envelope : run.envelopes) size += envelope.size() + 4;
    }
    return size;
}

/// A u32 count of things that take at least `least` bytes each.
std::size_t count(ByteReader& in, std::size_t least) {
    const std::size_t value = in.u32();
    if (value <= in.left() / least) return value;
    in.fail();
    return 0;
}

CourierBag::Space read_space(ByteReader& in, const DeviceId& device) {
    CourierBag::Space space;
    space.space = in.id<SpaceId>();
    space.own = in.id<Incarnation>();
    space.stored = in.u64();
    const auto runs = count(in, run_size_least);
    for (std::size_t i = 0; i < runs && !in.failed(); ++i) {
        crypto::EnvelopeRun run{device, space.own, in.u64(), {}};
        const auto envelopes = count(in, 4);
        if (run.first == 0 || run.first > limits::counter_max || envelopes == 0) in.fail();
        for (std::size_t k = 0; k < envelopes && !in.failed(); ++k) {
            run.envelopes.push_back(trellis::to_bytes(in.blob(envelope_max)));
            if (!in.failed() && !crypto::parse_envelope(run.envelopes.back())) in.fail();
        }
        space.runs.push_back(std::move(run));
    }
    return space;
}

}  // namespace

std::size_t CourierBag::envelopes() const {
    std::size_t count = 0;
    for (const auto& space : spaces) {
        for (const auto& run : space.runs) count += run.envelopes.size();
    }
    return count;
}

Result<CourierBag> pack_bag(core::Replica& replica, const crypto::SignKey& installation) {
    CourierBag bag;
    bag.org = replica.org();
    bag.device = replica.device();
    if (const auto key = replica.relay_key()) bag.relay_key = *key;
    bag.url = replica.url();
    bag.bind = crypto::bind_installation(replica.device_key().sign(), bag.org, installation);
    std::size_t room = limits::courier_bag_max / 2;  // headers and the last envelope besides
    for (const auto& each : replica.sync_spaces()) {
        if (each.sealed <= each.stored || room == 0) continue;
        CourierBag::Space space{each.space, each.own, each.stored, {}};
        TRELLIS_TRY(space.runs, replica.outbox(each.space, each.stored, room));
        if (space.runs.empty()) continue;
        room -= std::min(room, size_of(space.runs));
        bag.spaces.push_back(std::move(space));
    }
    return bag;
}

Bytes to_bytes(const CourierBag& bag) {
    ByteWriter out;
    out.u8(version);
    out.raw(bag.org.view());
    out.raw(bag.device.view());
    out.raw(bag.relay_key.view());
    out.run(as_bytes(bag.url));
    out.raw(bag.bind.view());
    out.u32(static_cast<std::uint32_t>(bag.spaces.size()));
    for (const auto& space : bag.spaces) {
        out.raw(space.space.view());
        out.raw(space.own.view());
        out.u64(space.stored);
        out.u32(static_cast<std::uint32_t>(space.runs.size()));
        for (const auto& run : space.runs) {
            out.u64(run.first);
            out.u32(static_cast<std::uint32_t>(run.envelopes.size()));
            for (const auto& envelope : run.envelopes) out.blob(envelope);
        }
    }
    return out.take();
}

Result<CourierBag> parse_bag(ByteView bytes) {
    if (bytes.size() > limits::courier_bag_max) {
        return Error{Code::too_large, "a courier's bag is over the limit"};
    }
    ByteReader in(bytes);
    if (in.u8() != version) {
        return Error{Code::unsupported, "a courier's bag was packed by another version"};
    }
    CourierBag bag;
    bag.org = in.id<OrgId>();
    bag.device = in.id<DeviceId>();
    bag.relay_key = in.id<crypto::SignKey>();
    bag.url = as_text(in.run(crypto::invite_url_max));
    bag.bind = in.id<crypto::Signature>();
    const auto spaces = count(in, space_size_least);
    for (std::size_t i = 0; i < spaces && !in.failed(); ++i) {
        bag.spaces.push_back(read_space(in, bag.device));
    }
    TRELLIS_DO(in.finish("a courier's bag"));
    return bag;
}

}  // namespace trellis::clients
