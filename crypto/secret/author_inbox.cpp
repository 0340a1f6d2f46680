// SPDX-License-Identifier: Apache-2.0
// Entries about inboxes: where people without a device may leave something for a space.
#include "core/base/limits.hpp"
#include "crypto/secret/author_ops.hpp"

namespace trellis::crypto {
namespace {

Error no_inbox() {
    return {Code::not_found, "there is no such inbox in this organisation"};
}

Result<const Key*> newest_key(const Author& author, const SpaceRecord& space) {
    const auto* key = author.keyring.key(space.id, space.epoch);
    if (key != nullptr) return key;
    return Error{Code::wrong_key,
                 "this device has no newest key of the space, from which an inbox gets its own"};
}

}  // namespace

Result<NewInbox> inbox_open(const Author& author, const SpaceId& space) {
    const auto* record = author.membership.space(space);
    if (record == nullptr) {
        return Error{Code::not_found, "there is no such space in this organisation"};
    }
    TRELLIS_TRY(const auto* key, newest_key(author, *record));
    NewInbox made;
    author.env.random(made.inbox.bytes);
    const auto op = inbox_key_op(author.membership, made.inbox, {space, record->epoch}, *key);
    TRELLIS_TRY(made.entry, make_entry(author, {op}));
    return made;
}

Result<Bytes> inbox_rotate(const Author& author, const InboxId& inbox) {
    const auto* record = author.membership.inbox(inbox);
    if (record == nullptr) return no_inbox();
    if (record->is_closed) return Error{Code::invalid, "that inbox is closed; open another"};
    return rotate(author, record->space);
}

Result<Bytes> inbox_renew(const Author& author, const SpaceId& space) {
    std::vector<MembershipOp> ops;
    for (const auto& id : author.membership.inboxes_of(space)) {
        if (!author.membership.is_key_due(id)) continue;
        const auto& record = *author.membership.space(space);
        TRELLIS_TRY(const auto* key, newest_key(author, record));
        ops.emplace_back(inbox_key_op(author.membership, id, {space, record.epoch}, *key));
    }
    if (ops.empty()) return Error{Code::conflict, "every inbox of the space has its newest key"};
    return make_entry(author, std::move(ops));
}

Result<Bytes> inbox_close(const Author& author, const InboxId& inbox) {
    if (author.membership.inbox(inbox) == nullptr) return no_inbox();
    return make_entry(author, {InboxCloseOp{inbox}});
}

}  // namespace trellis::crypto
