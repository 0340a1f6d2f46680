// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/base/id.hpp"

namespace trellis {

/// A place in a space's log on one life of the relay: `position` envelopes have gone by, and
/// `head` is the rolling hash after them (zeros at position 0).
struct Cursor {
    LogIncarnation incarnation;
    std::uint64_t position = 0;
    Digest head;

    bool operator==(const Cursor&) const = default;
};

/// The first 8 bytes of a hash, where collisions only cost a repair.
using ShortDigest = Id<struct ShortDigestTag, 8>;
inline ShortDigest short_digest(const Digest& digest) {
    return ShortDigest::from(digest.view().first(ShortDigest::size));
}

}  // namespace trellis
