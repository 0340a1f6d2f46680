// SPDX-License-Identifier: Apache-2.0
#include "core/query/live.hpp"

#include <algorithm>

namespace trellis::core {
namespace {

std::string key_of(const Json& row, const std::string& canonical) {
    const auto* rec = row["rec"].string();
    return rec == nullptr ? canonical : *rec;
}

}  // namespace

/// The rows that were told last.
void LiveQueries::Watch::keep(const Json& now) {
    rows.clear();
    for (const auto& row : *now.array()) {
        const std::string canonical = print_json(row);
        rows[key_of(row, canonical)] = canonical;
    }
}

Result<LiveQueries::WatchId> LiveQueries::watch(Run run, std::set<TypeId> types, Json& rows) {
    TRELLIS_TRY(rows, run());
    Watch watch{std::move(run), std::move(types), {}, false};
    watch.keep(rows);
    const WatchId id = next_++;
    watches_.emplace(id, std::move(watch));
    return id;
}

bool LiveQueries::unwatch(WatchId watch) { return watches_.erase(watch) != 0; }

Result<Json> LiveQueries::rows(WatchId watch) {
    const auto found = watches_.find(watch);
    if (found == watches_.end()) {
        return Error{Code::not_found, "nothing is watched under that number"};
    }
    TRELLIS_TRY(auto rows, found->second.run());
    found->second.keep(rows);
    found->second.touched = false;
    return rows;
}

void LiveQueries::touch_all() {
    for (auto& [id, watch] : watches_) watch.touched = true;
}

bool LiveQueries::is_touched() const {
    return std::any_of(watches_.begin(), watches_.end(),
                       [](const auto& each) { return each.second.touched; });
}

void LiveQueries::touch(const std::set<TypeId>& types) {
    for (auto& [id, watch] : watches_) {
        for (const auto type : types) {
            if (watch.types.count(type) != 0) watch.touched = true;
        }
    }
}

std::vector<LiveQueries::Difference> LiveQueries::collect() {
    std::vector<Difference> differences;
    for (auto& [id, watch] : watches_) {
        if (!watch.touched) continue;
        watch.touched = false;
        const auto rows = watch.run();
        if (!rows) continue;
        Difference difference;
        difference.watch = id;
        std::map<std::string, std::string> now;
        for (const auto& row : *rows->array()) {
            const std::string canonical = print_json(row);
            const std::string key = key_of(row, canonical);
            const auto before = watch.rows.find(key);
            if (before == watch.rows.end()) {
                difference.added.push(row);
            } else if (before->second != canonical) {
                difference.changed.push(row);
            }
            now[key] = canonical;
        }
        for (const auto& [key, canonical] : watch.rows) {
            if (now.count(key) != 0) continue;
            difference.removed.push(key == canonical ? Json(canonical) : Json(key));
        }
        watch.rows = std::move(now);
        if (!difference.added.array()->empty() || !difference.changed.array()->empty() ||
            !difference.removed.array()->empty()) {
            differences.push_back(std::move(difference));
        }
    }
    return differences;
}

}  // namespace trellis::core
