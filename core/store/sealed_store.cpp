// SPDX-License-Identifier: Apache-2.0
#include "core/store/sealed_store.hpp"

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
    Kept kept{first, Digest::from(find_.bytes(0)), to_bytes(find_.bytes(1))};
    find_.reset();
    return std::optional(std::move(kept));
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
        list.push_back({row_counter(select.integer(0)), Digest::from(select.bytes(1)),
                        to_bytes(select.bytes(2))});
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
