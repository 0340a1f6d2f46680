// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace trellis::server {

/// Files, signals and the store beside the sockets.
constexpr std::int64_t own_descriptors = 64;

/// Asks the system for as many descriptors as `sockets` take, up to what it lets this process
/// have (getrlimit(2), RLIMIT_NOFILE). Returns for how many sockets there is room now.
std::int64_t make_room_for_sockets(std::int64_t sockets);

}  // namespace trellis::server
