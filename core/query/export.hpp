// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/replica.hpp"

namespace trellis::core {

/// The whole visible state of a space (or of all, by id) as canonical JSON: records by type and
/// name, deleted ones included, with conflicts and links. Equal for equal states on every
/// machine; nothing of it is local to this device.
Result<Json> export_state(Replica& replica, const std::optional<SpaceId>& space);

/// BLAKE2b-256 of the same text, without holding it whole.
Result<Digest> digest_state(Replica& replica, const std::optional<SpaceId>& space);

}  // namespace trellis::core
