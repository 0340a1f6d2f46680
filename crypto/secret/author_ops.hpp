// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/secret/author.hpp"

namespace trellis::crypto {

/// A Rotate for the epoch `name`, whose key goes to the root and to `readers`, which is sorted.
/// The key before goes along where `previous` is given.
Result<RotateOp> rotation_op(const Author& author,
                             const EpochName& name,
                             const std::vector<DeviceId>& readers,
                             const Key& key,
                             const Key* previous = nullptr);

}  // namespace trellis::crypto
