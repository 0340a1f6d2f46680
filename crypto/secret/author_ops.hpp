// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/secret/author.hpp"

#include <set>

namespace trellis::crypto {

/// Whom a new epoch is for.
struct Recipients {
    std::vector<std::pair<DeviceId, BoxKey>> readers;  ///< sorted by device
    BoxKey root_box;
};
/// A Rotate for the epoch `name`, whose key goes to the recipients and nobody else. The key
/// before goes along where `previous` is given.
Result<RotateOp> rotation_op(const OrgId& org,
                             const EpochName& name,
                             const Recipients& recipients,
                             const Key& key,
                             const Key* previous,
                             Env& env);
/// The same for devices that are in the author's log, and its root.
Result<RotateOp> rotation_op(const Author& author,
                             const EpochName& name,
                             const std::vector<DeviceId>& readers,
                             const Key& key,
                             const Key* previous = nullptr);

/// Who loses which space in the entry that is being made.
using Leaving = std::set<std::pair<SpaceId, DeviceId>>;
/// A fresh key for those who can read the space at the author's time and do not leave, and for
/// the open invites and inboxes of it: a Rotate, then an InviteKey or InboxKey for each, as far as
/// they fit.
Result<void> add_next_epoch(const Author& author,
                            const SpaceRecord& space,
                            const Leaving& leaving,
                            bool keep_history,
                            std::vector<MembershipOp>& ops);
/// The next key of an inbox; its first where `inbox` is not in the log.
InboxKeyOp inbox_key_op(const Membership& membership, const InboxId& inbox,
                        const EpochName& epoch, const Key& key);

/// Adds a new epoch for each space that the author goes on reading, as far as they fit into one
/// entry. The others stay due: any of their readers hands out a new key then.
Result<void> add_rotations(const Author& author,
                           const std::set<SpaceId>& spaces,
                           const Leaving& leaving,
                           std::vector<MembershipOp>& ops);
/// True where so many new epochs, to so many readers in all, fit into one entry that crosses
/// the wire, with `ops` ops before them.
bool fits_entry(std::size_t ops, std::size_t wraps);

/// Notes every space that the device can read.
void leave_all(const Membership& membership, const DeviceId& device, Leaving& leaving);
std::set<SpaceId> spaces_in(const Leaving& leaving);

}  // namespace trellis::crypto
