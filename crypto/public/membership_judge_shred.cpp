// SPDX-License-Identifier: Apache-2.0
// The rule about the end of a space: who may destroy it, and what ends with it.
#include "crypto/public/membership_judge.hpp"

#include <algorithm>

namespace trellis::crypto {

Result<void> MembershipJudge::apply(const ShredOp& op) {
    TRELLIS_TRY(const auto* space, need_space(op.space));
    TRELLIS_DO(need_quorum("shred a space"));
    TRELLIS_DO(need_steward(*space));
    if (op.space == draft_.directory) {
        return invalid("the directory names everybody and stays; shred another space");
    }
    if (op.until_epoch > space->epoch || op.until_epoch == 0) {
        return invalid("it names a key that the space never had; make it anew");
    }
    if (op.until_epoch != space->epoch) {
        return Error{Code::conflict,
                     "a space is shredded whole, up to its newest key, and it has a newer one than "
                     "the entry says; sync and try again"};
    }
    if ((op.position == 0) != op.head.is_zero()) {
        return invalid("it says where the space's log ends in a way that makes no sense");
    }
    auto& over = draft_.spaces.edit(op.space);
    over.members.clear();
    over.former_writers.clear();
    over.is_rotation_due = false;
    end_promises(op.space);
    draft_.shredded.put(op.space, {op.space, op.position, op.head, op.reason, entry_.index});
    return {};
}

void MembershipJudge::end_promises(const SpaceId& space) {
    // An invite to other spaces as well goes on opening those.
    for (const auto& id : draft_.invites.names()) {
        const auto* invite = draft_.invites.find(id);
        const bool names_it =
            std::any_of(invite->grants.begin(), invite->grants.end(), [&](const auto& grant) {
                return grant.space == space;
            });
        if (!names_it || !invite->is_open()) continue;
        std::erase_if(draft_.invites.edit(id).grants,
                      [&](const auto& grant) { return grant.space == space; });
    }
    for (const auto& id : draft_.inboxes.names()) {
        const auto* inbox = draft_.inboxes.find(id);
        if (inbox->space == space && !inbox->is_closed) draft_.inboxes.edit(id).is_closed = true;
    }
    for (const auto& name : draft_.emergencies.names()) {
        if (name.first != space || draft_.emergencies.find(name)->is_over) continue;
        draft_.emergencies.edit(name).is_over = true;
    }
}

}  // namespace trellis::crypto
