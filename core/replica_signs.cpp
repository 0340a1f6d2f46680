// SPDX-License-Identifier: Apache-2.0
// Outside a compartment only a sign stands. It is raised in the transaction of the write that
// gives a reason for it, and put right whenever this device has caught up.
#include <algorithm>

#include "core/replica.hpp"
#include "core/store/references.hpp"
#include "crypto/secret/names.hpp"

namespace trellis::core {
namespace {

using crypto::SpaceClass;

/// Whom to ask about each record that lives outside.
using Reasons = std::map<RecordId, std::set<std::string>>;

bool reads_compartment(const crypto::Membership& membership, const DeviceId& device) {
    for (const auto& [id, space] : membership.spaces()) {
        if (space.space_class == SpaceClass::compartment && space.rights(device) != 0) return true;
    }
    return false;
}

/// The stewards by name. Never the compartment's own name: that would say what it is about.
std::set<std::string> stewards_of(const Ledger& ledger, const SpaceId& id) {
    std::set<std::string> names;
    const auto* space = ledger.membership().space(id);
    for (const auto& member : space->members) {
        if ((member.rights & crypto::right_steward) == 0) continue;
        const auto name = crypto::name_of(ledger.membership(), ledger.keyring(),
                                          crypto::NameKind::device,
                                          crypto::name_target(member.device));
        names.insert(name ? *name : "device " + member.device.hex());
    }
    return names;
}

/// An edit after which something may be no reason any more.
bool may_end_a_reason(const Edit& edit) {
    return std::holds_alternative<DeleteRecord>(edit) || std::holds_alternative<SetFields>(edit) ||
           std::holds_alternative<ChangeSet>(edit) || std::holds_alternative<ResolveField>(edit);
}

Result<void> add_reasons(Store& store, const Place& place, const std::set<std::string>& ask,
                         Reasons& reasons) {
    TRELLIS_TRY(const auto state, store.records.load(place));
    if (!state || state->presence() == Presence::deleted) return {};
    TRELLIS_TRY(const auto references, references_of(store, place, *state));
    for (const auto& reference : references) {
        reasons[reference.to].insert(ask.begin(), ask.end());
    }
    return {};
}

}  // namespace

bool Replica::is_compartment(const SpaceId& id) const {
    const auto* space = membership().space(id);
    return space != nullptr && space->space_class == SpaceClass::compartment;
}

/// In every general space where what the sign is about lives and where we may write.
Result<void> Replica::keep_sign(const Writer::Sign& sign, std::set<TypeId>& touched) {
    for (std::size_t i = 1; i < store_->spaces.all().size(); ++i) {
        const SpaceState space = store_->spaces.at(static_cast<SpaceIndex>(i));
        if (is_compartment(space.id)) continue;
        if (!membership().can(device(), space.id, crypto::right_write)) continue;
        TRELLIS_TRY(const auto place, store_->records.find(sign.about, {space.index}));
        if (!place || !store_->schema.type(place->type)->is_subject()) continue;
        TRELLIS_TRY(const auto own, own_actor(space));
        TRELLIS_TRY(const auto first, next_counter(own));
        Writer writer(*store_, {own, first, clock_.now()});
        TRELLIS_TRY(const bool changes, writer.keep_sign(sign));
        if (!changes) continue;
        TRELLIS_TRY(const Change change, writer.finish());
        TRELLIS_DO(tail_.keep(own, change));
        TRELLIS_DO(store_->actors.save());
        next_[own] = change.last() + 1;
        touched.insert(writer.touched().begin(), writer.touched().end());
    }
    return {};
}

/// What was just written in a compartment may be a reason for signs, or have ended one.
Result<void> Replica::follow_with_signs(const SpaceState& space, const std::vector<Edit>& edits,
                                        const std::vector<Written>& written,
                                        std::set<TypeId>& touched) {
    if (!is_compartment(space.id) || store_->schema.type_for(TypeUse::sign) == nullptr) return {};
    if (std::any_of(edits.begin(), edits.end(), may_end_a_reason)) return keep_all_signs(touched);
    const auto ask = stewards_of(ledger_, space.id);
    Reasons reasons;
    for (const auto& each : written) {
        TRELLIS_TRY(const auto place, store_->records.find(each.record, {space.index}));
        if (place) TRELLIS_DO(add_reasons(*store_, *place, ask, reasons));
    }
    const auto is_keeper = [this](const DeviceId& by) {
        return reads_compartment(membership(), by);
    };
    for (const auto& [about, names] : reasons) {
        TRELLIS_DO(keep_sign({about, names, false, device(), is_keeper}, touched));
    }
    return {};
}

/// Every sign that this device has a reason for, and every one that it sees.
Result<void> Replica::keep_all_signs(std::set<TypeId>& touched) {
    const Type* type = store_->schema.type_for(TypeUse::sign);
    Reasons reasons;
    for (std::size_t i = 1; i < store_->spaces.all().size(); ++i) {
        const SpaceState space = store_->spaces.at(static_cast<SpaceIndex>(i));
        if (is_compartment(space.id) &&
            membership().can(device(), space.id, crypto::right_read)) {
            const auto ask = stewards_of(ledger_, space.id);
            for (const auto& each : store_->schema.types()) {
                TRELLIS_TRY(const auto places, places_in(*store_, space.index, each.id));
                for (const auto& place : places) {
                    TRELLIS_DO(add_reasons(*store_, place, ask, reasons));
                }
            }
        }
        TRELLIS_TRY(const auto signs, places_in(*store_, space.index, type->id));
        for (const auto& sign : signs) {
            TRELLIS_TRY(const auto state, store_->records.load(sign));
            TRELLIS_TRY(const auto references, references_of(*store_, sign, *state));
            for (const auto& reference : references) reasons[reference.to];
        }
    }
    const auto is_keeper = [this](const DeviceId& by) {
        return reads_compartment(membership(), by);
    };
    for (const auto& [about, names] : reasons) {
        TRELLIS_DO(keep_sign({about, names, true, device(), is_keeper}, touched));
    }
    return {};
}

/// A transaction of its own. Others may have given or ended reasons, left, or taken signs down.
Result<void> Replica::settle_signs() {
    if (!are_signs_due_) return {};
    are_signs_due_ = false;
    if (store_->schema.type_for(TypeUse::sign) == nullptr ||
        !reads_compartment(membership(), device())) {
        return {};
    }
    TRELLIS_TRY(auto transaction, sqlite::Transaction::begin(store_->database));
    std::set<TypeId> touched;
    auto done = keep_all_signs(touched);
    if (done) done = transaction.commit();
    if (!done) {
        store_->roll_back();
        next_.clear();
        return done;
    }
    committed(touched);
    return {};
}

}  // namespace trellis::core
