// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/envelope.hpp"
#include "crypto/secret/device_key.hpp"

#include <map>
#include <tuple>

namespace trellis::crypto {

/// The key of one actor's envelopes in one epoch of a space.
Key batch_key(const Key& epoch_key,
              const SpaceId& space,
              std::uint32_t epoch,
              const ActorId& actor);

/// Batch keys by (space, epoch, actor), derived once each. Drop it when locking.
class SealKeys {
public:
    /// Borrowed until the next call; `epoch_key` is read only where the key is not here yet.
    const Key& get(const Key& epoch_key,
                   const SpaceId& space,
                   std::uint32_t epoch,
                   const ActorId& actor);
    void clear() { keys_.clear(); }

private:
    static constexpr std::size_t kept_max = 1024;
    std::map<std::tuple<SpaceId, std::uint32_t, ActorId>, Key> keys_;
};

struct SealOrder {
    EnvelopePlace place;
    std::uint32_t epoch = 0;
    std::uint16_t ops = 0;  ///< counters covered, from place.first on
    ByteView packed;        ///< the body, already compressed
};

/// The largest body that seal() takes.
std::size_t sealed_body_max();

/// Pads, encrypts, chains and signs. The nonce is hedged: with a dead random source and a
/// restored database it repeats only for the identical envelope. `too_large` or `invalid`.
Result<Bytes> seal(const SealOrder& order, const Key& batch_key, const DeviceKey& device, Env& env);

/// The packed body of an envelope whose signature was checked (verify_envelope, or the run's).
/// `corrupt`, `unsupported`, `too_large` or `wrong_key`.
Result<Bytes> open(const EnvelopePlace& place, const Key& batch_key, ByteView envelope);

}  // namespace trellis::crypto
