// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/cursor.hpp"
#include "core/base/dot.hpp"
#include "core/base/result.hpp"
#include "core/base/stamp.hpp"
#include "core/codec/byte_reader.hpp"
#include "core/codec/byte_writer.hpp"
#include "crypto/primitive/box.hpp"
#include "crypto/primitive/sign.hpp"

#include <optional>
#include <variant>
#include <vector>

namespace trellis::crypto {

/// Who signed: a device, an invite, or zeros for the organisation's root key.
using SignerId = Id<struct SignerTag, 16>;
/// A person; one may own several devices.
using UserId = Id<struct UserTag, 16>;
using InboxId = Id<struct InboxTag, 16>;  ///< random
using TargetId = Id<struct TargetTag, 32>;            ///< what a name names: an id and zeros
using PreviousWrap = Id<struct PreviousWrapTag, 72>;  ///< nonce, then the sealed older key

inline SignerId signer(const DeviceId& device) {
    return SignerId{device.bytes};
}
inline SignerId signer(const InviteId& invite) {
    return SignerId{invite.bytes};
}

/// Bits of a role. The first alone gives power here; the others say what somebody does, for
/// lists. Bits beyond these are refused until they mean something.
inline constexpr std::uint16_t role_member = 0;
inline constexpr std::uint16_t role_admin = 1;
inline constexpr std::uint16_t role_central = 2;
inline constexpr std::uint16_t role_liaison = 4;
inline constexpr std::uint16_t roles_known = role_admin | role_central | role_liaison;

/// Bits of a right in a space. Writing and stewarding need reading.
inline constexpr std::uint8_t right_read = 1;
inline constexpr std::uint8_t right_write = 2;
inline constexpr std::uint8_t right_steward = 4;
bool is_right(std::uint8_t rights);

enum class DeviceKind : std::uint8_t {
    tablet = 1,
    desktop = 2,
    managed_web = 3,
    browser = 4,
};
enum class SpaceClass : std::uint8_t {
    general = 1,
    compartment = 2,  ///< an admin alone gives nobody access
};
enum class NameKind : std::uint8_t {
    org = 1,
    space = 2,
    device = 3
};

// The ops of an entry (docs/format.md, "Membership log"). `kind` is the number on the wire.

struct GenesisOp {
    static constexpr std::uint16_t kind = 0x0001;
    SignKey server_key;  ///< zeros: not known yet
    SignKey root_sign;
    BoxKey root_box;
    std::uint8_t recovery_needed = 2;
    std::uint8_t recovery_sheets = 3;
    SignKey device_sign;  ///< of the first device, an admin
    BoxKey device_box;
    DeviceKind device_kind = DeviceKind::desktop;
    UserId user;
};

/// One epoch key of a space, sealed to somebody known from the context.
struct SpaceWrap {
    SpaceId space;
    std::uint32_t epoch = 0;
    SealedKey sealed;
};

struct AddDeviceOp {
    static constexpr std::uint16_t kind = 0x0003;
    UserId user;
    SignKey sign;
    BoxKey box;
    DeviceKind device_kind = DeviceKind::tablet;
    std::uint16_t role = role_member;
    InviteId invite;               ///< zeros where an admin adds the device
    std::vector<SpaceWrap> wraps;  ///< keys of the invite, sealed by the joiner to its own box
};

/// Where the work of a leaving writer ends: what comes after is quarantined.
struct Cutoff {
    SpaceId space;
    ActorId actor;
    Counter counter = 0;  ///< last op that counts
    Digest chain;         ///< chain hash of the envelope that ends there
};

/// Why a device was removed.
inline constexpr std::uint8_t removed_unsaid = 0;
inline constexpr std::uint8_t removed_left = 1;
inline constexpr std::uint8_t removed_lost = 2;  ///< the device erases itself when it hears of it

struct RevokeDeviceOp {
    static constexpr std::uint16_t kind = 0x0004;
    DeviceId device;
    std::uint8_t reason = removed_unsaid;
    std::vector<Cutoff> cutoffs;
};

struct CreateSpaceOp {
    static constexpr std::uint16_t kind = 0x0006;
    SpaceId space;
    SpaceClass space_class = SpaceClass::general;
};

struct EpochWrap {
    std::uint32_t epoch = 0;
    SealedKey sealed;
};
struct GrantOp {
    static constexpr std::uint16_t kind = 0x0007;
    DeviceId device;
    SpaceId space;
    std::uint8_t rights = 0;
    std::vector<EpochWrap> wraps;  ///< epochs rising; without the newest, a rotation is due
};

struct RevokeGrantOp {
    static constexpr std::uint16_t kind = 0x0008;
    DeviceId device;
    SpaceId space;
    std::vector<Cutoff> cutoffs;
};

struct DeviceWrap {
    DeviceId device;
    SealedKey sealed;
};
struct RotateOp {
    static constexpr std::uint16_t kind = 0x0009;
    SpaceId space;
    std::uint32_t epoch = 0;  ///< one more than the last
    Digest commitment;
    std::optional<PreviousWrap> previous;  ///< the key before, sealed under this one
    std::vector<DeviceWrap> wraps;         ///< exactly the readers, sorted
    std::optional<SealedKey> root_wrap;
    std::uint8_t reason = 0;
};

struct InviteGrant {
    SpaceId space;
    std::uint8_t rights = 0;
    std::uint32_t epoch = 0;  ///< 0 and zeros where the inviter has no key of the space
    SealedKey sealed;         ///< to the invite's box
};
struct InviteCreateOp {
    static constexpr std::uint16_t kind = 0x000A;
    InviteId invite;
    SignKey sign;
    BoxKey box;
    std::uint16_t role = role_member;
    Time expiry = 0;
    std::vector<InviteGrant> grants;  ///< sorted by space
};

/// The newest key of a space for an open invite that may read it, so that whoever joins later
/// can write at once. Comes with the new epoch.
struct InviteKeyOp {
    static constexpr std::uint16_t kind = 0x0021;
    InviteId invite;
    SpaceId space;
    std::uint32_t epoch = 0;
    SealedKey sealed;  ///< to the invite's box
};

struct InviteRevokeOp {
    static constexpr std::uint16_t kind = 0x000B;
    InviteId invite;
};

/// What the organisation has decided about itself.
inline constexpr std::uint16_t policy_admin_quorum = 1;  ///< how many admins must sign; 1 at first

struct PolicySetOp {
    static constexpr std::uint16_t kind = 0x000C;
    std::uint16_t key = 0;
    std::uint64_t value = 0;
};

/// Makes a device an admin, or ends that. Never leaves the organisation without one.
struct AdminSetOp {
    static constexpr std::uint16_t kind = 0x000D;
    DeviceId device;
    bool on = false;
};

struct ServerKeyOp {
    static constexpr std::uint16_t kind = 0x0016;
    SignKey server_key;
};

/// An admin that the root puts in place of others, with every right in every space.
struct RecoverAdminsOp {
    static constexpr std::uint16_t kind = 0x0013;
    UserId user;
    SignKey sign;
    BoxKey box;
    DeviceKind device_kind = DeviceKind::desktop;
    std::vector<RevokeDeviceOp> removals;  ///< admins only
    std::vector<SpaceWrap> wraps;          ///< keys that no newer one leads to
};

/// A new root, named by the old one: the old sheets are good for nothing from here on.
struct RecoveryRekeyOp {
    static constexpr std::uint16_t kind = 0x0014;
    SignKey root_sign;
    BoxKey root_box;
    std::uint8_t needed = 2;
    std::uint8_t sheets = 3;
};

/// Says that exactly these envelopes count, although they lie beyond where their author's work
/// ended. The log does not know envelopes: names of none have no effect.
struct AdoptOp {
    static constexpr std::uint16_t kind = 0x0017;
    SpaceId space;
    std::vector<Digest> chains;  ///< chain hashes, sorted, 1 to limits::adopt_max
};

/// Two admins let a device read a space for a while. The first entry whose time is later ends it.
struct BreakGlassOp {
    static constexpr std::uint16_t kind = 0x001A;
    DeviceId device;
    SpaceId space;
    Time until = 0;
    Digest reason;                 ///< hash of the reason, which is written down elsewhere
    std::vector<EpochWrap> wraps;  ///< as in a grant
};

/// A reader says that the newest key of a space, as sealed to it, is not the one promised.
struct ComplaintOp {
    static constexpr std::uint16_t kind = 0x001B;
    SpaceId space;
    std::uint32_t epoch = 0;
};

/// A name that the relay cannot read: sealed under an epoch key of `key_space`.
struct NameOp {
    static constexpr std::uint16_t kind = 0x0020;
    NameKind name_kind = NameKind::space;
    TargetId target;    ///< an id, padded with zeros
    SpaceId key_space;  ///< the space itself; the directory for the two others
    std::uint32_t epoch = 0;
    Bytes sealed;
};
inline constexpr std::size_t name_sealed_max = 256;

/// The target of a name.
template <class IdType>
TargetId name_target(const IdType& id) {
    static_assert(IdType::size <= TargetId::size);
    TargetId target;
    std::copy(id.bytes.begin(), id.bytes.end(), target.bytes.begin());
    return target;
}

/// A key to which anybody may seal a submission for the readers of a space. Its secret follows
/// from the epoch key (crypto/secret/inbox.hpp), so that it needs no wrap: who can read that
/// epoch can open what is dropped in. The first key opens the inbox.
struct InboxKeyOp {
    static constexpr std::uint16_t kind = 0x0022;
    InboxId inbox;
    SpaceId space;
    std::uint32_t key_epoch = 0;  ///< of the inbox; counts from 1
    std::uint32_t epoch = 0;      ///< of the space: the newest
    BoxKey key;
};

/// Nothing more is dropped into the inbox; what was, stays to be fetched.
struct InboxCloseOp {
    static constexpr std::uint16_t kind = 0x0023;
    InboxId inbox;
};

/// All that was ever written in a space is to be destroyed wherever it lies, and nothing follows:
/// the space is over. Names the end of the space's log as its author has read it, so that a relay
/// can refuse where somebody else's work has arrived since.
struct ShredOp {
    static constexpr std::uint16_t kind = 0x0024;
    SpaceId space;
    std::uint32_t until_epoch = 0;  ///< the newest: a space is shredded whole
    std::uint64_t position = 0;
    ShortDigest head;  ///< of the log there; zeros at position 0
    Digest reason;     ///< hash of the reason, which is written down elsewhere
};

using MembershipOp = std::variant<GenesisOp,
                                  AddDeviceOp,
                                  RevokeDeviceOp,
                                  CreateSpaceOp,
                                  GrantOp,
                                  RevokeGrantOp,
                                  RotateOp,
                                  InviteCreateOp,
                                  InviteKeyOp,
                                  InviteRevokeOp,
                                  PolicySetOp,
                                  AdminSetOp,
                                  RecoverAdminsOp,
                                  RecoveryRekeyOp,
                                  ServerKeyOp,
                                  AdoptOp,
                                  BreakGlassOp,
                                  ComplaintOp,
                                  NameOp,
                                  InboxKeyOp,
                                  InboxCloseOp,
                                  ShredOp>;

/// Number and body, as they stand in an entry.
void write_op(ByteWriter& writer, const MembershipOp& op);
/// `unsupported` for a number this version does not know, `corrupt` for a malformed body.
Result<MembershipOp> read_op(std::uint16_t kind, ByteView body);

}  // namespace trellis::crypto
