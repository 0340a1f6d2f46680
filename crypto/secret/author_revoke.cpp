// SPDX-License-Identifier: Apache-2.0
// Entries that take rights away.
#include "core/base/limits.hpp"
#include "crypto/secret/author_ops.hpp"

namespace trellis::crypto {

Result<Bytes> revoke_device(const Author& author,
                            const DeviceId& device,
                            const std::vector<Cutoff>& cutoffs,
                            std::uint8_t reason) {
    return revoke_devices(author, {{device, cutoffs}}, reason);
}

Result<Bytes> revoke_devices(const Author& author,
                             const std::map<DeviceId, std::vector<Cutoff>>& cutoffs,
                             std::uint8_t reason) {
    if (cutoffs.empty()) return Error{Code::invalid, "name at least one device to take out"};
    if (cutoffs.size() > limits::entry_ops_max) {
        return Error{Code::too_large, "too many devices for one step; remove them in parts"};
    }
    std::vector<MembershipOp> ops;
    Leaving leaving;
    for (const auto& [device, ends] : cutoffs) {
        ops.emplace_back(RevokeDeviceOp{device, reason, ends});
        leave_all(author.membership, device, leaving);
    }
    TRELLIS_DO(add_rotations(author, spaces_in(leaving), leaving, ops));
    return make_entry(author, std::move(ops));
}

Result<Bytes> revoke_user(const Author& author,
                          const UserId& user,
                          const std::map<DeviceId, std::vector<Cutoff>>& cutoffs,
                          std::uint8_t reason) {
    std::map<DeviceId, std::vector<Cutoff>> of_person;
    for (const auto& [id, device] : author.membership.devices()) {
        if (user.is_zero() || device.user != user || !device.is_active) continue;
        const auto said = cutoffs.find(id);
        of_person[id] = said == cutoffs.end() ? std::vector<Cutoff>{} : said->second;
    }
    if (of_person.empty()) return Error{Code::not_found, "that person has no device here"};
    return revoke_devices(author, of_person, reason);
}

// Taking all and giving some back, so that the chain ends where it was looked at; together, so
// that nobody is left with less than was meant.
Result<Bytes> revoke_grant(const Author& author,
                           const DeviceId& device,
                           const SpaceId& space,
                           const std::vector<Cutoff>& cutoffs,
                           std::uint8_t kept) {
    if (author.membership.space(space) == nullptr) {
        return Error{Code::not_found, "there is no such space in this organisation"};
    }
    std::vector<MembershipOp> ops{RevokeGrantOp{device, space, cutoffs}};
    Leaving leaving;
    if (kept == 0) {
        leaving.insert({space, device});
    } else {
        ops.emplace_back(GrantOp{device, space, kept, {}});
    }
    TRELLIS_DO(add_rotations(author, {space}, leaving, ops));
    return make_entry(author, std::move(ops));
}

}  // namespace trellis::crypto
