// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/membership.hpp"
#include "crypto/secret/device_key.hpp"

namespace trellis::crypto {

/// Who must still sign an entry that was made as a draft, in a sentence; empty: nobody, it can
/// be appended. `conflict` where the log has grown since: it must then be made anew.
Result<std::string> missing_signatures(const Membership& membership, ByteView entry);

/// The entry with this device's signature too. Show the person what it does first: all of it
/// has been checked here, but for whether it is wanted. `denied` where this signature is none
/// of those that are missing, `conflict` where nothing is missing or the log has grown.
Result<Bytes> co_sign(const Membership& membership, ByteView entry, const DeviceKey& device);

}  // namespace trellis::crypto
