// SPDX-License-Identifier: Apache-2.0
// The rules about spaces, rights in them and their keys.
#include "core/base/limits.hpp"
#include "crypto/public/membership_judge.hpp"

#include <algorithm>

namespace trellis::crypto {
namespace {

bool is_before(const SpaceMember& member, const DeviceId& device) {
    return member.device < device;
}

}  // namespace

std::uint8_t SpaceRecord::rights(const DeviceId& device) const {
    const auto found = std::lower_bound(members.begin(), members.end(), device, is_before);
    return found != members.end() && found->device == device ? found->rights : std::uint8_t{0};
}

void MembershipJudge::give(SpaceRecord& space, const DeviceId& device, std::uint8_t rights) const {
    auto place = std::lower_bound(space.members.begin(), space.members.end(), device, is_before);
    if (place == space.members.end() || place->device != device) {
        place = space.members.insert(place, SpaceMember{device, 0});
    }
    place->rights = static_cast<std::uint8_t>(place->rights | rights);
}

void MembershipJudge::remove(SpaceRecord& space, const DeviceId& device) {
    auto& former = space.former_writers;
    const auto place = std::lower_bound(former.begin(), former.end(), device);
    const bool is_there = place != former.end() && *place == device;
    if ((space.rights(device) & right_write) != 0 && !is_there) former.insert(place, device);
    std::erase_if(space.members, [&device](const auto& member) { return member.device == device; });
}

bool MembershipJudge::has_signed_with(const SpaceId& space, std::uint8_t right) const {
    const auto found = draft_.base.spaces.find(space);
    if (found == draft_.base.spaces.end()) return false;
    const auto& now = *draft_.spaces.find(space);
    return std::any_of(
        entry_.signatures.begin(), entry_.signatures.end(), [&](const auto& signature) {
            const DeviceId device{signature.signer.bytes};
            return (found->second.rights(device) & now.rights(device) & right) == right;
        });
}

Result<void> MembershipJudge::need_keeper(const SpaceRecord& space) const {
    TRELLIS_DO(need_admin("change who belongs to a space"));
    return need_steward(space);
}

Result<void> MembershipJudge::need_steward(const SpaceRecord& space) const {
    const bool is_open = space.space_class == SpaceClass::general ||
                         draft_.created.contains(space.id) ||
                         has_signed_with(space.id, right_steward);
    if (is_open) return {};
    return lack("a steward of the compartment must sign too; ask one");
}

Result<const SpaceRecord*> MembershipJudge::need_space(const SpaceId& id) const {
    const auto* space = draft_.spaces.find(id);
    if (space == nullptr) return invalid("it names a space that is not there");
    if (is_shredded(id)) return denied("that space was shredded: it is over, make another");
    return space;
}

Result<void> MembershipJudge::apply(const CreateSpaceOp& op) {
    const bool is_general = op.space_class == SpaceClass::general;
    TRELLIS_DO(is_general ? need_admin("create a space") : need_quorum("create a compartment"));
    if (op.space.is_zero() || draft_.spaces.find(op.space) != nullptr) {
        return invalid("the new space has the name of another; try again");
    }
    SpaceRecord space;
    space.id = op.space;
    space.space_class = op.space_class;
    space.created_at = entry_.index;
    draft_.spaces.put(op.space, std::move(space));
    draft_.created.insert(op.space);
    if (entry_.index == 0) draft_.directory = op.space;
    return {};
}

Result<void> MembershipJudge::apply(const GrantOp& op) {
    TRELLIS_TRY(const auto* space, need_space(op.space));
    TRELLIS_TRY(const auto* device, need_active(op.device));
    TRELLIS_DO(need_keeper(*space));
    if (!is_right(op.rights)) return invalid("a grant must at least let the device read");
    if (space->space_class == SpaceClass::compartment && device->kind == DeviceKind::browser) {
        return denied("a plain browser cannot be let into a compartment; use an installed client");
    }
    const auto held = space->rights(op.device);
    if ((held & ~op.rights) != 0) return invalid("a grant only adds rights; revoke to take some");
    if (held == 0 && space->members.size() >= limits::wraps_max) {
        return Error{Code::too_large, "the space is full"};
    }
    TRELLIS_DO(take_wraps(*space, op.device, op.wraps));
    auto& changed = draft_.spaces.edit(op.space);
    give(changed, op.device, op.rights);
    need_newest_wrap(changed, op.device);
    // What was lent for a while is given for good.
    const EmergencyName lent{op.space, op.device};
    const auto* emergency = draft_.emergencies.find(lent);
    if (emergency != nullptr && !emergency->is_over) draft_.emergencies.edit(lent).is_over = true;
    return {};
}

Result<void> MembershipJudge::take_wraps(const SpaceRecord& space,
                                         const DeviceId& device,
                                         const std::vector<EpochWrap>& wraps) {
    std::uint32_t last = 0;
    for (const auto& wrap : wraps) {
        const WrapName name{device, space.id, wrap.epoch};
        if (wrap.epoch <= last || wrap.epoch > space.epoch || draft_.wraps.find(name) != nullptr) {
            return invalid(
                "it carries keys out of order, of no epoch, or a second time; make it anew");
        }
        last = wrap.epoch;
        draft_.wraps.put(name, wrap.sealed);
    }
    return {};
}

void MembershipJudge::need_newest_wrap(SpaceRecord& space, const DeviceId& device) const {
    const WrapName newest{device, space.id, space.epoch};
    // Whoever granted without the key leaves it to a reader to hand one out.
    if (space.epoch != 0 && draft_.wraps.find(newest) == nullptr) space.is_rotation_due = true;
}

Result<void> MembershipJudge::apply(const RevokeGrantOp& op) {
    TRELLIS_TRY(const auto* space, need_space(op.space));
    TRELLIS_DO(need_keeper(*space));
    const auto held = space->rights(op.device);
    if (held == 0) return invalid("that device has no rights to take there");
    for (const auto& cutoff : op.cutoffs) {
        if (cutoff.space != op.space) return invalid("it says where work ends in another space");
    }
    auto& changed = draft_.spaces.edit(op.space);
    remove(changed, op.device);
    const bool has_steward =
        std::any_of(changed.members.begin(), changed.members.end(), [](const auto& member) {
            return (member.rights & right_steward) != 0;
        });
    if (changed.members.empty() || (!has_steward && (held & right_steward) != 0)) {
        return denied("the last steward cannot be taken out of a space; make another first");
    }
    changed.is_rotation_due = true;
    return take_cutoffs(op.device, op.cutoffs);
}

Result<void> MembershipJudge::apply(const AdoptOp& op) {
    TRELLIS_TRY(const auto* space, need_space(op.space));
    TRELLIS_DO(need_keeper(*space));
    const bool is_sorted = std::adjacent_find(op.chains.begin(),
                                              op.chains.end(),
                                              [](const auto& a, const auto& b) {
                                                  return !(a < b);
                                              }) == op.chains.end();
    if (op.chains.empty() || !is_sorted) {
        return invalid("it must name the late work that counts, each once and in order");
    }
    for (const auto& chain : op.chains) {
        const AdoptedName name{op.space, chain};
        if (draft_.adopted.find(name) == nullptr) draft_.adopted.put(name, entry_.index);
    }
    return {};
}

bool MembershipJudge::may_rotate(const SpaceRecord& space) const {
    if (has_root_signed()) return true;
    if (draft_.created.contains(space.id)) return has_admin_signed() || lacking_ != nullptr;
    if (has_signed_with(space.id, right_steward)) return true;
    const bool has_reader_signed = has_signed_with(space.id, right_read);
    return has_reader_signed && (has_admin_signed() || space.is_rotation_due);
}

Result<void> MembershipJudge::apply(const RotateOp& op) {
    TRELLIS_TRY(const auto* space, need_space(op.space));
    if (!may_rotate(*space)) {
        return denied("a new key for a space comes from its steward, or from a reader when due");
    }
    if (op.epoch != space->epoch + 1 || op.epoch == 0) {
        return Error{Code::conflict, "a new key does not follow the newest one; try again"};
    }
    if (!op.root_wrap) {
        return invalid("a new key is not kept for recovery; make it anew with the root's wrap");
    }
    if (op.epoch == 1 && op.previous) return invalid("the first key of a space has none before");
    const bool is_for_readers = std::equal(
        op.wraps.begin(),
        op.wraps.end(),
        space->members.begin(),
        space->members.end(),
        [](const auto& wrap, const auto& member) { return wrap.device == member.device; });
    if (!is_for_readers || op.wraps.empty()) {
        return denied("a new key must go to all who read the space, and to nobody else");
    }
    for (const auto& wrap : op.wraps) {
        draft_.wraps.put({wrap.device, op.space, op.epoch}, wrap.sealed);
    }
    draft_.epochs.put({op.space, op.epoch},
                      {op.commitment, op.previous, op.root_wrap, entry_.index});
    auto& changed = draft_.spaces.edit(op.space);
    changed.epoch = op.epoch;
    changed.is_rotation_due = false;
    return {};
}

}  // namespace trellis::crypto
