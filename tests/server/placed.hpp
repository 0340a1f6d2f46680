// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/log_roll.hpp"
#include "sync/relay/action.hpp"

#include <map>
#include <utility>
#include <vector>

/// Envelopes as a relay places them, for a store that does not look inside.
namespace trellis::server::test {

template <class IdType>
IdType id_of(std::uint8_t fill) {
    IdType id;
    id.bytes.fill(fill);
    return id;
}

inline Bytes filled(std::size_t size, std::uint8_t fill) {
    return Bytes(size, fill);
}

/// One space's log as it grows: next() gives what a relay would ask the store to append.
class PlacedLog {
public:
    PlacedLog(const OrgId& org, const SpaceId& space, const LogIncarnation& incarnation)
        : org_(org), space_(space), incarnation_(incarnation) {}

    /// One envelope of each of these devices, in this order.
    sync::SpaceAppend next(const std::vector<std::uint8_t>& devices, std::size_t size = 200) {
        sync::SpaceAppend append{org_, space_, incarnation_, position_, {}};
        for (const std::uint8_t device : devices)
            append.envelopes.push_back(place(device, size));
        return append;
    }

    const Digest& head() const { return head_; }
    std::uint64_t position() const { return position_; }
    const std::vector<sync::PlacedEnvelope>& all() const { return all_; }

private:
    sync::PlacedEnvelope place(std::uint8_t device, std::size_t size) {
        sync::PlacedEnvelope placed;
        placed.device = id_of<DeviceId>(device);
        placed.incarnation = id_of<Incarnation>(device);
        placed.first = last_[device] + 1;
        placed.last = placed.first + 2;
        last_[device] = placed.last;
        placed.epoch = 1;
        placed.position = ++position_;
        placed.envelope = filled(size, static_cast<std::uint8_t>(position_));
        // Any 32 bytes that differ will do.
        placed.chain = crypto::next_head({}, position_, id_of<Digest>(device));
        head_ = crypto::next_head(head_, position_, placed.chain);
        placed.head = head_;
        all_.push_back(placed);
        return placed;
    }

    OrgId org_;
    SpaceId space_;
    LogIncarnation incarnation_;
    std::uint64_t position_ = 0;
    Digest head_;
    std::map<std::uint8_t, Counter> last_;
    std::vector<sync::PlacedEnvelope> all_;
};

}  // namespace trellis::server::test
