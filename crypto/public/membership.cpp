// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/membership.hpp"

#include "crypto/public/membership_rules.hpp"

#include <algorithm>

namespace trellis::crypto {
namespace {

template <class Map, class Name>
const typename Map::mapped_type* find_in(const Map& map, const Name& name) {
    const auto found = map.find(name);
    return found == map.end() ? nullptr : &found->second;
}

Error in_entry(const Entry& entry, const Error& error) {
    return {error.code,
            "entry " + std::to_string(entry.index) +
                " of the organisation's log is refused: " + error.message};
}

Error no_say() {
    return {Code::denied, "somebody signed who has no say; let a member make it anew"};
}

Result<void> check_place(const Entry& entry, const MembershipState& state) {
    if (state.length != 0 && entry.org != state.org) {
        return Error{Code::denied, "it belongs to another organisation; ask that one's server"};
    }
    if (entry.index != state.length || entry.previous != state.head) {
        return Error{Code::conflict, "it does not follow the last entry known here; fetch the log"};
    }
    return {};
}

Result<void> check_signatures(const Entry& entry, const MembershipState& state) {
    for (const auto& [id, signature] : entry.signatures) {
        const auto key = signing_key(id, entry, state);
        if (!key) return no_say();
        if (!verify(*key, Label::log_sig, entry.org, entry.hash, signature)) {
            return Error{Code::denied,
                         "a signature is not genuine; fetch it again, then tell an admin"};
        }
    }
    return {};
}

// Only a member can freeze the log: a stranger's entry of a newer version is just refused.
Result<void> check_newer(const Entry& entry, const MembershipState& state) {
    for (const auto& [id, signature] : entry.signatures) {
        const auto* device = find_in(state.devices, DeviceId{id.bytes});
        if (device != nullptr && device->is_active &&
            verify(device->sign, Label::log_sig, entry.org, entry.hash, signature)) {
            return Error{Code::unsupported, "it was written by a newer version; update"};
        }
    }
    return Error{Code::denied, "nobody who belongs has signed it; do not trust where it came from"};
}

Result<void> judge(const Entry& entry,
                   MembershipDraft& draft,
                   std::vector<std::string>* lacking = nullptr) {
    TRELLIS_DO(check_place(entry, draft.base));
    if (entry.unknown_op) TRELLIS_DO(check_newer(entry, draft.base));
    TRELLIS_DO(apply_rules(entry, draft, lacking));
    for (const auto& signature : entry.signatures) {
        if (!signing_key(signature.signer, entry, draft.base)) {
            return no_say();
        }
    }
    return {};
}

Error other_rules() {
    return {Code::invalid, "its author's program understands the rules differently; update both"};
}

Result<void> take(const Entry& entry, MembershipState& state) {
    MembershipDraft draft(state);
    TRELLIS_DO(judge(entry, draft));
    if (draft.digest() != entry.post_state) {
        return other_rules();
    }
    // The dearest check last.
    TRELLIS_DO(check_signatures(entry, state));
    draft.commit(state);
    state.head = entry.hash;
    state.length = entry.index + 1;
    state.entry_hashes.push_back(entry.hash);
    return {};
}

Result<Digest> predict_on(const Entry& entry, const MembershipState& state) {
    MembershipDraft draft(state);
    if (auto judged = judge(entry, draft); !judged) return in_entry(entry, judged.error());
    return draft.digest();
}

}  // namespace

Result<Membership> Membership::found(ByteView genesis_entry) {
    Membership membership;
    TRELLIS_DO(membership.extend(genesis_entry));
    return membership;
}

Result<void> Membership::extend(ByteView entry) {
    TRELLIS_TRY(const auto parsed, parse_entry(entry));
    if (auto taken = take(parsed, state_); !taken) return in_entry(parsed, taken.error());
    return {};
}

Result<Digest> Membership::predict(const Entry& entry) const {
    return predict_on(entry, state_);
}

Result<Digest> Membership::predict_genesis(const Entry& entry) {
    const MembershipState nothing;
    return predict_on(entry, nothing);
}

Result<Membership::Foresight> Membership::foresee(const Entry& entry) const {
    MembershipDraft draft(state_);
    Foresight foresight;
    if (auto judged = judge(entry, draft, &foresight.lacking); !judged) {
        return in_entry(entry, judged.error());
    }
    foresight.post_state = draft.digest();
    return foresight;
}

Result<std::vector<std::string>> Membership::lacking(const Entry& entry) const {
    TRELLIS_TRY(auto foresight, foresee(entry));
    if (foresight.post_state != entry.post_state) return in_entry(entry, other_rules());
    if (auto genuine = check_signatures(entry, state_); !genuine) {
        return in_entry(entry, genuine.error());
    }
    return std::move(foresight.lacking);
}

const Digest& Membership::entry_hash(std::uint64_t index) const {
    TRELLIS_CHECK(index < state_.entry_hashes.size());
    return state_.entry_hashes[static_cast<std::size_t>(index)];
}

const DeviceRecord* Membership::device(const DeviceId& id) const {
    return find_in(state_.devices, id);
}

const SpaceRecord* Membership::space(const SpaceId& id) const {
    return find_in(state_.spaces, id);
}

const InviteRecord* Membership::invite(const InviteId& id) const {
    return find_in(state_.invites, id);
}

const EpochRecord* Membership::epoch(const SpaceId& space, std::uint32_t epoch) const {
    return find_in(state_.epochs, EpochName{space, epoch});
}

const SealedKey* Membership::wrap(const SpaceId& space,
                                  std::uint32_t epoch,
                                  const DeviceId& device) const {
    return find_in(state_.wraps, WrapName{device, space, epoch});
}

const NameRecord* Membership::name(NameKind kind, const TargetId& target) const {
    return find_in(state_.names, NameTarget{kind, target});
}

const Cutoff* Membership::cutoff(const SpaceId& space,
                                 const ActorId& actor,
                                 const DeviceId& device) const {
    return find_in(state_.cutoffs, CutoffName{space, actor, device});
}

std::optional<Counter> Membership::limit(const SpaceId& space,
                                         const ActorId& actor,
                                         const DeviceId& device) const {
    if (shredded(space) != nullptr) return Counter{0};
    if (const auto* said = cutoff(space, actor, device); said != nullptr) return said->counter;
    if (can(device, space, right_write)) return std::nullopt;
    return Counter{0};
}

bool Membership::is_adopted(const SpaceId& space, const Digest& chain) const {
    return shredded(space) == nullptr && state_.adopted.contains(AdoptedName{space, chain});
}

bool Membership::is_or_was_writer(const DeviceId& device, const SpaceId& space) const {
    if (can(device, space, right_write)) return true;
    const auto* found = this->space(space);
    return found != nullptr && std::binary_search(found->former_writers.begin(),
                                                  found->former_writers.end(),
                                                  device);
}

std::uint8_t Membership::rights(const DeviceId& device, const SpaceId& space) const {
    const auto* found = this->space(space);
    return found == nullptr ? std::uint8_t{0} : found->rights(device);
}

const ShredRecord* Membership::shredded(const SpaceId& space) const {
    return find_in(state_.shredded, space);
}

bool Membership::is_rotation_due(const SpaceId& space) const {
    const auto* found = this->space(space);
    return found != nullptr && found->is_rotation_due;
}

const EmergencyRecord* Membership::emergency(const SpaceId& space, const DeviceId& device) const {
    return find_in(state_.emergencies, EmergencyName{space, device});
}

std::vector<DeviceId> Membership::readers(const SpaceId& space, Time at) const {
    std::vector<DeviceId> found;
    const auto* record = this->space(space);
    if (record == nullptr) return found;
    for (const auto& member : record->members) {
        const auto* lent = emergency(space, member.device);
        const bool has_ended = lent != nullptr && !lent->is_over && at > lent->until;
        if (!has_ended) found.push_back(member.device);
    }
    return found;
}

std::vector<SpaceId> Membership::spaces_of(const DeviceId& device) const {
    std::vector<SpaceId> found;
    for (const auto& [id, space] : state_.spaces) {
        if (space.rights(device) != 0) found.push_back(id);
    }
    return found;
}

const InboxRecord* Membership::inbox(const InboxId& id) const {
    const auto found = state_.inboxes.find(id);
    return found == state_.inboxes.end() ? nullptr : &found->second;
}

const InboxKeyRecord* Membership::inbox_key(const InboxId& id, std::uint32_t key_epoch) const {
    const auto found = state_.inbox_keys.find({id, key_epoch});
    return found == state_.inbox_keys.end() ? nullptr : &found->second;
}

std::vector<InboxId> Membership::inboxes_of(const SpaceId& space) const {
    std::vector<InboxId> ids;
    for (const auto& [id, inbox] : state_.inboxes) {
        if (inbox.space == space) ids.push_back(id);
    }
    return ids;
}

bool Membership::is_key_due(const InboxId& id) const {
    const auto* of = inbox(id);
    if (of == nullptr || of->is_closed) return false;
    return inbox_key(id, of->key_epoch)->epoch < space(of->space)->epoch;
}

}  // namespace trellis::crypto
