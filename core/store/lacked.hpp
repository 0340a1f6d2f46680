// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/store/store.hpp"
#include "core/syncable.hpp"

namespace trellis::core {

/// Chains of which the relay's log may lack what this device holds: a bundle has brought it, or
/// the relay has asked for it. Whoever wrote it may never hand it in, so this device does, and
/// remembers that it must until the relay has it. Everything that writes does so in the caller's
/// transaction, or in one of its own where there is none.
class Lacked {
public:
    explicit Lacked(Store& store) : store_(store) {}

    /// The log may end at `end.last` of this chain; of two words about one chain the lower stands.
    Result<void> note(SpaceIndex space, const ChainEnd& end);
    /// The relay has this chain up to `end.last`.
    Result<void> settle(const SpaceState& space, const ChainEnd& end);
    /// The relay has these in its log.
    Result<void> follow(const SpaceState& space, const std::vector<crypto::EnvelopeRun>& runs);
    /// The chains of which this device holds more, with where the log may end.
    Result<std::vector<ChainEnd>> load(const SpaceState& space);

private:
    [[nodiscard]] Counter held(const SpaceState& space, const ChainEnd& end) const;
    Result<std::vector<ChainEnd>> noted(SpaceIndex space);

    Store& store_;
};

}  // namespace trellis::core
