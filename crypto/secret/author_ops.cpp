// SPDX-License-Identifier: Apache-2.0
#include "crypto/secret/author_ops.hpp"

#include "core/base/limits.hpp"
#include "crypto/secret/inbox.hpp"

#include <algorithm>

namespace trellis::crypto {

Result<RotateOp> rotation_op(const OrgId& org,
                             const EpochName& name,
                             const Recipients& recipients,
                             const Key& key,
                             const Key* previous,
                             Env& env) {
    RotateOp op;
    op.space = name.first;
    op.epoch = name.second;
    op.commitment = epoch_commitment(org, name.first, name.second, key);
    if (previous != nullptr) op.previous = seal_previous(org, name, key, *previous, env);
    for (const auto& [reader, box] : recipients.readers) {
        TRELLIS_TRY(const auto sealed, seal_key_to(box, key, env));
        op.wraps.push_back({reader, sealed});
    }
    TRELLIS_TRY(op.root_wrap, seal_key_to(recipients.root_box, key, env));
    return op;
}

Result<RotateOp> rotation_op(const Author& author,
                             const EpochName& name,
                             const std::vector<DeviceId>& readers,
                             const Key& key,
                             const Key* previous) {
    const auto& membership = author.membership;
    Recipients recipients{{}, membership.state().root_box};
    for (const auto& reader : readers) {
        const auto* device = membership.device(reader);
        if (device == nullptr) return Error{Code::not_found, "a reader is not in the log"};
        recipients.readers.emplace_back(reader, device->box);
    }
    return rotation_op(membership.org(), name, recipients, key, previous, author.env);
}

namespace {

/// Leaves room for what else the entry has to say.
constexpr std::size_t invite_keys_max = limits::entry_ops_max / 2;
constexpr std::size_t inbox_keys_max = limits::entry_ops_max / 4 * 3;

Result<void> add_invite_keys(const Author& author,
                             const EpochName& name,
                             const Key& key,
                             const Leaving& leaving,
                             std::vector<MembershipOp>& ops) {
    for (const auto& [id, invite] : author.membership.invites()) {
        if (!invite.is_open() || author.time > invite.expiry) continue;
        // With its maker an invite ends, too.
        if (leaving.contains({author.membership.directory(), invite.creator})) continue;
        for (const auto& grant : invite.grants) {
            if (grant.space != name.first || ops.size() >= invite_keys_max) continue;
            InviteKeyOp op{id, name.first, name.second, {}};
            TRELLIS_TRY(op.sealed, seal_key_to(invite.box, key, author.env));
            ops.emplace_back(op);
        }
    }
    return {};
}

/// Whoever leaves must not open what is dropped in after. Those that do not fit are due.
void add_inbox_keys(const Author& author,
                    const EpochName& name,
                    const Key& key,
                    std::vector<MembershipOp>& ops) {
    for (const auto& id : author.membership.inboxes_of(name.first)) {
        if (author.membership.inbox(id)->is_closed || ops.size() >= inbox_keys_max) continue;
        ops.emplace_back(inbox_key_op(author.membership, id, name, key));
    }
}

}  // namespace

InboxKeyOp inbox_key_op(const Membership& membership, const InboxId& id, const EpochName& epoch,
                        const Key& key) {
    const auto* inbox = membership.inbox(id);
    InboxKeyOp op{id, epoch.first, inbox == nullptr ? 1 : inbox->key_epoch + 1, epoch.second, {}};
    op.key = inbox_secret(key, id, op.key_epoch).key();
    return op;
}

Result<void> add_next_epoch(const Author& author,
                            const SpaceRecord& space,
                            const Leaving& leaving,
                            bool keep_history,
                            std::vector<MembershipOp>& ops) {
    auto readers = author.membership.readers(space.id, author.time);
    std::erase_if(readers,
                  [&](const auto& reader) { return leaving.contains({space.id, reader}); });
    Key key;
    author.env.random(key.span());
    const auto* previous = keep_history ? author.keyring.key(space.id, space.epoch) : nullptr;
    const EpochName name{space.id, space.epoch + 1};
    TRELLIS_TRY(auto op, rotation_op(author, name, readers, key, previous));
    ops.emplace_back(std::move(op));
    TRELLIS_DO(add_invite_keys(author, name, key, leaving, ops));
    add_inbox_keys(author, name, key, ops);
    return {};
}

bool fits_entry(std::size_t ops, std::size_t wraps) {
    return ops < limits::entry_ops_max && wraps <= limits::entry_wraps_aim;
}

Result<void> add_rotations(const Author& author,
                           const std::set<SpaceId>& spaces,
                           const Leaving& leaving,
                           std::vector<MembershipOp>& ops) {
    const auto me = author.device.id(author.membership.org());
    std::size_t wraps = 0;
    for (const auto& id : spaces) {
        const auto* space = author.membership.space(id);
        if (space == nullptr || space->rights(me) == 0 || leaving.contains({id, me})) continue;
        if (!fits_entry(ops.size(), wraps + space->members.size())) continue;
        wraps += space->members.size();
        TRELLIS_DO(add_next_epoch(author, *space, leaving, true, ops));
    }
    return {};
}

void leave_all(const Membership& membership, const DeviceId& device, Leaving& leaving) {
    for (const auto& space : membership.spaces_of(device)) leaving.insert({space, device});
}

std::set<SpaceId> spaces_in(const Leaving& leaving) {
    std::set<SpaceId> spaces;
    for (const auto& [space, device] : leaving) spaces.insert(space);
    return spaces;
}

}  // namespace trellis::crypto
