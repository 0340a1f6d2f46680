// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/membership_draft.hpp"

#include "crypto/primitive/hash.hpp"

namespace trellis::crypto {
namespace {

// The canonical forms that post_state is made of (docs/format.md, "post_state").

void write(ByteWriter& writer, const DeviceRecord& device) {
    writer.raw(device.id.view());
    writer.raw(device.user.view());
    writer.raw(device.sign.view());
    writer.raw(device.box.view());
    writer.u8(static_cast<std::uint8_t>(device.kind));
    writer.u16(device.role);
    writer.u8(device.is_active ? 1 : 0);
    writer.raw(device.invite.view());
    writer.u64(device.added_at);
    writer.u64(device.removed_at);
}

void write(ByteWriter& writer, const SpaceRecord& space) {
    writer.raw(space.id.view());
    writer.u8(static_cast<std::uint8_t>(space.space_class));
    writer.u64(space.created_at);
    writer.u32(space.epoch);
    writer.u8(space.is_rotation_due ? 1 : 0);
    writer.u32(static_cast<std::uint32_t>(space.members.size()));
    for (const auto& member : space.members) {
        writer.raw(member.device.view());
        writer.u8(member.rights);
    }
}

void write(ByteWriter& writer, const InviteRecord& invite) {
    writer.raw(invite.id.view());
    writer.raw(invite.sign.view());
    writer.raw(invite.box.view());
    writer.u16(invite.role);
    writer.u64(static_cast<std::uint64_t>(invite.expiry));
    writer.raw(invite.creator.view());
    writer.u8(invite.is_spent ? 1 : 0);
    writer.u8(invite.is_revoked ? 1 : 0);
    writer.u32(static_cast<std::uint32_t>(invite.grants.size()));
    for (const auto& grant : invite.grants) {
        writer.raw(grant.space.view());
        writer.u8(grant.rights);
        writer.u32(grant.epoch);
        writer.raw(grant.sealed.view());
    }
}

template <class IdType>
void write_maybe(ByteWriter& writer, const std::optional<IdType>& id) {
    writer.u8(id ? 1 : 0);
    if (id) writer.raw(id->view());
}

void write(ByteWriter& writer, const EpochRecord& epoch) {
    writer.raw(epoch.commitment.view());
    write_maybe(writer, epoch.previous);
    write_maybe(writer, epoch.root_wrap);
    writer.u64(epoch.made_at);
}

void write(ByteWriter& writer, const SealedKey& sealed) {
    writer.raw(sealed.view());
}

void write(ByteWriter& writer, const NameRecord& name) {
    writer.raw(name.key_space.view());
    writer.u32(name.epoch);
    writer.blob(name.sealed);
}

void write(ByteWriter& writer, const Cutoff& cutoff) {
    writer.u64(cutoff.counter);
    writer.raw(cutoff.chain.view());
}

void write(ByteWriter& writer, std::uint64_t index) {
    writer.u64(index);
}

void write(ByteWriter& writer, const EmergencyRecord& emergency) {
    writer.u64(static_cast<std::uint64_t>(emergency.until));
    writer.raw(emergency.reason.view());
    writer.u64(emergency.opened_at);
    writer.u8(emergency.is_over ? 1 : 0);
}

void write(ByteWriter& writer, const InboxRecord& inbox) {
    writer.raw(inbox.id.view());
    writer.raw(inbox.space.view());
    writer.u32(inbox.key_epoch);
    writer.u64(inbox.opened_at);
    writer.u8(inbox.is_closed ? 1 : 0);
}

void write(ByteWriter& writer, const InboxKeyRecord& key) {
    writer.u32(key.epoch);
    writer.raw(key.key.view());
    writer.u64(key.made_at);
}

void write(ByteWriter& writer, const ShredRecord& shredded) {
    writer.raw(shredded.space.view());
    writer.u64(shredded.position);
    writer.raw(shredded.head.view());
    writer.raw(shredded.reason.view());
    writer.u64(shredded.shredded_at);
}

void write_name(ByteWriter& writer, const EpochName& name) {
    writer.raw(name.first.view());
    writer.u32(name.second);
}
void write_name(ByteWriter& writer, const WrapName& name) {
    writer.raw(std::get<DeviceId>(name).view());
    writer.raw(std::get<SpaceId>(name).view());
    writer.u32(std::get<std::uint32_t>(name));
}
void write_name(ByteWriter& writer, const NameTarget& name) {
    writer.u8(static_cast<std::uint8_t>(name.first));
    writer.raw(name.second.view());
}
void write_name(ByteWriter& writer, const CutoffName& name) {
    writer.raw(std::get<SpaceId>(name).view());
    writer.raw(std::get<ActorId>(name).view());
}
void write_name(ByteWriter& writer, const AdoptedName& name) {
    writer.raw(name.first.view());
    writer.raw(name.second.view());
}
void write_name(ByteWriter& writer, const EmergencyName& name) {
    writer.raw(name.first.view());
    writer.raw(name.second.view());
}
void write_name(ByteWriter& writer, std::uint16_t name) {
    writer.u16(name);
}
void write_name(ByteWriter& writer, const InboxKeyName& name) {
    writer.raw(name.first.view());
    writer.u32(name.second);
}
void write_name(ByteWriter&, const InboxId&) {}
void write_name(ByteWriter&, const DeviceId&) {}  // these four stand in their records
void write_name(ByteWriter&, const SpaceId&) {}
void write_name(ByteWriter&, const InviteId&) {}

template <class Name, class Value>
void write_changed(ByteWriter& writer, const Overlay<Name, Value>& overlay) {
    writer.u32(static_cast<std::uint32_t>(overlay.changed().size()));
    for (const auto& [name, value] : overlay.changed()) {
        write_name(writer, name);
        write(writer, value);
    }
}

// What came later stands at the end, and only where it changed: entries that touch nothing of
// it have the post_state that they always had.
enum class Section : std::uint8_t {
    adopted = 1,
    policies = 2,
    emergencies = 3,
    inboxes = 4,
    inbox_keys = 5,
    shredded = 6,
};

template <class Name, class Value>
void write_section(ByteWriter& writer, Section section, const Overlay<Name, Value>& overlay) {
    if (overlay.changed().empty()) return;
    writer.u8(static_cast<std::uint8_t>(section));
    write_changed(writer, overlay);
}

}  // namespace

UserId person_of(const DeviceRecord& device) {
    return device.user.is_zero() ? UserId{device.id.bytes} : device.user;
}

std::uint64_t MembershipState::admin_quorum() const {
    const auto found = policies.find(policy_admin_quorum);
    return found == policies.end() ? 1 : found->second;
}

std::optional<UserId> MembershipState::admin(const SignerId& signer) const {
    const auto found = devices.find(DeviceId{signer.bytes});
    if (found == devices.end() || !found->second.is_admin()) return std::nullopt;
    return person_of(found->second);
}

MembershipDraft::MembershipDraft(const MembershipState& state)
    : base(state)
    , org(state.org)
    , server_key(state.server_key)
    , root_sign(state.root_sign)
    , root_box(state.root_box)
    , recovery_needed(state.recovery_needed)
    , recovery_sheets(state.recovery_sheets)
    , directory(state.directory)
    , devices(state.devices)
    , spaces(state.spaces)
    , invites(state.invites)
    , epochs(state.epochs)
    , wraps(state.wraps)
    , names(state.names)
    , cutoffs(state.cutoffs)
    , adopted(state.adopted)
    , policies(state.policies)
    , emergencies(state.emergencies)
    , inboxes(state.inboxes)
    , inbox_keys(state.inbox_keys)
    , shredded(state.shredded) {}

std::size_t MembershipDraft::count_admins() const {
    std::set<UserId> people;
    for (const auto& id : devices.names()) {
        const auto* device = devices.find(id);
        if (device->is_admin()) people.insert(person_of(*device));
    }
    return people.size();
}

std::uint64_t MembershipDraft::admin_quorum() const {
    const auto* quorum = policies.find(policy_admin_quorum);
    return quorum == nullptr ? 1 : *quorum;
}

Digest MembershipDraft::digest() const {
    ByteWriter writer;
    writer.raw(base.digest.view());
    writer.u64(base.length + 1);
    writer.raw(server_key.view());
    writer.raw(root_sign.view());
    writer.raw(root_box.view());
    writer.u8(recovery_needed);
    writer.u8(recovery_sheets);
    writer.raw(directory.view());
    write_changed(writer, devices);
    write_changed(writer, spaces);
    write_changed(writer, invites);
    write_changed(writer, epochs);
    write_changed(writer, wraps);
    write_changed(writer, names);
    write_changed(writer, cutoffs);
    write_section(writer, Section::adopted, adopted);
    write_section(writer, Section::policies, policies);
    write_section(writer, Section::emergencies, emergencies);
    write_section(writer, Section::inboxes, inboxes);
    write_section(writer, Section::inbox_keys, inbox_keys);
    write_section(writer, Section::shredded, shredded);
    return hash(Label::log_state, {writer.view()});
}

void MembershipDraft::commit(MembershipState& to) {
    TRELLIS_CHECK(&to == &base);
    to.digest = digest();
    to.org = org;
    to.server_key = server_key;
    to.root_sign = root_sign;
    to.root_box = root_box;
    to.recovery_needed = recovery_needed;
    to.recovery_sheets = recovery_sheets;
    to.directory = directory;
    devices.commit(to.devices);
    spaces.commit(to.spaces);
    invites.commit(to.invites);
    epochs.commit(to.epochs);
    wraps.commit(to.wraps);
    names.commit(to.names);
    cutoffs.commit(to.cutoffs);
    adopted.commit(to.adopted);
    policies.commit(to.policies);
    emergencies.commit(to.emergencies);
    inboxes.commit(to.inboxes);
    inbox_keys.commit(to.inbox_keys);
    shredded.commit(to.shredded);
}

}  // namespace trellis::crypto
