// SPDX-License-Identifier: Apache-2.0
// The rules about inboxes: who opens one, whose key it has, when it closes.
#include "core/base/limits.hpp"
#include "crypto/public/membership_judge.hpp"

#include <algorithm>

namespace trellis::crypto {

Result<void> MembershipJudge::check_new_inbox(const InboxKeyOp& op,
                                              const SpaceRecord& space) const {
    TRELLIS_DO(need_keeper(space));
    if (op.inbox.is_zero() || op.key_epoch != 1) {
        return invalid("there is no such inbox in the organisation; open one first");
    }
    const auto ids = draft_.inboxes.names();
    const auto open = std::count_if(ids.begin(), ids.end(), [&](const auto& id) {
        const auto* inbox = draft_.inboxes.find(id);
        return inbox->space == op.space && !inbox->is_closed;
    });
    if (static_cast<std::size_t>(open) >= limits::space_inboxes_max) {
        return Error{Code::too_large, "the space has too many inboxes; close one first"};
    }
    if (ids.size() >= limits::inboxes_max) {
        return Error{Code::too_large, "the organisation has opened too many inboxes; use one again"};
    }
    return {};
}

Result<void> MembershipJudge::check_next_key(const InboxKeyOp& op, const InboxRecord& inbox) const {
    if (inbox.is_closed) return invalid("that inbox is closed; open another");
    if (inbox.space != op.space) return invalid("that inbox belongs to another space");
    if (op.key_epoch != inbox.key_epoch + 1) {
        return Error{Code::conflict, "an inbox's new key does not follow its newest; try again"};
    }
    // One key of the inbox for one of the space: whoever lost the old one never has the new one.
    if (op.epoch <= draft_.inbox_keys.find({inbox.id, inbox.key_epoch})->epoch) {
        return invalid("the inbox has a key of this epoch already; give the space a new key first");
    }
    return {};
}

Result<void> MembershipJudge::apply(const InboxKeyOp& op) {
    TRELLIS_TRY(const auto* space, need_space(op.space));
    if (!has_root_signed() && !has_signed_with(op.space, right_read)) {
        return denied("only a reader of a space has the key that an inbox of it needs; ask one");
    }
    if (op.key.is_zero()) return invalid("zeros are no inbox's key; make it anew");
    const auto* inbox = draft_.inboxes.find(op.inbox);
    TRELLIS_DO(inbox == nullptr ? check_new_inbox(op, *space) : check_next_key(op, *inbox));
    if (op.epoch == 0 || op.epoch != space->epoch) {
        return Error{Code::conflict, "an inbox gets its key from the space's newest; try again"};
    }
    if (inbox == nullptr) {
        draft_.inboxes.put(op.inbox, {op.inbox, op.space, op.key_epoch, entry_.index, false});
    } else {
        draft_.inboxes.edit(op.inbox).key_epoch = op.key_epoch;
    }
    draft_.inbox_keys.put({op.inbox, op.key_epoch}, {op.epoch, op.key, entry_.index});
    return {};
}

Result<void> MembershipJudge::apply(const InboxCloseOp& op) {
    const auto* inbox = draft_.inboxes.find(op.inbox);
    if (inbox == nullptr) return invalid("there is no such inbox in the organisation");
    TRELLIS_TRY(const auto* space, need_space(inbox->space));
    TRELLIS_DO(need_keeper(*space));
    if (inbox->is_closed) return Error{Code::conflict, "that inbox is closed already"};
    draft_.inboxes.edit(op.inbox).is_closed = true;
    return {};
}

}  // namespace trellis::crypto
