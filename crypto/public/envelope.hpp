// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/dot.hpp"
#include "core/base/result.hpp"
#include "crypto/primitive/sign.hpp"

#include <vector>

namespace trellis::crypto {

/// The clear head of an envelope: 12 bytes, fixed layout (docs/format.md, "Envelope").
struct EnvelopeHeader {
    std::uint8_t version = 1;
    std::uint8_t flags = 0;         ///< none defined yet; others are refused
    std::uint32_t epoch = 0;        ///< of the space's key
    std::uint16_t ops = 0;          ///< counters covered: first .. first + ops - 1
    std::uint32_t sealed_size = 0;  ///< ciphertext with its tag

    bool operator==(const EnvelopeHeader&) const = default;
};

inline constexpr std::size_t envelope_header_size = 12;
inline constexpr std::size_t envelope_salt_size = 16;
inline constexpr std::size_t envelope_overhead = envelope_header_size + envelope_salt_size + 64;

/// Where an envelope stands: nothing of this is inside its bytes, all of it is bound by its
/// hash, its signature and its seal.
struct EnvelopePlace {
    OrgId org;
    SpaceId space;
    ActorId actor;
    Counter first = 0;  ///< counter of the first op inside
    Digest previous;    ///< chain hash of the actor's previous envelope; zeros for the first
};

/// The actor's name in one space (docs/format.md, "Actor").
ActorId actor_id(const SpaceId& space, const DeviceId& device, const Incarnation& incarnation);

/// Parses and checks sizes, version and flags; never the signature. `corrupt`, `unsupported`
/// or `too_large`.
Result<EnvelopeHeader> parse_envelope(ByteView envelope);

/// The place and the envelope's header in one: hashed by chain_hash(), bound by the seal.
/// Requires: envelope.size() >= envelope_header_size.
inline constexpr std::size_t envelope_context_size = 32 + 16 + 16 + 8 + 32 + envelope_header_size;
ByteArray<envelope_context_size> envelope_context(const EnvelopePlace& place, ByteView envelope);

/// The chain hash of this envelope: commits to all of the actor's history up to and with it.
/// Requires: parse_envelope() accepted it.
Digest chain_hash(const EnvelopePlace& place, ByteView envelope);

/// True where the envelope's signature by `key` over `chain` is genuine. In a contiguous run
/// only the last envelope needs checking: its chain hash commits to the others.
bool verify_envelope(const SignKey& key, const OrgId& org, const Digest& chain, ByteView envelope);

/// Consecutive envelopes of one actor, as they are pushed, delivered and bundled.
struct EnvelopeRun {
    DeviceId device;
    Incarnation incarnation;
    Counter first = 0;             ///< counter of the first op in the first envelope
    std::vector<Bytes> envelopes;  ///< never empty
};

/// The last counter that a run covers. As parse_envelope() where one of its envelopes is bad.
Result<Counter> last_of(const EnvelopeRun& run);

}  // namespace trellis::crypto
