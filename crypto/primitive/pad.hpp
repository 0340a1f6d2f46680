// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace trellis::crypto {

/// Padmé with a floor of limits::pad_floor: the size that `size` bytes are padded to, at most
/// 12 % more above the floor, so that few sizes are ever seen.
std::size_t padded_size(std::size_t size);

/// The bytes, 0x80, then zeros up to padded_size(bytes.size() + 1).
Bytes pad(ByteView bytes);

/// What pad() was given; borrowed. `corrupt` for anything that pad() does not write.
Result<ByteView> unpad(ByteView padded);

}  // namespace trellis::crypto
