// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/bytes.hpp"
#include "core/base/check.hpp"

namespace trellis {

/// A name of N bytes. Ids of different things are different types, and order bytewise.
template <class Tag, std::size_t N>
struct Id {
    static constexpr std::size_t size = N;
    ByteArray<N> bytes{};

    /// Requires: view.size() == N.
    static Id from(ByteView view) {
        TRELLIS_CHECK(view.size() == N);
        Id id;
        std::copy(view.begin(), view.end(), id.bytes.begin());
        return id;
    }
    /// Nothing unless `hex` is exactly 2 N lower-case hexadecimal digits.
    static std::optional<Id> parse(std::string_view hex) {
        const auto decoded = from_hex(hex);
        if (!decoded || decoded->size() != N) return std::nullopt;
        return from(*decoded);
    }
    [[nodiscard]] std::string hex() const { return to_hex(bytes); }
    [[nodiscard]] ByteView view() const { return bytes; }
    [[nodiscard]] bool is_zero() const {
        return std::all_of(bytes.begin(), bytes.end(), [](auto byte) { return byte == 0; });
    }

    bool operator==(const Id&) const = default;
    bool operator<(const Id& other) const {
        return std::memcmp(bytes.data(), other.bytes.data(), N) < 0;
    }
};

using OrgId = Id<struct OrgTag, 32>;        ///< hash of the genesis entry
using DeviceId = Id<struct DeviceTag, 16>;  ///< derived from the device's two public keys
using SpaceId = Id<struct SpaceTag, 16>;    ///< random
using InviteId = Id<struct InviteTag, 16>;  ///< derived from the invite's two public keys
using Digest = Id<struct DigestTag, 32>;    ///< BLAKE2b-256 of something

/// One life of one database on one device in one space: derived from the three.
using ActorId = Id<struct ActorTag, 16>;

/// Changes whenever a database may have been copied or rolled back.
using Incarnation = Id<struct IncarnationTag, 8>;

/// One life of the relay's log of a space: changes when the relay is restored.
using LogIncarnation = Id<struct LogIncarnationTag, 8>;

}  // namespace trellis
