// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.hpp"

namespace trellis::crypto {

/// Starts libsodium once; stops the program where it cannot be started. Every primitive calls
/// it, so nobody else must.
void ensure_sodium();

/// Compares without telling by its time where the difference is. Sizes are not secret.
bool equal_in_constant_time(ByteView a, ByteView b);

/// Overwrites bytes in a way that no compiler leaves out.
void wipe(std::span<std::uint8_t> bytes);

}  // namespace trellis::crypto
