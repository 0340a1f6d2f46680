// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/store/store.hpp"
#include "core/syncable.hpp"

namespace trellis::core {

/// Chains of which the relay's log may lack what this device holds: a bundle has brought it, or
/// the relay has asked for it. Whoever wrote it may never hand it in, so this device does, and
/// remembers that it must until the log itself has brought it. Everything that writes does so in
/// the caller's transaction.
class Lacked {
public:
    explicit Lacked(Store& store) : store_(store) {}

    /// The log may end at `end.last` of this chain; of two words about one chain the lower stands.
    Result<void> note(SpaceIndex space, const ChainEnd& end);
    /// The relay has these in its log.
    Result<void> follow(SpaceIndex space, const std::vector<crypto::EnvelopeRun>& runs);
    /// The relay will never take more of this chain.
    Result<void> forget(SpaceIndex space, const DeviceId& device, const Incarnation& incarnation);
    /// The chains of which this device holds more, with where the log may end.
    Result<std::vector<ChainEnd>> load(const SpaceState& space);

private:
    [[nodiscard]] Counter held(const SpaceState& space, const ChainEnd& end) const;
    Result<std::vector<ChainEnd>> noted(SpaceIndex space);

    Store& store_;
};

}  // namespace trellis::core
