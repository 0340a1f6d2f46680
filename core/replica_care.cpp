// SPDX-License-Identifier: Apache-2.0
// Counting what is here, and looking for damage.
#include "core/query/export.hpp"
#include "core/replica.hpp"

namespace trellis::core {

Result<Replica::Stats> Replica::stats() {
    Stats stats;
    const auto count = [this](std::string_view sql) -> Result<std::uint64_t> {
        TRELLIS_TRY(const auto number, store_->database.integer(sql));
        return static_cast<std::uint64_t>(number);
    };
    for (const auto& type : store_->schema.types()) {
        const std::string from = " FROM " + record_table(type.id);
        TRELLIS_TRY(const auto records, count("SELECT count(*)" + from));
        if (records == 0) continue;
        std::string lengths;
        for (const auto* field : column_fields(type)) {
            lengths += (lengths.empty() ? "" : "+") + ("ifnull(length(" + column(field->id) + "),0)");
        }
        TRELLIS_TRY(const auto values, count("SELECT ifnull(sum(" + lengths + "),0)" + from));
        TRELLIS_TRY(const auto merge, count("SELECT ifnull(sum(length(m)),0)" + from));
        stats.records += records;
        stats.value_bytes += values;
        stats.merge_bytes += merge;
    }
    for (const auto& actor : store_->actors.all()) stats.changes += actor.last;
    TRELLIS_TRY(stats.changes_waiting, count("SELECT count(*) FROM _tail"));
    stats.changes += stats.changes_waiting;
    TRELLIS_TRY(stats.envelopes, count("SELECT count(*) FROM _sealed"));
    TRELLIS_TRY(stats.envelope_bytes, count("SELECT ifnull(sum(length(body)),0) FROM _sealed"));
    TRELLIS_TRY(stats.held, count("SELECT count(*) FROM _held"));
    stats.actors = store_->actors.all().size() - 1;
    return stats;
}

/// Makes the space's rows anew from its envelopes, compares, and takes it all back.
Result<void> Replica::check_space(const SpaceState& space, std::vector<std::string>& problems) {
    TRELLIS_TRY(const auto own, own_actor(space));
    TRELLIS_TRY(const auto before, digest_state(*this, space.id));
    TRELLIS_DO(store_->database.begin());
    Result<Digest> after = before;
    auto tail = tail_.load_all(own, store_->actors.at(own).last);
    auto rebuilt = tail ? rebuild_rows(space, own, *tail) : Result<void>(tail.error());
    if (rebuilt) {
        after = digest_state(*this, space.id);
    } else {
        problems.push_back("space " + space.id.hex() + ": " + rebuilt.error().message);
    }
    store_->roll_back();
    if (!after) return std::move(after).error();
    if (*after != before) {
        problems.push_back("space " + space.id.hex() +
                           ": its records do not say what its envelopes say");
    }
    return {};
}

Result<std::vector<std::string>> Replica::check() {
    TRELLIS_TRY(auto problems, store_->database.integrity_problems());
    for (std::size_t i = 1; i < store_->spaces.all().size(); ++i) {
        const SpaceState space = store_->spaces.at(static_cast<SpaceIndex>(i));
        TRELLIS_DO(check_space(space, problems));
    }
    return problems;
}

}  // namespace trellis::core
