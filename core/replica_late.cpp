// SPDX-License-Identifier: Apache-2.0
// Who leaves and what becomes of their work: where it ends, what came too late, and what an
// administrator lets count all the same.
#include <algorithm>

#include "core/base/limits.hpp"
#include "core/codec/byte_reader.hpp"
#include "core/query/op_view.hpp"
#include "core/replica.hpp"
#include "core/store/replay.hpp"

namespace trellis::core {
namespace {

const Error no_org{Code::invalid, "this device belongs to no organisation yet: create or join one"};

/// One line a record that the changes touch.
Json summarise(const std::vector<Change>& changes, const Schema& schema) {
    Json lines{Json::Array{}};
    for (const auto& change : changes) {
        for (const auto& op : change.ops) {
            Json line;
            const Type* type = schema.type(op.type);
            line.set("type", type == nullptr ? std::to_string(op.type) : type->name);
            line.set("rec", op.record.hex());
            line.set("op", view_op(op, schema));
            lines.push(std::move(line));
        }
    }
    return lines;
}

Quarantined waiting(const SpaceState& space, const Hold::Held& held) {
    Quarantined item;
    item.device = held.device;
    item.space = space.id;
    item.dot = {crypto::actor_id(space.id, held.device, held.incarnation), held.first};
    item.id = held.chain;
    item.reason = held.reason;
    return item;
}

/// A new key from who lacks the one before would lead to nothing older: who complains leaves it
/// to those who have it, where there are any.
bool would_end_history(const Ledger& ledger, const SpaceId& id) {
    const auto& membership = ledger.membership();
    const auto* space = membership.space(id);
    if (ledger.keyring().key(id, space->epoch) != nullptr) return false;
    return std::any_of(space->members.begin(), space->members.end(), [&](const auto& member) {
        return member.device != ledger.device() &&
               membership.wrap(id, space->epoch, member.device) != nullptr;
    });
}

}  // namespace

Result<void> Replica::list_aside(const SpaceState& space, std::vector<Quarantined>& list) {
    TRELLIS_TRY(const auto rows, aside_.load(space.index));
    std::set<ActorIndex> actors;
    for (const auto row : rows) actors.insert(row_actor(row));
    Replay replay(*store_, ledger_, sealed_);
    for (const auto index : actors) {
        const Replay::Visit visit = [&](Replay::Step& step) -> Result<void> {
            const auto& changes = step.body.changes;
            const auto row = row_id(index, changes.front().first);
            if (!std::binary_search(rows.begin(), rows.end(), row)) return {};
            const auto& actor = store_->actors.at(index);
            list.push_back({actor.device, space.id, {actor.id, changes.front().first}, step.chain,
                            "revoked", changes.front().stamp.time, changes.size(),
                            summarise(changes, store_->schema)});
            return {};
        };
        TRELLIS_DO(replay.walk(space, index, visit));
    }
    return {};
}

Result<std::vector<Quarantined>> Replica::quarantine(const std::optional<SpaceId>& only) {
    std::vector<Quarantined> list;
    TRELLIS_TRY(auto orphaned, orphans());
    for (auto& each : orphaned) {
        if (!only || each.space == *only) list.push_back(std::move(each));
    }
    const bool is_over = only && has_org() && membership().shredded(*only) != nullptr;
    if (only && !is_over) TRELLIS_DO(known_space(*only));
    Branches branches(*store_);
    for (std::size_t i = 1; i < store_->spaces.all().size(); ++i) {
        const SpaceState space = store_->spaces.at(static_cast<SpaceIndex>(i));
        if (only && space.id != *only) continue;
        if (has_org() && membership().shredded(space.id) != nullptr) continue;
        TRELLIS_DO(list_aside(space, list));
        TRELLIS_TRY(const auto held, hold_.load(space.index));
        for (const auto& each : held) list.push_back(waiting(space, each));
        TRELLIS_TRY(const auto lost, branches.load(space.index));
        for (const auto& each : lost) {
            list.push_back(waiting(space, {each.device, each.incarnation, each.first, {}, "fork",
                                           each.chain}));
        }
    }
    return list;
}

Result<void> Replica::adopt(const std::vector<Digest>& ids) {
    if (!has_org()) return no_org;
    std::map<SpaceId, std::vector<Digest>> chains;
    TRELLIS_TRY(auto list, quarantine());
    std::erase_if(list, [](const Quarantined& each) { return each.reason != "revoked"; });
    for (const auto& id : ids) {
        const auto named = std::find_if(list.begin(), list.end(),
                                        [&](const Quarantined& each) { return each.id == id; });
        if (named == list.end()) {
            return Error{Code::not_found, "nothing of that name is in quarantine here: " + id.hex()};
        }
        for (const auto& each : list) {
            const bool is_before = each.space == named->space &&
                                   each.dot.actor == named->dot.actor &&
                                   each.dot.counter <= named->dot.counter;
            if (is_before) chains[each.space].push_back(each.id);
        }
    }
    for (auto& [space, of_space] : chains) {
        std::sort(of_space.begin(), of_space.end());
        of_space.erase(std::unique(of_space.begin(), of_space.end()), of_space.end());
        for (std::size_t at = 0; at < of_space.size(); at += limits::adopt_max) {
            const auto end = std::min(of_space.size(), at + limits::adopt_max);
            const std::vector<Digest> part(of_space.begin() + static_cast<std::ptrdiff_t>(at),
                                           of_space.begin() + static_cast<std::ptrdiff_t>(end));
            TRELLIS_TRY(const auto entry, crypto::adopt(author(), space, part));
            TRELLIS_DO(append_entry(entry));
        }
    }
    return {};
}

/// Where the device's work ends: with what this replica holds of it now.
Result<std::vector<crypto::Cutoff>> Replica::cutoffs_of(const DeviceId& of,
                                                        const std::optional<SpaceId>& only) {
    TRELLIS_TRY(const auto sealed, seal());
    static_cast<void>(sealed);
    std::vector<crypto::Cutoff> cutoffs;
    for (std::size_t i = 1; i < store_->actors.all().size(); ++i) {
        const auto& actor = store_->actors.at(static_cast<ActorIndex>(i));
        const auto& space = store_->spaces.at(actor.space).id;
        if (actor.device != of || actor.last == 0 || (only && space != *only)) continue;
        // What has an end already keeps it; what never counted does not begin to.
        if (!counts_unsealed(membership(), space, actor)) continue;
        cutoffs.push_back({space, actor.id, actor.last, actor.chain});
    }
    std::sort(cutoffs.begin(), cutoffs.end(), [](const auto& a, const auto& b) {
        return std::pair{a.space, a.actor} < std::pair{b.space, b.actor};
    });
    return cutoffs;
}

Result<void> Replica::revoke(const DeviceId& of, std::uint8_t reason) {
    return revoke(std::set{of}, reason);
}

Result<void> Replica::revoke(const std::set<DeviceId>& devices, std::uint8_t reason) {
    if (!has_org()) return no_org;
    std::map<DeviceId, std::vector<crypto::Cutoff>> cutoffs;
    for (const auto& id : devices) {
        if (membership().device(id) == nullptr) {
            return Error{Code::not_found, "no device " + id.hex() + " is known here: if it joined "
                                          "a moment ago, sync first"};
        }
        TRELLIS_TRY(cutoffs[id], cutoffs_of(id, std::nullopt));
    }
    TRELLIS_TRY(const auto entry, crypto::revoke_devices(author(), cutoffs, reason));
    return append_entry(entry);
}

std::set<DeviceId> Replica::devices_of_person(const DeviceId& device) const {
    std::set<DeviceId> devices{device};
    const auto* known = has_org() ? membership().device(device) : nullptr;
    if (known == nullptr || known->user.is_zero()) return devices;
    for (const auto& [id, record] : membership().devices()) {
        if (record.user == known->user && record.is_active) devices.insert(id);
    }
    return devices;
}

Result<void> Replica::revoke(const DeviceId& of, const SpaceId& space, std::uint8_t kept) {
    if (!has_org()) return no_org;
    TRELLIS_TRY(const auto cutoffs, cutoffs_of(of, space));
    TRELLIS_TRY(const auto entry, crypto::revoke_grant(author(), of, space, cutoffs, kept));
    return append_entry(entry);
}

/// Any reader may hand out the new key that is due after somebody came or left; the first one
/// does. In a large space not everybody tries at once: about rotation_tries of its readers do,
/// and an admin always.
bool Replica::is_our_turn(const SpaceId& space) {
    const auto* own = membership().device(device());
    const auto readers = membership().space(space)->members.size();
    if (readers <= limits::rotation_tries || (own != nullptr && own->is_admin())) return true;
    ByteArray<4> random{};
    env_.random(random);
    return ByteReader(random).u32() % readers < limits::rotation_tries;
}

Result<void> Replica::rotate_where_due() {
    for (const auto& space : membership().spaces_of(device())) {
        if (!membership().is_rotation_due(space) || !is_our_turn(space)) continue;
        if (would_end_history(ledger_, space)) continue;
        const auto entry = crypto::rotate(author(), space);
        const auto done = entry ? append_entry(*entry) : Result<void>(entry.error());
        if (!done) env_.log("rotation.put_off", to_string(done.error().code));
    }
    return {};
}

Result<bool> Replica::must_erase() {
    if (!has_org()) return false;
    const auto* own = membership().device(device());
    if (own == nullptr || own->is_active) return false;
    TRELLIS_TRY(const auto entry, ledger_.entry(own->removed_at));
    const auto is_lost = [&](const crypto::MembershipOp& op) {
        const auto* revocation = std::get_if<crypto::RevokeDeviceOp>(&op);
        return revocation != nullptr && revocation->device == device() &&
               revocation->reason == crypto::removed_lost;
    };
    if (std::none_of(entry.ops.begin(), entry.ops.end(), is_lost)) return false;
    const auto spaces = sync_spaces();
    return std::none_of(spaces.begin(), spaces.end(),
                        [this](const SpaceSync& sync) { return has_late_work(sync); });
}

}  // namespace trellis::core
