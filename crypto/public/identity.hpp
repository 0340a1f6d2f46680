// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/id.hpp"
#include "crypto/primitive/box.hpp"
#include "crypto/primitive/sign.hpp"

namespace trellis::crypto {

/// A device's name: derived from the organisation and its two public keys.
DeviceId device_id(const OrgId& org, const SignKey& sign, const BoxKey& box);

/// An invite's name: derived from the two public keys that its secret gives.
InviteId invite_id(const SignKey& sign, const BoxKey& box);

/// What a Rotate says about its key, so that an epoch number names one key for everybody.
Digest epoch_commitment(const OrgId& org,
                        const SpaceId& space,
                        std::uint32_t epoch,
                        const Key& key);

}  // namespace trellis::crypto
