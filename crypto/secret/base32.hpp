// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace trellis::crypto {

/// Crockford's base 32, upper case, without padding: fit for QR codes and for typing.
std::string to_base32(ByteView bytes);

/// Takes lower case, reads O as 0 and I and L as 1, skips spaces and hyphens. Nothing where
/// another character stands or the last bits are not zero.
std::optional<Bytes> from_base32(std::string_view text);

}  // namespace trellis::crypto
