// SPDX-License-Identifier: Apache-2.0
#include "core/store/link_store.hpp"

#include <algorithm>

#include "core/sqlite/id_cell.hpp"

namespace trellis::core {

Result<void> LinkStore::link(SpaceIndex space, TypeId type, const Dot& dot, const RecordId& record,
                             const Link& link) {
    const auto* actor = actors_.find(space, dot.actor);
    TRELLIS_CHECK(actor != nullptr);
    forget();
    TRELLIS_TRY(auto insert, database_.prepare(
        "INSERT OR REPLACE INTO _link(space, type, id, a, b) VALUES(?1,?2,?3,?4,?5)"));
    insert.bind(1, std::int64_t{space}).bind(2, std::int64_t{type});
    insert.bind(3, row_id(actor->index, dot.counter));
    const auto [a, b] = std::minmax({record, link.other});
    insert.bind_bytes(4, a.view()).bind_bytes(5, b.view());
    return insert.run();
}

Result<void> LinkStore::unlink(SpaceIndex space, TypeId type, const RecordId& record,
                               const Unlink& unlink) {
    forget();
    TRELLIS_TRY(auto remove, database_.prepare(
        "DELETE FROM _link WHERE space=?1 AND type=?2 AND id=?3 AND a=?4 AND b=?5"));
    const auto [a, b] = std::minmax({record, unlink.other});
    remove.bind_bytes(4, a.view()).bind_bytes(5, b.view());
    for (const auto& dot : unlink.links) {
        const auto* actor = actors_.find(space, dot.actor);
        if (actor == nullptr) continue;
        remove.bind(1, std::int64_t{space}).bind(2, std::int64_t{type});
        remove.bind(3, row_id(actor->index, dot.counter));
        TRELLIS_DO(remove.run());
    }
    return {};
}

Result<const Links*> LinkStore::load(SpaceIndex space, TypeId type) {
    const auto known = known_.find({space, type});
    if (known != known_.end()) return &known->second;
    Links links;
    TRELLIS_TRY(auto select,
                database_.prepare("SELECT id, a, b FROM _link WHERE space=?1 AND type=?2"));
    select.bind(1, std::int64_t{space}).bind(2, std::int64_t{type});
    for (;;) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) break;
        const RowId id = select.integer(0);
        TRELLIS_TRY(const auto a, sqlite::id_in<RecordId>(select, 1));
        TRELLIS_TRY(const auto b, sqlite::id_in<RecordId>(select, 2));
        links.facts.push_back({{actors_.at(row_actor(id)).id, row_counter(id)}, a, b});
    }
    std::sort(links.facts.begin(), links.facts.end(),
              [](const LinkFact& a, const LinkFact& b) { return a.dot < b.dot; });
    return &known_.emplace(std::pair(space, type), std::move(links)).first->second;
}

}  // namespace trellis::core
