// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/membership_entry.hpp"

#include <map>
#include <tuple>

namespace trellis::crypto {

struct DeviceRecord {
    DeviceId id;
    UserId user;
    SignKey sign;
    BoxKey box;
    DeviceKind kind = DeviceKind::tablet;
    std::uint16_t role = role_member;
    bool is_active = true;
    InviteId invite;               ///< zeros where an admin added it
    std::uint64_t added_at = 0;    ///< index of the entry
    std::uint64_t removed_at = 0;  ///< index of the entry; 0 while active
    std::uint8_t removal_reason = removed_unsaid;

    [[nodiscard]] bool is_admin() const { return is_active && (role & role_admin) != 0; }
};

struct SpaceMember {
    DeviceId device;
    std::uint8_t rights = 0;
};

struct SpaceRecord {
    SpaceId id;
    SpaceClass space_class = SpaceClass::general;
    std::uint64_t created_at = 0;
    std::uint32_t epoch = 0;  ///< the newest; epochs count from 1
    bool is_rotation_due = false;
    std::vector<SpaceMember> members;  ///< sorted by device; all of them can read
    /// Sorted. Devices that could write until a RevokeDevice or a RevokeGrant. No part of
    /// post_state, which says of each entry whose rights it ended.
    std::vector<DeviceId> former_writers;

    [[nodiscard]] std::uint8_t rights(const DeviceId& device) const;
};

struct EpochRecord {
    Digest commitment;
    std::optional<PreviousWrap> previous;
    std::optional<SealedKey> root_wrap;
    std::uint64_t made_at = 0;  ///< index of the entry
};

struct InviteRecord {
    InviteId id;
    SignKey sign;
    BoxKey box;
    std::uint16_t role = role_member;
    Time expiry = 0;
    DeviceId creator;  ///< when it leaves, its open invites end
    bool is_spent = false;
    bool is_revoked = false;
    std::vector<InviteGrant> grants;

    [[nodiscard]] bool is_open() const { return !is_spent && !is_revoked; }
};

struct NameRecord {
    SpaceId key_space;
    std::uint32_t epoch = 0;
    Bytes sealed;
};

/// A right to read that two admins lent for a while.
struct EmergencyRecord {
    Time until = 0;
    Digest reason;
    std::uint64_t opened_at = 0;  ///< index of the entry
    bool is_over = false;         ///< ended, or made lasting by a grant
};

/// Where people without a device may leave something for a space.
struct InboxRecord {
    InboxId id;
    SpaceId space;
    std::uint32_t key_epoch = 0;  ///< of its newest key
    std::uint64_t opened_at = 0;  ///< index of the entry
    bool is_closed = false;
};
struct InboxKeyRecord {
    std::uint32_t epoch = 0;  ///< of the space: its secret follows from that key
    BoxKey key;
    std::uint64_t made_at = 0;  ///< index of the entry
};

/// What became of a space that is over.
struct ShredRecord {
    SpaceId space;
    std::uint64_t position = 0;  ///< of its log, as in the op
    ShortDigest head;
    Digest reason;
    std::uint64_t shredded_at = 0;  ///< index of the entry
};

using EpochName = std::pair<SpaceId, std::uint32_t>;
using WrapName = std::tuple<DeviceId, SpaceId, std::uint32_t>;  ///< a device's own stand together
/// A cutoff binds the device whose rights ended, whatever actor it names: nobody ends the work
/// of another by the way.
using CutoffName = std::tuple<SpaceId, ActorId, DeviceId>;
using AdoptedName = std::pair<SpaceId, Digest>;  ///< an envelope, by its chain hash
using EmergencyName = std::pair<SpaceId, DeviceId>;
using InboxKeyName = std::pair<InboxId, std::uint32_t>;  ///< with the inbox's key epoch
using NameTarget = std::pair<NameKind, TargetId>;

/// The log folded. Ordered maps throughout: every build walks them in one order.
struct MembershipState {
    OrgId org;
    std::uint64_t length = 0;
    Digest head;    ///< hash of the last entry
    Digest digest;  ///< chained over what each entry left behind
    SignKey server_key;
    SignKey root_sign;
    BoxKey root_box;
    std::uint8_t recovery_needed = 0;
    std::uint8_t recovery_sheets = 0;
    SpaceId directory;  ///< the space of the genesis entry
    std::map<DeviceId, DeviceRecord> devices;
    std::map<SpaceId, SpaceRecord> spaces;
    std::map<InviteId, InviteRecord> invites;
    std::map<EpochName, EpochRecord> epochs;
    std::map<WrapName, SealedKey> wraps;
    std::map<NameTarget, NameRecord> names;
    std::map<CutoffName, Cutoff> cutoffs;
    std::map<AdoptedName, std::uint64_t> adopted;  ///< with the index of the entry
    std::map<std::uint16_t, std::uint64_t> policies;  ///< those that were ever set
    std::map<EmergencyName, EmergencyRecord> emergencies;
    std::map<InboxId, InboxRecord> inboxes;
    std::map<InboxKeyName, InboxKeyRecord> inbox_keys;
    std::map<SpaceId, ShredRecord> shredded;
    std::vector<Digest> entry_hashes;

    [[nodiscard]] std::uint64_t admin_quorum() const;
    /// The person behind a signature: two devices of one person are one admin. A device without
    /// a person stands for itself. Nothing where the signer is no admin.
    [[nodiscard]] std::optional<UserId> admin(const SignerId& signer) const;
};

}  // namespace trellis::crypto
