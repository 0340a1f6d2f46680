// SPDX-License-Identifier: Apache-2.0
// Entries that take rights away.
#include "core/base/limits.hpp"
#include "crypto/secret/author_ops.hpp"

namespace trellis::crypto {

Result<Bytes> revoke_device(const Author& author,
                            const DeviceId& device,
                            const std::vector<Cutoff>& cutoffs,
                            std::uint8_t reason) {
    std::vector<MembershipOp> ops{RevokeDeviceOp{device, reason, cutoffs}};
    Leaving leaving;
    leave_all(author.membership, device, leaving);
    TRELLIS_DO(add_rotations(author, spaces_in(leaving), leaving, ops));
    return make_entry(author, std::move(ops));
}

Result<Bytes> revoke_user(const Author& author,
                          const UserId& user,
                          const std::map<DeviceId, std::vector<Cutoff>>& cutoffs,
                          std::uint8_t reason) {
    std::vector<MembershipOp> ops;
    Leaving leaving;
    for (const auto& [id, device] : author.membership.devices()) {
        if (user.is_zero() || device.user != user || !device.is_active) continue;
        const auto said = cutoffs.find(id);
        const auto end = said == cutoffs.end() ? std::vector<Cutoff>{} : said->second;
        ops.emplace_back(RevokeDeviceOp{id, reason, end});
        leave_all(author.membership, id, leaving);
    }
    if (ops.empty()) return Error{Code::not_found, "that person has no device here"};
    if (ops.size() > limits::entry_ops_max) {
        return Error{Code::too_large, "that person has too many devices; remove some one by one"};
    }
    TRELLIS_DO(add_rotations(author, spaces_in(leaving), leaving, ops));
    return make_entry(author, std::move(ops));
}

Result<Bytes> revoke_grant(const Author& author,
                           const DeviceId& device,
                           const SpaceId& space,
                           const std::vector<Cutoff>& cutoffs) {
    if (author.membership.space(space) == nullptr) {
        return Error{Code::not_found, "there is no such space in this organisation"};
    }
    std::vector<MembershipOp> ops{RevokeGrantOp{device, space, cutoffs}};
    TRELLIS_DO(add_rotations(author, {space}, {{space, device}}, ops));
    return make_entry(author, std::move(ops));
}

}  // namespace trellis::crypto
