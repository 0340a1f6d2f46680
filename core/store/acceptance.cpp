// SPDX-License-Identifier: Apache-2.0
#include "core/store/acceptance.hpp"

namespace trellis::core {

bool contradicts_cutoff(const crypto::Membership& membership, const SpaceId& space,
                        const Actor& actor, Counter last, const Digest& chain) {
    const auto* cutoff = membership.cutoff(space, actor.id, actor.device);
    return cutoff != nullptr && cutoff->counter == last && cutoff->chain != chain;
}

bool counts(const crypto::Membership& membership, const SpaceId& space, const Actor& actor,
            Counter last, const Digest& chain) {
    const auto limit = membership.limit(space, actor.id, actor.device);
    if (!limit) return true;
    const bool is_within = last <= *limit &&
                           !contradicts_cutoff(membership, space, actor, last, chain);
    return is_within || membership.is_adopted(space, chain);
}

bool counts_unsealed(const crypto::Membership& membership, const SpaceId& space,
                     const Actor& actor) {
    return !membership.limit(space, actor.id, actor.device);
}

Result<void> Aside::keep(RowId envelope) {
    TRELLIS_TRY(auto insert,
                store_.database.prepare("INSERT OR IGNORE INTO _aside(id) VALUES(?1)"));
    insert.bind(1, envelope);
    return insert.run();
}

Result<void> Aside::drop(RowId envelope) {
    TRELLIS_TRY(auto remove, store_.database.prepare("DELETE FROM _aside WHERE id=?1"));
    remove.bind(1, envelope);
    return remove.run();
}

Result<std::vector<RowId>> Aside::load(SpaceIndex space) {
    std::vector<RowId> list;
    TRELLIS_TRY(auto select, store_.database.prepare("SELECT id FROM _aside ORDER BY id"));
    for (;;) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) return list;
        const RowId id = select.integer(0);
        if (store_.actors.at(row_actor(id)).space == space) list.push_back(id);
    }
}

Result<bool> Aside::has_unsealed(ActorIndex actor) {
    TRELLIS_TRY(auto select,
                store_.database.prepare("SELECT 1 FROM _tail WHERE id>?1 AND id<?2 LIMIT 1"));
    select.bind(1, row_id(actor, 0)).bind(2, row_id(actor + 1, 0));
    return select.step();
}

Result<std::vector<RowId>> Aside::judge(const SpaceState& space) {
    std::vector<RowId> list;
    const auto& membership = ledger_.membership();
    for (std::size_t i = 1; i < store_.actors.all().size(); ++i) {
        const Actor& actor = store_.actors.at(static_cast<ActorIndex>(i));
        if (actor.space != space.index || actor.device.is_zero()) continue;
        // Most chains have no limit, and none of theirs is looked at.
        if (counts_unsealed(membership, space.id, actor)) continue;
        const bool is_own = actor.device == ledger_.device() && actor.incarnation == space.own;
        if (is_own) {
            TRELLIS_TRY(const bool waits, has_unsealed(actor.index));
            if (waits) list.push_back(row_id(actor.index, 0));
        }
        TRELLIS_TRY(const auto ends, sealed_.ends(actor.index));
        for (const auto& end : ends) {
            if (counts(membership, space.id, actor, end.last, end.chain)) continue;
            list.push_back(row_id(actor.index, end.first));
        }
    }
    return list;
}

Result<void> Aside::renew(const SpaceState& space) {
    TRELLIS_TRY(const auto before, load(space.index));
    for (const auto id : before) TRELLIS_DO(drop(id));
    TRELLIS_TRY(const auto after, judge(space));
    for (const auto id : after) TRELLIS_DO(keep(id));
    return {};
}

}  // namespace trellis::core
