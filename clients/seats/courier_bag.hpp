// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/replica.hpp"

namespace trellis::clients {

/// What the relay has not confirmed of one seat, sealed as it will travel: the installation can
/// hand it in while everybody is locked, without any key to what is inside.
struct CourierBag {
    struct Space {
        SpaceId space;
        Incarnation own;
        Counter stored = 0;  ///< last counter that the relay has confirmed
        std::vector<crypto::EnvelopeRun> runs;
    };
    OrgId org;
    DeviceId device;
    crypto::SignKey relay_key;  ///< zeros: not known yet
    std::string url;
    crypto::Signature bind;     ///< the device's word for the installation
    std::vector<Space> spaces;  ///< those with something to hand in

    [[nodiscard]] std::size_t envelopes() const;
};

/// Packs everything unconfirmed, up to limits::courier_bag_max; what does not fit stays for the
/// seat's own next sync. Requires: the replica belongs to an organisation and was sealed.
Result<CourierBag> pack_bag(core::Replica& replica, const crypto::SignKey& installation);

Bytes to_bytes(const CourierBag& bag);
/// `corrupt`, `too_large` or `unsupported`.
Result<CourierBag> parse_bag(ByteView bytes);

}  // namespace trellis::clients
