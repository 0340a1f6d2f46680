// SPDX-License-Identifier: Apache-2.0
#include "core/store/log_heads.hpp"

#include "core/base/limits.hpp"
#include "core/sqlite/id_cell.hpp"

namespace trellis::core {

Result<void> LogHeads::append(SpaceIndex space, std::uint64_t first,
                              const std::vector<ShortDigest>& heads) {
    if (heads.empty()) return {};
    Bytes packed;
    packed.reserve(heads.size() * ShortDigest::size);
    for (const auto& head : heads) trellis::append(packed, head.view());
    TRELLIS_TRY(auto insert, store_.database.prepare(
        "INSERT OR REPLACE INTO _head(space, first, heads) VALUES(?1,?2,?3)"));
    insert.bind(1, std::int64_t{space}).bind(2, static_cast<std::int64_t>(first));
    insert.bind_bytes(3, packed);
    TRELLIS_DO(insert.run());
    page_ = {};
    const std::uint64_t last = first + heads.size() - 1;
    // Old pages go now and then, not with every page.
    constexpr std::uint64_t stride = limits::heads_max_kept / 64;
    if (last <= limits::heads_max_kept || last / stride == (first - 1) / stride) return {};
    TRELLIS_TRY(auto remove,
                store_.database.prepare("DELETE FROM _head WHERE space=?1 AND first<?2"));
    remove.bind(1, std::int64_t{space});
    remove.bind(2, static_cast<std::int64_t>(last - limits::heads_max_kept));
    return remove.run();
}

Result<std::optional<ShortDigest>> LogHeads::at(SpaceIndex space, std::uint64_t position) {
    const auto holds = [&] {
        return page_.space == space && position >= page_.first &&
               position - page_.first < page_.heads.size() / ShortDigest::size;
    };
    if (!holds()) {
        TRELLIS_TRY(auto select, store_.database.prepare(
            "SELECT first, heads FROM _head WHERE space=?1 AND first<=?2 ORDER BY first DESC "
            "LIMIT 1"));
        select.bind(1, std::int64_t{space}).bind(2, static_cast<std::int64_t>(position));
        TRELLIS_TRY(const bool found, select.step());
        if (!found) return std::optional<ShortDigest>();
        page_ = {space, static_cast<std::uint64_t>(select.integer(0)), to_bytes(select.bytes(1))};
    }
    if (!holds()) return std::optional<ShortDigest>();
    const auto at = static_cast<std::size_t>(position - page_.first) * ShortDigest::size;
    return std::optional(
        ShortDigest::from(ByteView(page_.heads).subspan(at, ShortDigest::size)));
}

Result<void> LogHeads::forget(SpaceIndex space) {
    page_ = {};
    return store_.database.run("DELETE FROM _head WHERE space=" + std::to_string(space));
}

Result<void> AheadWitnesses::keep(SpaceIndex space, const AheadWitness& witness) {
    TRELLIS_TRY(auto insert, store_.database.prepare(
        "INSERT OR IGNORE INTO _witness(space, kind, position, head, log, device, evidence) "
        "VALUES(?1,?2,?3,?4,?5,?6,?7)"));
    const std::string evidence = print_json(witness.evidence);
    insert.bind(1, std::int64_t{space}).bind(2, std::int64_t{witness.is_log ? 0 : 1});
    insert.bind(3, static_cast<std::int64_t>(witness.position));
    insert.bind_bytes(4, witness.head.view()).bind_bytes(5, witness.log.view());
    insert.bind_bytes(6, witness.device.view()).bind_bytes(7, as_bytes(evidence));
    TRELLIS_DO(insert.run());
    TRELLIS_TRY(auto prune, store_.database.prepare(
        "DELETE FROM _witness WHERE space=?1 AND (kind, position, head) IN (SELECT kind, "
        "position, head FROM _witness WHERE space=?1 ORDER BY position LIMIT -1 OFFSET ?2)"));
    prune.bind(1, std::int64_t{space});
    prune.bind(2, static_cast<std::int64_t>(limits::witnesses_max));
    return prune.run();
}

Result<std::vector<AheadWitness>> AheadWitnesses::load(SpaceIndex space, bool is_log) {
    std::vector<AheadWitness> list;
    TRELLIS_TRY(auto select, store_.database.prepare(
        "SELECT position, head, log, device, evidence FROM _witness WHERE space=?1 AND kind=?2 "
        "ORDER BY position"));
    select.bind(1, std::int64_t{space}).bind(2, std::int64_t{is_log ? 0 : 1});
    for (;;) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) return list;
        AheadWitness witness;
        witness.is_log = is_log;
        witness.position = static_cast<std::uint64_t>(select.integer(0));
        TRELLIS_TRY(witness.head, sqlite::id_in<ShortDigest>(select, 1));
        TRELLIS_TRY(witness.log, sqlite::id_in<LogPrint>(select, 2));
        TRELLIS_TRY(witness.device, sqlite::id_in<DeviceId>(select, 3));
        TRELLIS_TRY(witness.evidence, parse_json(as_text(select.bytes(4))));
        list.push_back(std::move(witness));
    }
}

Result<std::vector<AheadWitness>> AheadWitnesses::take(SpaceIndex space, bool is_log,
                                                       std::uint64_t position) {
    TRELLIS_TRY(auto list, load(space, is_log));
    std::erase_if(list, [&](const AheadWitness& each) { return each.position > position; });
    if (list.empty()) return list;
    TRELLIS_TRY(auto remove, store_.database.prepare(
        "DELETE FROM _witness WHERE space=?1 AND kind=?2 AND position<=?3"));
    remove.bind(1, std::int64_t{space}).bind(2, std::int64_t{is_log ? 0 : 1});
    remove.bind(3, static_cast<std::int64_t>(position));
    TRELLIS_DO(remove.run());
    return list;
}

}  // namespace trellis::core
