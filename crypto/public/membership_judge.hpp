// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/membership_draft.hpp"

namespace trellis::crypto {

inline Error denied(std::string_view message) {
    return {Code::denied, std::string(message)};
}
inline Error invalid(std::string_view message) {
    return {Code::invalid, std::string(message)};
}

/// One rule for each op: who may say it, when it makes sense, what it does. Used by
/// apply_rules() only.
class MembershipJudge {
public:
    /// Where `lacking` is given, a signature that others can still add is noted there, in a
    /// sentence, and the entry goes on as if it were there.
    MembershipJudge(const Entry& entry, MembershipDraft& draft, std::vector<std::string>* lacking)
        : entry_(entry), draft_(draft), lacking_(lacking) {}

    /// Before the ops: ends what was lent until a time before the entry's.
    void end_emergencies();
    Result<void> apply(const GenesisOp& op);
    Result<void> apply(const AddDeviceOp& op);
    Result<void> apply(const RevokeDeviceOp& op);
    Result<void> apply(const CreateSpaceOp& op);
    Result<void> apply(const GrantOp& op);
    Result<void> apply(const RevokeGrantOp& op);
    Result<void> apply(const RotateOp& op);
    Result<void> apply(const InviteCreateOp& op);
    Result<void> apply(const InviteKeyOp& op);
    Result<void> apply(const InviteRevokeOp& op);
    Result<void> apply(const PolicySetOp& op);
    Result<void> apply(const AdminSetOp& op);
    Result<void> apply(const RecoverAdminsOp& op);
    Result<void> apply(const RecoveryRekeyOp& op);
    Result<void> apply(const ServerKeyOp& op);
    Result<void> apply(const AdoptOp& op);
    Result<void> apply(const BreakGlassOp& op);
    Result<void> apply(const ComplaintOp& op);
    Result<void> apply(const NameOp& op);
    Result<void> apply(const InboxKeyOp& op);
    Result<void> apply(const InboxCloseOp& op);
    Result<void> apply(const ShredOp& op);

private:
    [[nodiscard]] bool has_signed(const SignerId& id) const;
    [[nodiscard]] Result<void> lack(std::string sentence) const;
    /// Power is what a signer had before this entry: nobody promotes themselves.
    [[nodiscard]] std::size_t count_admins_signed() const;
    [[nodiscard]] bool has_admin_signed() const { return count_admins_signed() != 0; }
    /// The root of before this entry, in one that recovers.
    [[nodiscard]] bool has_root_signed() const;
    /// With a right from before this entry, which this entry has not ended by now: who leaves
    /// does not choose the next key.
    [[nodiscard]] bool has_signed_with(const SpaceId& space, std::uint8_t right) const;
    [[nodiscard]] Result<void> need_admin(std::string_view for_what) const;
    [[nodiscard]] Result<void> need_admins(std::uint64_t count, std::string_view for_what) const;
    /// As many admins as the organisation has decided.
    [[nodiscard]] Result<void> need_quorum(std::string_view for_what) const;
    /// An admin, and in a compartment one of its stewards too.
    [[nodiscard]] Result<void> need_keeper(const SpaceRecord& space) const;
    [[nodiscard]] Result<void> need_steward(const SpaceRecord& space) const;
    [[nodiscard]] bool is_shredded(const SpaceId& space) const {
        return draft_.shredded.find(space) != nullptr;
    }
    /// Ends what others were promised of a space that is over: invites, inboxes, emergencies.
    void end_promises(const SpaceId& space);
    [[nodiscard]] Result<const SpaceRecord*> need_space(const SpaceId& id) const;
    [[nodiscard]] Result<const DeviceRecord*> need_active(const DeviceId& id) const;
    [[nodiscard]] bool may_rotate(const SpaceRecord& space) const;
    [[nodiscard]] bool may_name(const NameOp& op) const;
    [[nodiscard]] Result<void> check_new(const DeviceRecord& device) const;
    [[nodiscard]] Result<void> check_grant(const InviteGrant& grant) const;
    [[nodiscard]] Result<void> check_target(const NameOp& op) const;
    Result<void> join(const AddDeviceOp& op, DeviceRecord device);
    /// Takes everything from a device that leaves.
    Result<void> end_device(const RevokeDeviceOp& op);
    Result<void> take_wraps(const SpaceRecord& space,
                            const DeviceId& device,
                            const std::vector<EpochWrap>& wraps);
    /// Notes that a key is to be made unless the device has the newest.
    void need_newest_wrap(SpaceRecord& space, const DeviceId& device) const;
    [[nodiscard]] Result<void> check_new_inbox(const InboxKeyOp& op, const SpaceRecord& space) const;
    [[nodiscard]] Result<void> check_next_key(const InboxKeyOp& op, const InboxRecord& inbox) const;
    Result<void> take_cutoffs(const DeviceId& device, const std::vector<Cutoff>& cutoffs);
    /// Adds rights, or the member with them.
    void give(SpaceRecord& space, const DeviceId& device, std::uint8_t rights) const;
    /// Takes all rights away, and remembers who could write.
    static void remove(SpaceRecord& space, const DeviceId& device);

    const Entry& entry_;
    MembershipDraft& draft_;
    std::vector<std::string>* lacking_;
};

}  // namespace trellis::crypto
