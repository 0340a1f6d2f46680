// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace trellis::sync {

/// The version of the frames in frame.hpp. The first bytes of a conversation (the handshake's
/// hello) name the version the device speaks; a relay that does not speak it says so and hangs
/// up, and the device asks its person to update one of the two. A new version is a new codec
/// beside the old one.
inline constexpr std::uint16_t wire_version = 1;
inline constexpr std::uint16_t wire_version_oldest = 1;

constexpr bool speaks(std::uint16_t version) {
    return version >= wire_version_oldest && version <= wire_version;
}

}  // namespace trellis::sync
