// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "crypto/public/envelope.hpp"
#include "crypto/secret/device_key.hpp"

namespace trellis::test {

/// A device's key, and the chain it writes in one space. Its envelopes are as a relay sees
/// them: nobody could open them.
struct Pen {
    crypto::DeviceKey key;
    DeviceId device;
    OrgId org;
    SpaceId space;
    Incarnation incarnation;
    Counter last = 0;
    Digest chain;

    /// The next envelope of `ops` ops, holding `text`. Stops the program where that fails.
    Bytes write(Env& env,
                std::uint16_t ops = 1,
                std::string_view text = "x",
                std::uint32_t epoch = 1);
    /// The chain again from its beginning, under another incarnation.
    [[nodiscard]] Pen again(std::uint8_t incarnation_fill) const;
    [[nodiscard]] Pen copy() const;
};

}  // namespace trellis::test
