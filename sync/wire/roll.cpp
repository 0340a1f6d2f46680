// SPDX-License-Identifier: Apache-2.0
#include "sync/wire/roll.hpp"

#include "crypto/public/log_roll.hpp"

namespace trellis::sync {

Digest roll(const Digest& previous, std::uint64_t position, const Digest& chain) {
    return crypto::next_head(previous, position, chain);
}

Digest seen_digest(const SpaceId& space,
                   const LogIncarnation& incarnation,
                   std::uint64_t position,
                   const Digest& head) {
    return crypto::seen_digest(space, {incarnation, position, head});
}

crypto::Signature sign_seen(const crypto::SignSecret& secret,
                            const OrgId& org,
                            const SpaceId& space,
                            const Seen& seen) {
    return crypto::sign(secret,
                        crypto::Label::seen_sig,
                        org,
                        seen_digest(space, seen.incarnation, seen.position, seen.head));
}

bool verify_seen(const crypto::SignKey& key,
                 const OrgId& org,
                 const SpaceId& space,
                 const Seen& seen) {
    return crypto::verify(key,
                          crypto::Label::seen_sig,
                          org,
                          seen_digest(space, seen.incarnation, seen.position, seen.head),
                          seen.signature);
}

}  // namespace trellis::sync
