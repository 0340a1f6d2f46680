// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/membership.hpp"
#include "crypto/secret/invite.hpp"
#include "crypto/secret/keyring.hpp"
#include "crypto/secret/recovery.hpp"

#include <functional>
#include <map>

namespace trellis::crypto {

/// Who writes an entry, on top of what, and when. Borrowed for the call.
struct Author {
    const Membership& membership;
    const Keyring& keyring;
    const DeviceKey& device;
    Time time;
    Env& env;
    /// Gives entries that others must still sign (crypto/secret/co_sign.hpp) instead of refusing.
    bool draft = false;
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
/// at once; the others are due. `cutoffs` (sorted by space and actor) say where its work ends;
/// of a chain that has none, nothing counts any more.
Result<Bytes> revoke_device(const Author& author,
                            const DeviceId& device,
                            const std::vector<Cutoff>& cutoffs,
                            std::uint8_t reason = removed_unsaid);
/// The same for several devices, in one entry. `invalid` where there is none.
Result<Bytes> revoke_devices(const Author& author,
                             const std::map<DeviceId, std::vector<Cutoff>>& cutoffs,
                             std::uint8_t reason = removed_unsaid);
/// The same for all devices of a person. `not_found` where the person has none.
Result<Bytes> revoke_user(const Author& author,
                          const UserId& user,
                          const std::map<DeviceId, std::vector<Cutoff>>& cutoffs,
                          std::uint8_t reason = removed_unsaid);
/// The same for one space. The device keeps the rights `kept`, in the same entry: reading at
/// least, or nothing.
Result<Bytes> revoke_grant(const Author& author,
                           const DeviceId& device,
                           const SpaceId& space,
                           const std::vector<Cutoff>& cutoffs,
                           std::uint8_t kept = 0);

/// Makes late work count that lies beyond where its author's work ended: exactly these
/// envelopes, by their chain hashes in any order. `conflict` where all of them count already.
Result<Bytes> adopt(const Author& author, const SpaceId& space, std::vector<Digest> chains);

Result<Bytes> set_server_key(const Author& author, const SignKey& server_key);
/// How many admins must sign to make or unmake an admin, change the server's key, create a
/// compartment, or change this number.
Result<Bytes> set_admin_quorum(const Author& author, std::uint64_t admins);

struct EmergencyOrder {
    DeviceId device;  ///< to be let in
    SpaceId space;
    Time until = 0;  ///< within limits::emergency_max_ms of the author's time
    Digest reason;   ///< hash of what is written down elsewhere
};
/// Lets a device read a space for a while. Needs two admins, so a draft.
Result<Bytes> break_glass(const Author& author, const EmergencyOrder& order);
/// Says that the newest key of a space did not open here as promised; a reader makes a new one.
Result<Bytes> complain(const Author& author, const SpaceId& space);

struct NewInbox {
    Bytes entry;
    InboxId inbox;
};
/// An inbox for a space, with a key from the space's newest, which the author must have.
Result<NewInbox> inbox_open(const Author& author, const SpaceId& space);
/// New keys for the inbox's space and for its inboxes: who reads the space from now on opens
/// what is dropped in from now on. Old keys still open what was sealed to them.
Result<Bytes> inbox_rotate(const Author& author, const InboxId& inbox);
/// Keys for those inboxes of a space that lag behind its newest, which the author must have.
/// `conflict` where none does.
Result<Bytes> inbox_renew(const Author& author, const SpaceId& space);
Result<Bytes> inbox_close(const Author& author, const InboxId& inbox);

struct ShredOrder {
    SpaceId space;
    std::uint64_t position = 0;  ///< end of the space's log, as read here
    ShortDigest head;
    Digest reason;  ///< hash of what is written down elsewhere
};
/// Ends a space, and all that was written in it. Where the admin quorum is above one, a draft.
Result<Bytes> shred(const Author& author, const ShredOrder& order);

Result<Bytes> set_admin(const Author& author, const DeviceId& device, bool on);
/// Gives a new name to the organisation, a space or a device.
Result<Bytes> rename(const Author& author,
                     NameKind kind,
                     const TargetId& target,
                     std::string_view name);

/// Makes an own entry that lost the race for its place anew on the state of now, by what it
/// meant: a removal with keys for the readers of now, a grant with the newest keys, and so on.
/// `conflict` where somebody else has done all of it meanwhile; other errors where it cannot be
/// done any more, in a sentence for the person who wanted it. `left_out` gets a sentence for
/// each op but a rotation that somebody else has done.
Result<Bytes> remake(const Author& author,
                     const std::vector<MembershipOp>& ops,
                     std::vector<Error>* left_out = nullptr);

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
                         Time time,
                         bool draft = false);

}  // namespace trellis::crypto
