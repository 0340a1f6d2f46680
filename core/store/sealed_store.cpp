// SPDX-License-Identifier: Apache-2.0
#include "core/store/sealed_store.hpp"

#include "core/sqlite/id_cell.hpp"

namespace trellis::core {

Result<void> SealedStore::keep(ActorIndex actor, Counter first, const Digest& chain,
                               ByteView envelope) {
    if (!insert_.is_ready()) {
        TRELLIS_TRY(insert_, store_.database.prepare(
            "INSERT INTO _sealed(id, chain, body) VALUES(?1, ?2, ?3)"));
    }
    insert_.bind(1, row_id(actor, first)).bind_bytes(2, chain.view()).bind_bytes(3, envelope);
    return insert_.run();
}

Result<std::optional<SealedStore::Kept>> SealedStore::find(ActorIndex actor, Counter first) {
    if (!find_.is_ready()) {
        TRELLIS_TRY(find_, store_.database.prepare("SELECT chain, body FROM _sealed WHERE id=?1"));
    }
    find_.bind(1, row_id(actor, first));
    TRELLIS_TRY(const bool found, find_.step());
    if (!found) return std::optional<Kept>();
    TRELLIS_TRY(const auto chain, sqlite::id_in<Digest>(find_, 0));
    Kept kept{first, chain, to_bytes(find_.bytes(1))};
    TRELLIS_TRY(const auto header, crypto::parse_envelope(kept.envelope));
    static_cast<void>(header);
    find_.reset();
    return std::optional(std::move(kept));
}

Result<std::optional<Digest>> SealedStore::chain_before(ActorIndex actor, Counter first) {
    if (first == 1) return std::optional(Digest());
    TRELLIS_TRY(auto select, store_.database.prepare(
        "SELECT id, chain, body FROM _sealed WHERE id>?1 AND id<?2 ORDER BY id DESC LIMIT 1"));
    select.bind(1, row_id(actor, 0)).bind(2, row_id(actor, first));
    TRELLIS_TRY(const bool found, select.step());
    if (!found) return std::optional<Digest>();
    TRELLIS_TRY(const auto header, crypto::parse_envelope(select.bytes(2)));
    if (row_counter(select.integer(0)) + header.ops != first) return std::optional<Digest>();
    TRELLIS_TRY(const auto chain, sqlite::id_in<Digest>(select, 1));
    return std::optional(chain);
}

Result<std::vector<SealedStore::End>> SealedStore::ends(ActorIndex actor) {
    std::vector<End> list;
    TRELLIS_TRY(auto select, store_.database.prepare(
        "SELECT id, chain FROM _sealed WHERE id>?1 AND id<?2 ORDER BY id"));
    select.bind(1, row_id(actor, 0)).bind(2, row_id(actor + 1, 0));
    for (;;) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) break;
        const Counter first = row_counter(select.integer(0));
        if (!list.empty()) list.back().last = first - 1;
        TRELLIS_TRY(const auto chain, sqlite::id_in<Digest>(select, 1));
        list.push_back({first, store_.actors.at(actor).last, chain});
    }
    return list;
}

Result<void> SealedStore::drop_from(ActorIndex actor, Counter first) {
    for (const auto* table : {"_sealed", "_aside"}) {
        TRELLIS_TRY(auto remove, store_.database.prepare("DELETE FROM " + std::string(table) +
                                                         " WHERE id>=?1 AND id<?2"));
        remove.bind(1, row_id(actor, first)).bind(2, row_id(actor + 1, 0));
        TRELLIS_DO(remove.run());
    }
    return {};
}

Result<std::vector<SealedStore::Kept>> SealedStore::load(ActorIndex actor, Counter after,
                                                         std::size_t max_bytes) {
    std::vector<Kept> list;
    TRELLIS_TRY(auto select, store_.database.prepare(
        "SELECT id, chain, body FROM _sealed WHERE id>?1 AND id<?2 ORDER BY id"));
    select.bind(1, row_id(actor, after)).bind(2, row_id(actor + 1, 0));
    std::size_t bytes = 0;
    while (bytes < max_bytes || list.empty()) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) break;
        TRELLIS_TRY(const auto chain, sqlite::id_in<Digest>(select, 1));
        TRELLIS_TRY(const auto header, crypto::parse_envelope(select.bytes(2)));
        static_cast<void>(header);
        list.push_back({row_counter(select.integer(0)), chain, to_bytes(select.bytes(2))});
        bytes += list.back().envelope.size();
    }
    return list;
}

Result<std::vector<crypto::EnvelopeRun>> SealedStore::runs(ActorIndex actor, Counter after,
                                                           std::size_t max_bytes) {
    TRELLIS_TRY(auto list, load(actor, after, max_bytes));
    std::vector<crypto::EnvelopeRun> runs;
    if (list.empty()) return runs;
    const auto& known = store_.actors.at(actor);
    crypto::EnvelopeRun run{known.device, known.incarnation, list.front().first, {}};
    for (auto& kept : list) run.envelopes.push_back(std::move(kept.envelope));
    runs.push_back(std::move(run));
    return runs;
}

}  // namespace trellis::core
