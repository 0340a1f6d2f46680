// SPDX-License-Identifier: Apache-2.0
// The rules about devices, invites and names; membership_judge_space.cpp has those about spaces
// and their keys, membership_judge_trust.cpp those about who decides.
#include "crypto/public/membership_judge.hpp"

#include "core/base/limits.hpp"
#include "crypto/public/identity.hpp"

#include <algorithm>

namespace trellis::crypto {
namespace {

constexpr std::size_t name_step = 64;
constexpr std::size_t name_overhead = 24 + 16;

template <class IdType>
bool is_zero_after(const TargetId& target) {
    return std::all_of(target.bytes.begin() + IdType::size, target.bytes.end(), [](auto byte) {
        return byte == 0;
    });
}

template <class IdType>
IdType id_in(const TargetId& target) {
    return IdType::from(target.view().first(IdType::size));
}

}  // namespace

bool MembershipJudge::has_signed(const SignerId& id) const {
    return std::any_of(entry_.signatures.begin(),
                       entry_.signatures.end(),
                       [&id](const auto& signature) { return signature.signer == id; });
}

Result<const DeviceRecord*> MembershipJudge::need_active(const DeviceId& id) const {
    const auto* device = draft_.devices.find(id);
    if (device != nullptr && device->is_active) return device;
    return invalid("it names a device that does not belong to the organisation");
}

Result<void> MembershipJudge::check_new(const DeviceRecord& device) const {
    if (draft_.devices.find(device.id) != nullptr) {
        return invalid("that device belongs, or belonged, already; join with a new key");
    }
    if ((device.role & ~roles_known) != 0) {
        return Error{Code::unsupported, "it gives a role that this version does not know; update"};
    }
    return {};
}

Result<void> MembershipJudge::apply(const GenesisOp& op) {
    if (entry_.index != 0 || !draft_.org.is_zero()) {
        return invalid("an organisation is founded once, by its first entry");
    }
    if (op.recovery_needed == 0 || op.recovery_needed > op.recovery_sheets) {
        return invalid("it asks for more recovery sheets than there are");
    }
    draft_.org = entry_.org;
    draft_.server_key = op.server_key;
    draft_.root_sign = op.root_sign;
    draft_.root_box = op.root_box;
    draft_.recovery_needed = op.recovery_needed;
    draft_.recovery_sheets = op.recovery_sheets;
    DeviceRecord device;
    device.id = device_id(entry_.org, op.device_sign, op.device_box);
    device.user = op.user;
    device.sign = op.device_sign;
    device.box = op.device_box;
    device.kind = op.device_kind;
    device.role = role_admin;
    if (!has_signed(signer(device.id))) return denied("the first device has not signed");
    draft_.devices.put(device.id, device);
    return {};
}

Result<void> MembershipJudge::apply(const AddDeviceOp& op) {
    DeviceRecord device;
    device.id = device_id(draft_.org, op.sign, op.box);
    device.user = op.user;
    device.sign = op.sign;
    device.box = op.box;
    device.kind = op.device_kind;
    device.role = op.role;
    device.invite = op.invite;
    device.added_at = entry_.index;
    TRELLIS_DO(check_new(device));
    if (!op.invite.is_zero()) return join(op, std::move(device));
    const bool is_admin = (op.role & role_admin) != 0;
    TRELLIS_DO(is_admin ? need_quorum("add an admin") : need_admin("add a device"));
    if (!op.wraps.empty()) return invalid("keys for a new device come with a grant");
    draft_.devices.put(device.id, std::move(device));
    return {};
}

Result<void> MembershipJudge::join(const AddDeviceOp& op, DeviceRecord device) {
    const auto* invite = draft_.invites.find(op.invite);
    if (invite == nullptr) return invalid("there is no such invite; ask for a new one");
    if (invite->is_spent) {
        return denied("the invite was used already; if not by you, tell an admin at once");
    }
    if (invite->is_revoked) return denied("the invite was taken back; ask for a new one");
    if (entry_.time > invite->expiry) return denied("the invite has expired; ask for a new one");
    if (!has_signed(signer(op.invite)) || !has_signed(signer(device.id))) {
        return denied("both the invite and the new device must sign a join");
    }
    if (op.role != invite->role) return denied("the invite is for another role");
    // Whoever joins is a new person: a person's devices may remove each other.
    for (const auto& id : draft_.devices.names()) {
        if (!op.user.is_zero() && draft_.devices.find(id)->user == op.user) {
            return denied("a join cannot pass for somebody who belongs already");
        }
    }
    auto wrap = op.wraps.begin();
    for (const auto& grant : invite->grants) {
        auto& space = draft_.spaces.edit(grant.space);
        if (space.members.size() >= limits::wraps_max) return invalid("a space is full");
        give(space, device.id, grant.rights);
        // The invite's secret was known to more than the joiner; a new key ends that.
        space.is_rotation_due = true;
        if (grant.epoch == 0) continue;
        if (wrap == op.wraps.end() || wrap->space != grant.space || wrap->epoch != grant.epoch) {
            return invalid("it does not pass on exactly the keys of the invite");
        }
        draft_.wraps.put({device.id, grant.space, grant.epoch}, wrap->sealed);
        ++wrap;
    }
    if (wrap != op.wraps.end()) return invalid("it passes on keys that the invite does not have");
    draft_.invites.edit(op.invite).is_spent = true;
    draft_.devices.put(device.id, std::move(device));
    return {};
}

Result<void> MembershipJudge::apply(const RevokeDeviceOp& op) {
    TRELLIS_TRY(const auto* device, need_active(op.device));
    const bool is_own =
        !device->user.is_zero() &&
        std::any_of(entry_.signatures.begin(), entry_.signatures.end(), [&](const auto& signature) {
            const auto found = draft_.base.devices.find(DeviceId{signature.signer.bytes});
            return found != draft_.base.devices.end() && found->first != op.device &&
                   found->second.user == device->user;
        });
    if (!is_own) TRELLIS_DO(need_admin("remove a device"));
    return end_device(op);
}

Result<void> MembershipJudge::end_device(const RevokeDeviceOp& op) {
    if (op.reason > removed_lost) {
        return Error{Code::unsupported,
                     "it gives a reason that this version does not know; update"};
    }
    auto& removed = draft_.devices.edit(op.device);
    removed.is_active = false;
    removed.removed_at = entry_.index;
    removed.removal_reason = op.reason;
    if (draft_.count_admins() == 0) {
        return denied("the last admin cannot be removed; make another first");
    }
    for (const auto& id : draft_.spaces.names()) {
        if (draft_.spaces.find(id)->rights(op.device) == 0) continue;
        auto& space = draft_.spaces.edit(id);
        remove(space, op.device);
        space.is_rotation_due = true;
    }
    for (const auto& id : draft_.invites.names()) {
        const auto* invite = draft_.invites.find(id);
        if (invite->creator == op.device && invite->is_open()) {
            draft_.invites.edit(id).is_revoked = true;
        }
    }
    return take_cutoffs(op.device, op.cutoffs);
}

Result<void> MembershipJudge::take_cutoffs(const DeviceId& device,
                                           const std::vector<Cutoff>& cutoffs) {
    for (std::size_t i = 0; i < cutoffs.size(); ++i) {
        const std::pair name{cutoffs[i].space, cutoffs[i].actor};
        if (i > 0 && !(std::pair{cutoffs[i - 1].space, cutoffs[i - 1].actor} < name)) {
            return invalid("its list of where work ends is not in order");
        }
        if (draft_.spaces.find(cutoffs[i].space) == nullptr ||
            cutoffs[i].counter > limits::counter_max) {
            return invalid("it says where work ends in a way that makes no sense");
        }
        // What was said first holds: a later word neither lengthens nor shortens a chain.
        const CutoffName bound{cutoffs[i].space, cutoffs[i].actor, device};
        if (draft_.cutoffs.find(bound) == nullptr) draft_.cutoffs.put(bound, cutoffs[i]);
    }
    return {};
}

Result<void> MembershipJudge::check_grant(const InviteGrant& grant) const {
    TRELLIS_TRY(const auto* space, need_space(grant.space));
    if (space->space_class != SpaceClass::general) {
        return denied("an invite cannot open a compartment; let them join, then grant it");
    }
    if (!is_right(grant.rights)) return invalid("an invite must at least let its holder read");
    const bool has_key = grant.epoch != 0;
    if (has_key ? grant.epoch != space->epoch : !grant.sealed.is_zero()) {
        return Error{Code::conflict, "an invite carries a key that is not the newest; try again"};
    }
    return {};
}

Result<void> MembershipJudge::apply(const InviteCreateOp& op) {
    TRELLIS_DO(need_admin("invite"));
    if (invite_id(op.sign, op.box) != op.invite || draft_.invites.find(op.invite) != nullptr ||
        op.invite.is_zero()) {
        return invalid("the invite's name is not that of its keys, or was used before");
    }
    if ((op.role & ~roles_known) != 0) {
        return Error{Code::unsupported, "it gives a role that this version does not know; update"};
    }
    if ((op.role & role_admin) != 0) {
        return denied("an invite cannot make an admin; let them join, then make them one");
    }
    if (op.expiry <= entry_.time || op.expiry - entry_.time > limits::invite_life_max_ms) {
        return invalid("an invite must expire, within seven days");
    }
    if (op.grants.size() > limits::invite_spaces_max) {
        return Error{Code::too_large, "an invite names too many spaces"};
    }
    for (std::size_t i = 0; i < op.grants.size(); ++i) {
        if (i > 0 && !(op.grants[i - 1].space < op.grants[i].space)) {
            return invalid("the spaces of an invite are not in order");
        }
        TRELLIS_DO(check_grant(op.grants[i]));
    }
    InviteRecord invite;
    invite.id = op.invite;
    invite.sign = op.sign;
    invite.box = op.box;
    invite.role = op.role;
    invite.expiry = op.expiry;
    invite.creator = DeviceId{entry_.author.bytes};
    invite.grants = op.grants;
    draft_.invites.put(op.invite, std::move(invite));
    return {};
}

Result<void> MembershipJudge::apply(const InviteKeyOp& op) {
    const auto* invite = draft_.invites.find(op.invite);
    if (invite == nullptr || !invite->is_open()) return invalid("there is no such open invite");
    TRELLIS_TRY(const auto* space, need_space(op.space));
    if (!has_signed_with(op.space, right_read)) {
        return denied("only a reader of a space has its key to give to an invite");
    }
    if (op.epoch == 0 || op.epoch != space->epoch) {
        return Error{Code::conflict, "an invite is given a key that is not the newest; try again"};
    }
    auto& grants = draft_.invites.edit(op.invite).grants;
    const auto grant = std::find_if(grants.begin(), grants.end(), [&op](const auto& each) {
        return each.space == op.space;
    });
    if (grant == grants.end()) return invalid("that invite is not for the space");
    grant->epoch = op.epoch;
    grant->sealed = op.sealed;
    return {};
}

Result<void> MembershipJudge::apply(const InviteRevokeOp& op) {
    TRELLIS_DO(need_admin("take back an invite"));
    const auto* invite = draft_.invites.find(op.invite);
    if (invite == nullptr || !invite->is_open()) {
        return invalid("there is no such invite, or it was used already");
    }
    draft_.invites.edit(op.invite).is_revoked = true;
    return {};
}

bool MembershipJudge::may_name(const NameOp& op) const {
    if (has_admin_signed()) return true;
    if (op.name_kind == NameKind::device) return has_signed(signer(id_in<DeviceId>(op.target)));
    return op.name_kind == NameKind::space &&
           has_signed_with(id_in<SpaceId>(op.target), right_steward);
}

Result<void> MembershipJudge::check_target(const NameOp& op) const {
    auto key_space = draft_.directory;
    bool is_known = false;
    switch (op.name_kind) {
        case NameKind::org:
            is_known = op.target == name_target(draft_.org);
            break;
        case NameKind::space:
            key_space = id_in<SpaceId>(op.target);
            is_known =
                is_zero_after<SpaceId>(op.target) && draft_.spaces.find(key_space) != nullptr;
            break;
        case NameKind::device:
            is_known = is_zero_after<DeviceId>(op.target) &&
                       draft_.devices.find(id_in<DeviceId>(op.target)) != nullptr;
            break;
    }
    if (!is_known) return invalid("it names something that is not there");
    if (op.name_kind == NameKind::space) {
        TRELLIS_TRY(const auto* named, need_space(key_space));
        static_cast<void>(named);
    }
    if (op.key_space != key_space || op.epoch == 0 ||
        op.epoch > draft_.spaces.find(key_space)->epoch) {
        return invalid("a name is sealed under a key that is not meant for it");
    }
    return {};
}

Result<void> MembershipJudge::apply(const NameOp& op) {
    TRELLIS_DO(check_target(op));
    if (!may_name(op)) return denied("only an admin, or the device itself, may give that name");
    const bool is_padded = op.sealed.size() > name_overhead &&
                           op.sealed.size() <= name_sealed_max &&
                           (op.sealed.size() - name_overhead) % name_step == 0;
    if (!is_padded) return invalid("a sealed name has a size that no name has");
    draft_.names.put({op.name_kind, op.target}, {op.key_space, op.epoch, op.sealed});
    return {};
}

}  // namespace trellis::crypto
