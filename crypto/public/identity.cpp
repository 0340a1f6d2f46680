// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/identity.hpp"

#include "crypto/primitive/hash.hpp"

namespace trellis::crypto {

DeviceId device_id(const OrgId& org, const SignKey& sign, const BoxKey& box) {
    const auto digest = hash(Label::device_id, {org.view(), sign.view(), box.view()});
    return DeviceId::from(digest.view().first(DeviceId::size));
}

InviteId invite_id(const SignKey& sign, const BoxKey& box) {
    const auto digest = hash(Label::invite_id, {sign.view(), box.view()});
    return InviteId::from(digest.view().first(InviteId::size));
}

Digest epoch_commitment(const OrgId& org,
                        const SpaceId& space,
                        std::uint32_t epoch,
                        const Key& key) {
    Hasher hasher(Label::epoch_commit);
    hasher.add(org.view()).add(space.view()).add_u32(epoch).add(key.view());
    return hasher.finish();
}

}  // namespace trellis::crypto
