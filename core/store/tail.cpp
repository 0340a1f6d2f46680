// SPDX-License-Identifier: Apache-2.0
#include "core/store/tail.hpp"

#include <iterator>

#include "core/base/limits.hpp"

namespace trellis::core {

Result<void> Tail::keep(ActorIndex actor, const Change& change) {
    if (!insert_.is_ready()) {
        TRELLIS_TRY(insert_,
                    store_.database.prepare("INSERT INTO _tail(id, change) VALUES(?1, ?2)"));
    }
    const Bytes bytes = encode_change(change);
    insert_.bind(1, row_id(actor, change.first)).bind_bytes(2, bytes);
    return insert_.run();
}

Result<std::vector<Change>> Tail::load(ActorIndex actor, Counter after, std::size_t max_bytes) {
    std::vector<Change> changes;
    TRELLIS_TRY(auto select, store_.database.prepare(
        "SELECT change FROM _tail WHERE id>?1 AND id<?2 ORDER BY id"));
    select.bind(1, row_id(actor, after)).bind(2, row_id(actor + 1, 0));
    std::size_t bytes = 0;
    std::size_t ops = 0;
    while (changes.size() < limits::envelope_changes_max && bytes < max_bytes) {
        TRELLIS_TRY(const bool more, select.step());
        if (!more) break;
        TRELLIS_TRY(auto change, decode_change(select.bytes(0)));
        ops += change.ops.size();
        if (ops > 0xFFFF) break;  // an envelope's header counts ops in 16 bits
        bytes += select.bytes(0).size();
        changes.push_back(std::move(change));
    }
    return changes;
}

Result<std::vector<Change>> Tail::load_all(ActorIndex actor, Counter after) {
    std::vector<Change> all;
    for (;;) {
        TRELLIS_TRY(auto some, load(actor, after, limits::envelope_plain_max));
        if (some.empty()) return all;
        after = some.back().last();
        std::move(some.begin(), some.end(), std::back_inserter(all));
    }
}

Result<void> Tail::drop(ActorIndex actor, Counter last) {
    TRELLIS_TRY(auto remove, store_.database.prepare("DELETE FROM _tail WHERE id>?1 AND id<=?2"));
    remove.bind(1, row_id(actor, 0)).bind(2, row_id(actor, last));
    return remove.run();
}

Result<Counter> Tail::last(ActorIndex actor) {
    TRELLIS_TRY(auto select, store_.database.prepare(
        "SELECT change FROM _tail WHERE id>?1 AND id<?2 ORDER BY id DESC LIMIT 1"));
    select.bind(1, row_id(actor, 0)).bind(2, row_id(actor + 1, 0));
    TRELLIS_TRY(const bool found, select.step());
    if (!found) return Counter{0};
    TRELLIS_TRY(const auto change, decode_change(select.bytes(0)));
    return change.last();
}

}  // namespace trellis::core
