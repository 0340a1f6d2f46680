// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "crypto/public/membership_state.hpp"

#include <set>

namespace trellis::crypto {

/// Whom a device counts as, where people are counted.
UserId person_of(const DeviceRecord& device);

/// A map that changes on top of another, which stays as it is until commit().
template <class Name, class Value>
class Overlay {
public:
    explicit Overlay(const std::map<Name, Value>& base) : base_(base) {}

    [[nodiscard]] const Value* find(const Name& name) const {
        if (const auto found = changed_.find(name); found != changed_.end()) return &found->second;
        const auto found = base_.find(name);
        return found == base_.end() ? nullptr : &found->second;
    }
    /// A copy to change. Requires: find(name) != nullptr.
    Value& edit(const Name& name) {
        if (const auto found = changed_.find(name); found != changed_.end()) return found->second;
        const auto found = base_.find(name);
        TRELLIS_CHECK(found != base_.end());
        return changed_.emplace(name, found->second).first->second;
    }
    void put(const Name& name, Value value) { changed_[name] = std::move(value); }
    /// Of all that find() finds, the new ones last.
    [[nodiscard]] std::vector<Name> names() const {
        std::vector<Name> names;
        for (const auto& [name, value] : base_)
            names.push_back(name);
        for (const auto& [name, value] : changed_) {
            if (base_.find(name) == base_.end()) names.push_back(name);
        }
        return names;
    }
    [[nodiscard]] const std::map<Name, Value>& changed() const { return changed_; }
    void commit(std::map<Name, Value>& to) {
        for (auto& [name, value] : changed_)
            to[name] = std::move(value);
    }

private:
    const std::map<Name, Value>& base_;
    std::map<Name, Value> changed_;
};

/// The state as an entry would leave it: only what the entry touches is copied, so that an
/// entry is all or nothing at a cost that does not grow with the organisation.
struct MembershipDraft {
    explicit MembershipDraft(const MembershipState& state);

    /// How many people are admins.
    [[nodiscard]] std::size_t count_admins() const;
    [[nodiscard]] std::uint64_t admin_quorum() const;
    /// Chained: over the digest before and, in order, everything that was touched.
    [[nodiscard]] Digest digest() const;
    /// Requires: `to` is the state it was made from.
    void commit(MembershipState& to);

    const MembershipState& base;
    OrgId org;
    SignKey server_key;
    SignKey root_sign;
    BoxKey root_box;
    std::uint8_t recovery_needed = 0;
    std::uint8_t recovery_sheets = 0;
    SpaceId directory;
    Overlay<DeviceId, DeviceRecord> devices;
    Overlay<SpaceId, SpaceRecord> spaces;
    Overlay<InviteId, InviteRecord> invites;
    Overlay<EpochName, EpochRecord> epochs;
    Overlay<WrapName, SealedKey> wraps;
    Overlay<NameTarget, NameRecord> names;
    Overlay<CutoffName, Cutoff> cutoffs;
    Overlay<AdoptedName, std::uint64_t> adopted;
    Overlay<std::uint16_t, std::uint64_t> policies;
    Overlay<EmergencyName, EmergencyRecord> emergencies;
    Overlay<InboxId, InboxRecord> inboxes;
    Overlay<InboxKeyName, InboxKeyRecord> inbox_keys;
    Overlay<SpaceId, ShredRecord> shredded;
    std::set<SpaceId> created;  ///< spaces that are new in this entry
};

}  // namespace trellis::crypto
