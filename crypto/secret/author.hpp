// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/membership.hpp"
#include "crypto/secret/invite.hpp"
#include "crypto/secret/keyring.hpp"
#include "crypto/secret/recovery.hpp"

#include <functional>

namespace trellis::crypto {

/// Who writes an entry, on top of what, and when. Borrowed for the call.
struct Author {
    const Membership& membership;
    const Keyring& keyring;
    const DeviceKey& device;
    Time time;
    Env& env;
};

// Each of these gives the bytes of one entry to append at membership.length(). Nothing has
// changed until the relay has sequenced it and extend() has taken it in. An entry that the
// rules would refuse is refused here already, with the same error.

struct Founding {
    Bytes entry;
    OrgId org;
    SpaceId directory;
    std::vector<std::string> sheets;  ///< for print, once
};
struct FoundOrder {
    std::string_view org_name;
    std::string_view directory_name;
    std::string_view device_name;
    SignKey server_key;  ///< zeros: not known yet
    DeviceKind device_kind = DeviceKind::desktop;
    RecoveryPlan recovery;
};
/// The genesis entry: root, first device (an admin), directory space, and their names.
Result<Founding> found_org(const FoundOrder& order, const DeviceKey& device, Time time, Env& env);

struct NewSpace {
    Bytes entry;
    SpaceId space;
};
/// A space with its first epoch; the author gets every right in it.
Result<NewSpace> create_space(const Author& author, std::string_view name, SpaceClass space_class);

/// Rights for a device, with the epoch keys the author has.
Result<Bytes> grant(const Author& author,
                    const DeviceId& device,
                    const SpaceId& space,
                    std::uint8_t rights);

/// A new epoch for the readers of now. `keep_history` lets them read what is older.
Result<Bytes> rotate(const Author& author, const SpaceId& space, bool keep_history = true);

struct InviteOrder {
    struct Grant {
        SpaceId space;
        std::uint8_t rights = right_read;
    };
    std::uint16_t role = role_member;
    std::vector<Grant> grants;  ///< reading the directory is added
    Time expiry = 0;            ///< within limits::invite_life_max_ms of the author's time
    std::string url;
};
struct NewInvite {
    Bytes entry;
    Invite invite;  ///< names the log as it will be after the entry
};
Result<NewInvite> invite_create(const Author& author, const InviteOrder& order);
Result<Bytes> invite_revoke(const Author& author, const InviteId& invite);

struct JoinOrder {
    std::string_view device_name;
    DeviceKind device_kind = DeviceKind::tablet;
};
/// The entry by which the holder of an invite joins with a new device key. The log must
/// contain the point that the invite names (`rolled_back` otherwise).
Result<Bytes> join(const Membership& membership,
                   const Invite& invite,
                   const DeviceKey& device,
                   const JoinOrder& order,
                   Time time,
                   Env& env);

/// Ends all rights of a device, and gives every space of it that the author can read a new key
/// at once; the others are due. `cutoffs` (sorted by space and actor) say where its work ends.
Result<Bytes> revoke_device(const Author& author,
                            const DeviceId& device,
                            const std::vector<Cutoff>& cutoffs);
/// The same for one space.
Result<Bytes> revoke_grant(const Author& author,
                           const DeviceId& device,
                           const SpaceId& space,
                           const std::vector<Cutoff>& cutoffs);

Result<Bytes> set_server_key(const Author& author, const SignKey& server_key);
Result<Bytes> set_admin(const Author& author, const DeviceId& device, bool on);
/// Gives a new name to the organisation, a space or a device.
Result<Bytes> rename(const Author& author,
                     NameKind kind,
                     const TargetId& target,
                     std::string_view name);

/// An entry of any ops, signed by the author's device alone.
Result<Bytes> make_entry(const Author& author, std::vector<MembershipOp> ops);

struct EntrySigner {
    SignerId id;
    std::reference_wrapper<const SignSecret> secret;
};
/// The same with any author and any signers.
Result<Bytes> make_entry(const Membership& membership,
                         std::vector<MembershipOp> ops,
                         const SignerId& author,
                         const std::vector<EntrySigner>& signers,
                         Time time);

}  // namespace trellis::crypto
