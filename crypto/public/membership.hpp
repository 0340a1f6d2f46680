// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/membership_state.hpp"

namespace trellis::crypto {

/// An organisation's log, verified entry by entry and folded: who belongs, what they may do,
/// which key epochs there are. The same code for clients and for the relay, which needs no key.
class Membership {
public:
    /// From the genesis entry: its signatures by the root and by the first device are checked.
    /// Compare org() with the one you were invited to.
    static Result<Membership> found(ByteView genesis_entry);

    /// The next entry. Checks everything; on an error nothing has changed. `unsupported`: the
    /// log is frozen for this version. `conflict`: it does not follow head(), somebody else was
    /// first. `denied`: a rule, a right or a signature. `corrupt`, `too_large`: the bytes.
    Result<void> extend(ByteView entry);

    /// What post_state must say in an entry whose other fields stand; the rules are judged as
    /// if `entry.signatures` named its signers, the signatures themselves are not looked at.
    [[nodiscard]] Result<Digest> predict(const Entry& entry) const;
    static Result<Digest> predict_genesis(const Entry& entry);

    /// The same of an entry that others must still sign.
    struct Foresight {
        Digest post_state;
        std::vector<std::string> lacking;  ///< a sentence for each signature that is missing
    };
    [[nodiscard]] Result<Foresight> foresee(const Entry& entry) const;
    /// What an entry lacks before extend() takes it; empty: nothing. All that is there has been
    /// checked, its signatures too.
    [[nodiscard]] Result<std::vector<std::string>> lacking(const Entry& entry) const;

    [[nodiscard]] const OrgId& org() const { return state_.org; }
    [[nodiscard]] std::uint64_t length() const { return state_.length; }
    [[nodiscard]] const Digest& head() const { return state_.head; }
    /// Requires: index < length().
    [[nodiscard]] const Digest& entry_hash(std::uint64_t index) const;
    /// Zeros where not known yet.
    [[nodiscard]] const SignKey& server_key() const { return state_.server_key; }
    [[nodiscard]] const SpaceId& directory() const { return state_.directory; }

    /// Null where unknown; records of former devices stay, with is_active off.
    [[nodiscard]] const DeviceRecord* device(const DeviceId& id) const;
    [[nodiscard]] const SpaceRecord* space(const SpaceId& id) const;
    [[nodiscard]] const InviteRecord* invite(const InviteId& id) const;
    /// The space's epoch with its commitment.
    [[nodiscard]] const EpochRecord* epoch(const SpaceId& space, std::uint32_t epoch) const;
    /// The epoch's key, sealed to the device's box.
    [[nodiscard]] const SealedKey* wrap(const SpaceId& space,
                                        std::uint32_t epoch,
                                        const DeviceId& device) const;
    [[nodiscard]] const NameRecord* name(NameKind kind, const TargetId& target) const;
    /// Where the work of a device whose rights ended stops counting; null where nobody said.
    [[nodiscard]] const Cutoff* cutoff(const SpaceId& space,
                                       const ActorId& actor,
                                       const DeviceId& device) const;
    /// The last counter of the chain that counts; nothing: all of it does. A cutoff once said
    /// holds for ever, also where the device gets rights again: it then writes as a new actor.
    /// Without one all counts while the device may write in the space, and nothing otherwise.
    [[nodiscard]] std::optional<Counter> limit(const SpaceId& space,
                                               const ActorId& actor,
                                               const DeviceId& device) const;
    /// True where the envelope counts although it lies beyond the limit of its chain.
    [[nodiscard]] bool is_adopted(const SpaceId& space, const Digest& chain) const;
    /// True for those who may write in the space, or could once. Their late envelopes are kept
    /// for review; nobody else's.
    [[nodiscard]] bool is_or_was_writer(const DeviceId& device, const SpaceId& space) const;

    /// Null where unknown; closed ones stay.
    [[nodiscard]] const InboxRecord* inbox(const InboxId& id) const;
    [[nodiscard]] const InboxKeyRecord* inbox_key(const InboxId& id, std::uint32_t key_epoch) const;
    /// Those of a space, closed ones too, in the order of their ids.
    [[nodiscard]] std::vector<InboxId> inboxes_of(const SpaceId& space) const;
    /// True where the inbox is open and its space has a newer key than it.
    [[nodiscard]] bool is_key_due(const InboxId& inbox) const;

    /// How many admins must sign what only several may do.
    [[nodiscard]] std::uint64_t admin_quorum() const { return state_.admin_quorum(); }
    /// A right to read that was lent; null where there was none.
    [[nodiscard]] const EmergencyRecord* emergency(const SpaceId& space,
                                                   const DeviceId& device) const;
    /// Whom an entry of that time must give a new key of the space, sorted.
    [[nodiscard]] std::vector<DeviceId> readers(const SpaceId& space, Time at) const;

    /// Bits of right_read …; 0 for a stranger, a former device or an unknown space.
    [[nodiscard]] std::uint8_t rights(const DeviceId& device, const SpaceId& space) const;
    [[nodiscard]] bool can(const DeviceId& device, const SpaceId& space, std::uint8_t right) const {
        return (rights(device, space) & right) == right;
    }
    /// Null where the space goes on, or never was. Nobody has rights in one that is shredded, and
    /// nothing of it counts.
    [[nodiscard]] const ShredRecord* shredded(const SpaceId& space) const;
    /// True where any reader may, and somebody should, make a new epoch.
    [[nodiscard]] bool is_rotation_due(const SpaceId& space) const;
    /// The spaces that the device can read.
    [[nodiscard]] std::vector<SpaceId> spaces_of(const DeviceId& device) const;

    /// Everything, for lists: devices(), spaces(), invites() in the order of their ids.
    [[nodiscard]] const MembershipState& state() const { return state_; }
    [[nodiscard]] const std::map<DeviceId, DeviceRecord>& devices() const { return state_.devices; }
    [[nodiscard]] const std::map<SpaceId, SpaceRecord>& spaces() const { return state_.spaces; }
    [[nodiscard]] const std::map<InviteId, InviteRecord>& invites() const { return state_.invites; }

private:
    Membership() = default;
    MembershipState state_;
};

}  // namespace trellis::crypto
