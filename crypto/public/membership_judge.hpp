// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/membership_draft.hpp"

namespace trellis::crypto {

/// One rule for each op: who may say it, when it makes sense, what it does. Used by
/// apply_rules() only.
class MembershipJudge {
public:
    MembershipJudge(const Entry& entry, MembershipDraft& draft) : entry_(entry), draft_(draft) {}

    Result<void> apply(const GenesisOp& op);
    Result<void> apply(const AddDeviceOp& op);
    Result<void> apply(const RevokeDeviceOp& op);
    Result<void> apply(const CreateSpaceOp& op);
    Result<void> apply(const GrantOp& op);
    Result<void> apply(const RevokeGrantOp& op);
    Result<void> apply(const RotateOp& op);
    Result<void> apply(const InviteCreateOp& op);
    Result<void> apply(const InviteRevokeOp& op);
    Result<void> apply(const AdminSetOp& op);
    Result<void> apply(const ServerKeyOp& op);
    Result<void> apply(const NameOp& op);

private:
    [[nodiscard]] bool has_signed(const SignerId& id) const;
    /// Power is what a signer had before this entry: nobody promotes themselves.
    [[nodiscard]] bool has_admin_signed() const;
    [[nodiscard]] bool has_signed_with(const SpaceId& space, std::uint8_t right) const;
    [[nodiscard]] Result<void> need_admin(std::string_view for_what) const;
    /// An admin, and in a compartment one of its stewards too.
    [[nodiscard]] Result<void> need_keeper(const SpaceRecord& space) const;
    [[nodiscard]] Result<const SpaceRecord*> need_space(const SpaceId& id) const;
    [[nodiscard]] Result<const DeviceRecord*> need_active(const DeviceId& id) const;
    [[nodiscard]] bool may_rotate(const SpaceRecord& space) const;
    [[nodiscard]] bool may_name(const NameOp& op) const;
    [[nodiscard]] Result<void> check_new(const DeviceRecord& device) const;
    [[nodiscard]] Result<void> check_grant(const InviteGrant& grant) const;
    [[nodiscard]] Result<void> check_target(const NameOp& op) const;
    Result<void> join(const AddDeviceOp& op, DeviceRecord device);
    Result<void> take_cutoffs(const std::vector<Cutoff>& cutoffs);
    /// Adds rights, or the member with them.
    void give(SpaceRecord& space, const DeviceId& device, std::uint8_t rights) const;
    static void remove(SpaceRecord& space, const DeviceId& device);

    const Entry& entry_;
    MembershipDraft& draft_;
};

}  // namespace trellis::crypto
