// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/cursor.hpp"
#include "crypto/primitive/sign.hpp"

/// The arithmetic of a space's log, the same for the relay that keeps it and the devices that
/// check it (docs/protocol.md, "The log").
namespace trellis::crypto {

/// The rolling head after `position`: hash(space-roll, head before, u64 position, chain hash of
/// the envelope at that position).
Digest next_head(const Digest& head, std::uint64_t position, const Digest& chain);

/// What a Seen signature signs, under the label seen-sig.
Digest seen_digest(const SpaceId& space, const Cursor& cursor);

}  // namespace trellis::crypto
