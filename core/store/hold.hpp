// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/store/store.hpp"
#include "crypto/public/envelope.hpp"

namespace trellis::core {

/// Envelopes that cannot be judged yet: something they depend on has not arrived. They are as
/// durable as all others, and bounded.
class Hold {
public:
    struct Held {
        DeviceId device;
        Incarnation incarnation;
        Counter first = 0;
        Bytes envelope;
        std::string reason;
        Digest chain;  ///< after it; zeros where what comes before is not here
    };

    explicit Hold(Store& store) : store_(store) {}

    /// In the caller's transaction. `too_large` where the space holds too many already.
    Result<void> keep(SpaceIndex space, const Held& held);
    Result<void> drop(SpaceIndex space, const Held& held);
    /// By device, incarnation and counter.
    Result<std::vector<Held>> load(SpaceIndex space);

private:
    Store& store_;
};

}  // namespace trellis::core
