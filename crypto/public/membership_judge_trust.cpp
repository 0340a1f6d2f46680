// SPDX-License-Identifier: Apache-2.0
// The rules about who decides: admins and how many of them, the root, emergencies, complaints.
#include "core/base/limits.hpp"
#include "crypto/public/identity.hpp"
#include "crypto/public/membership_judge.hpp"

#include <algorithm>

namespace trellis::crypto {
namespace {

constexpr std::uint8_t every_right = right_read | right_write | right_steward;

bool is_recovering(const MembershipOp& op) {
    return std::holds_alternative<RecoverAdminsOp>(op) ||
           std::holds_alternative<RecoveryRekeyOp>(op);
}

}  // namespace

Result<void> MembershipJudge::lack(std::string sentence) const {
    if (lacking_ == nullptr) return denied(sentence);
    if (std::find(lacking_->begin(), lacking_->end(), sentence) == lacking_->end()) {
        lacking_->push_back(std::move(sentence));
    }
    return {};
}

std::size_t MembershipJudge::count_admins_signed() const {
    if (entry_.index == 0) return 1;  // the root signs a first entry
    std::set<UserId> people;
    for (const auto& signature : entry_.signatures) {
        if (const auto person = draft_.base.admin(signature.signer)) people.insert(*person);
    }
    return people.size();
}

bool MembershipJudge::has_root_signed() const {
    return entry_.index != 0 && has_signed(SignerId{}) &&
           std::any_of(entry_.ops.begin(), entry_.ops.end(), is_recovering);
}

Result<void> MembershipJudge::need_admin(std::string_view for_what) const {
    if (has_admin_signed()) return {};
    return lack("only an admin may " + std::string(for_what) + "; ask one to sign");
}

Result<void> MembershipJudge::need_admins(std::uint64_t count, std::string_view for_what) const {
    const auto signed_by = count_admins_signed();
    if (signed_by >= count) return {};
    return lack(std::to_string(count) + " admins must sign to " + std::string(for_what) + ", " +
                std::to_string(signed_by) + " did; ask another");
}

Result<void> MembershipJudge::need_quorum(std::string_view for_what) const {
    if (entry_.index == 0) return {};
    const auto quorum = draft_.base.admin_quorum();
    return quorum == 1 ? need_admin(for_what) : need_admins(quorum, for_what);
}

void MembershipJudge::end_emergencies() {
    for (const auto& [name, emergency] : draft_.base.emergencies) {
        if (emergency.is_over || entry_.time <= emergency.until) continue;
        draft_.emergencies.edit(name).is_over = true;
        const auto& [space, device] = name;
        if (draft_.spaces.find(space)->rights(device) == 0) continue;
        auto& changed = draft_.spaces.edit(space);
        remove(changed, device);
        changed.is_rotation_due = true;
    }
}

Result<void> MembershipJudge::apply(const PolicySetOp& op) {
    TRELLIS_DO(need_quorum("change how the organisation decides"));
    if (op.key != policy_admin_quorum) {
        return Error{Code::unsupported, "it decides what this version does not know; update"};
    }
    if (op.value == 0 || op.value > limits::admin_quorum_max ||
        op.value > draft_.count_admins()) {
        return invalid("more admins would have to sign than there are; make more admins first");
    }
    if (op.value == draft_.admin_quorum()) return invalid("that is decided already; leave it");
    draft_.policies.put(op.key, op.value);
    return {};
}

Result<void> MembershipJudge::apply(const AdminSetOp& op) {
    TRELLIS_DO(need_quorum("make or unmake an admin"));
    TRELLIS_TRY(const auto* device, need_active(op.device));
    if (device->is_admin() == op.on) {
        return invalid("that device is what it should become; leave it");
    }
    auto& changed = draft_.devices.edit(op.device);
    changed.role =
        static_cast<std::uint16_t>(op.on ? changed.role | role_admin : changed.role & ~role_admin);
    if (op.on) return {};
    if (draft_.count_admins() == 0) {
        return denied("the last admin must stay one; make another first");
    }
    if (draft_.count_admins() < draft_.admin_quorum()) {
        return denied("fewer admins would be left than must sign; let fewer suffice first");
    }
    return {};
}

Result<void> MembershipJudge::apply(const ServerKeyOp& op) {
    TRELLIS_DO(need_quorum("change the server's key"));
    if (op.server_key.is_zero()) return invalid("zeros are no server's key; ask for the right one");
    draft_.server_key = op.server_key;
    return {};
}

Result<void> MembershipJudge::apply(const RecoverAdminsOp& op) {
    if (!has_root_signed()) {
        return denied("only the root may put an admin in place; bring enough recovery sheets");
    }
    DeviceRecord device;
    device.id = device_id(draft_.org, op.sign, op.box);
    device.user = op.user;
    device.sign = op.sign;
    device.box = op.box;
    device.kind = op.device_kind;
    device.role = role_admin;
    device.added_at = entry_.index;
    TRELLIS_DO(check_new(device));
    if (!has_signed(signer(device.id))) {
        return denied("the device that recovers has not signed; let it make the entry anew");
    }
    if (op.device_kind == DeviceKind::browser) {
        return denied("a plain browser cannot recover; use an installed client");
    }
    draft_.devices.put(device.id, device);
    for (const auto& removal : op.removals) {
        TRELLIS_TRY(const auto* removed, need_active(removal.device));
        if (!removed->is_admin() || removed->id == device.id) {
            return invalid("a recovery removes admins only; remove others afterwards");
        }
        TRELLIS_DO(end_device(removal));
    }
    for (const auto& id : draft_.spaces.names()) {
        if (is_shredded(id)) continue;
        auto& space = draft_.spaces.edit(id);
        if (space.members.size() >= limits::wraps_max) {
            return Error{Code::too_large, "a space is full; remove an admin of it in the recovery"};
        }
        give(space, device.id, every_right);
        space.is_rotation_due = true;
    }
    for (const auto& wrap : op.wraps) {
        TRELLIS_TRY(const auto* space, need_space(wrap.space));
        TRELLIS_DO(take_wraps(*space, device.id, {{wrap.epoch, wrap.sealed}}));
    }
    // Nobody is locked out because those who would have to sign are gone.
    if (draft_.admin_quorum() > draft_.count_admins()) {
        draft_.policies.put(policy_admin_quorum, draft_.count_admins());
    }
    return {};
}

Result<void> MembershipJudge::apply(const RecoveryRekeyOp& op) {
    if (!has_root_signed()) {
        return denied("only the old root may name a new one; bring enough recovery sheets");
    }
    if (op.needed == 0 || op.needed > op.sheets) {
        return invalid("it asks for more recovery sheets than there are; plan them anew");
    }
    if (op.root_sign.is_zero() || op.root_box.is_zero() || op.root_sign == draft_.root_sign ||
        op.root_box == draft_.root_box) {
        return invalid("the new root is none, or the old one; draw a new one");
    }
    draft_.root_sign = op.root_sign;
    draft_.root_box = op.root_box;
    draft_.recovery_needed = op.needed;
    draft_.recovery_sheets = op.sheets;
    // The new root can open a space once it has a key that was sealed to it.
    for (const auto& id : draft_.spaces.names()) {
        if (!is_shredded(id)) draft_.spaces.edit(id).is_rotation_due = true;
    }
    return {};
}

Result<void> MembershipJudge::apply(const BreakGlassOp& op) {
    TRELLIS_TRY(const auto* space, need_space(op.space));
    TRELLIS_TRY(const auto* device, need_active(op.device));
    TRELLIS_DO(need_admins(std::max<std::uint64_t>(2, draft_.base.admin_quorum()),
                           "let somebody read in an emergency"));
    if (op.until <= entry_.time || op.until - entry_.time > limits::emergency_max_ms) {
        return invalid("an emergency must end, within seven days; set another end");
    }
    if (space->rights(op.device) != 0) {
        return invalid("that device can read the space already; no emergency is needed");
    }
    if (space->space_class == SpaceClass::compartment && device->kind == DeviceKind::browser) {
        return denied("a plain browser cannot be let into a compartment; use an installed client");
    }
    if (space->members.size() >= limits::wraps_max) {
        return Error{Code::too_large, "the space is full; take somebody out first"};
    }
    TRELLIS_DO(take_wraps(*space, op.device, op.wraps));
    auto& changed = draft_.spaces.edit(op.space);
    give(changed, op.device, right_read);
    need_newest_wrap(changed, op.device);
    draft_.emergencies.put({op.space, op.device}, {op.until, op.reason, entry_.index, false});
    return {};
}

Result<void> MembershipJudge::apply(const ComplaintOp& op) {
    TRELLIS_TRY(const auto* space, need_space(op.space));
    const DeviceId author{entry_.author.bytes};
    if (!has_signed_with(op.space, right_read) || space->rights(author) == 0) {
        return denied("only who reads a space may complain of its key; ask for a grant");
    }
    if (op.epoch != space->epoch || space->is_rotation_due) {
        return Error{Code::conflict, "a newer key is there or due already; wait for it"};
    }
    if (draft_.wraps.find(WrapName{author, op.space, op.epoch}) == nullptr) {
        return invalid("no key was sealed to that device; ask a reader to grant it");
    }
    draft_.spaces.edit(op.space).is_rotation_due = true;
    return {};
}

}  // namespace trellis::crypto
