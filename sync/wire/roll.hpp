// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/cursor.hpp"
#include "crypto/primitive/sign.hpp"
#include "sync/wire/message.hpp"

namespace trellis::sync {

/// The rolling hash of a space's log after the envelope at `position` (the first is 1), whose
/// chain hash is `chain`. Before the first, the head is zeros. Both ends compute it, so that a
/// relay cannot skip, swap or repeat an envelope for one reader alone.
Digest roll(const Digest& previous, std::uint64_t position, const Digest& chain);

/// What a Seen signs.
Digest seen_digest(const SpaceId& space,
                   const LogIncarnation& incarnation,
                   std::uint64_t position,
                   const Digest& head);
crypto::Signature sign_seen(const crypto::SignSecret& secret,
                            const OrgId& org,
                            const SpaceId& space,
                            const Seen& seen);
bool verify_seen(const crypto::SignKey& key,
                 const OrgId& org,
                 const SpaceId& space,
                 const Seen& seen);

}  // namespace trellis::sync
