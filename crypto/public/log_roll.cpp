// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/log_roll.hpp"

#include "crypto/primitive/hash.hpp"

namespace trellis::crypto {

Digest next_head(const Digest& head, std::uint64_t position, const Digest& chain) {
    return Hasher(Label::space_roll).add(head.view()).add_u64(position).add(chain.view()).finish();
}

Digest seen_digest(const SpaceId& space, const Cursor& cursor) {
    return Hasher(Label::seen)
        .add(space.view())
        .add(cursor.incarnation.view())
        .add_u64(cursor.position)
        .add(cursor.head.view())
        .finish();
}

}  // namespace trellis::crypto
