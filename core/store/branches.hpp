// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>

#include "core/store/store.hpp"
#include "crypto/public/envelope.hpp"

namespace trellis::core {

/// Branches of chains that have lost their name: a device whose database was copied has signed
/// two histories, and only the one in the relay's log keeps the actor's name. The others are
/// kept, so that nothing anybody wrote is gone.
class Branches {
public:
    struct Kept {
        DeviceId device;
        Incarnation incarnation;
        Counter first = 0;
        Digest chain;  ///< after it
        Bytes envelope;
    };

    explicit Branches(Store& store) : store_(store) {}

    /// True where no more should be taken from elsewhere; what was ours is kept all the same.
    Result<bool> is_full(SpaceIndex space);
    /// In the caller's transaction.
    Result<void> keep(SpaceIndex space, const Kept& kept);
    /// By device, incarnation and counter.
    Result<std::vector<Kept>> load(SpaceIndex space);
    /// Chain hashes of kept envelopes of the actor that end right before `first`.
    Result<std::vector<Digest>> ends_before(const Actor& actor, Counter first);

private:
    Store& store_;
    std::set<SpaceIndex> empty_;  ///< known to keep none, so that nobody looks for each envelope
};

}  // namespace trellis::core
