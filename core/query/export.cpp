// SPDX-License-Identifier: Apache-2.0
#include "core/query/export.hpp"

#include <algorithm>

#include "core/query/record_view.hpp"
#include "core/store/references.hpp"
#include "crypto/primitive/hash.hpp"

namespace trellis::core {
namespace {

/// Calls `each` with every line of the export, in its order.
template <class Each>
Result<void> walk(Replica& replica, const SpaceState& space, const Each& each) {
    Store& store = replica.store();
    for (const auto& type : store.schema.types()) {
        TRELLIS_TRY(const auto places, places_in(store, space.index, type.id));
        for (const auto& place : places) {
            TRELLIS_TRY(Json record, view_record(replica, place));
            each(std::move(record));
        }
        TRELLIS_TRY(const auto* links, store.links.load(space.index, type.id));
        for (const auto& same : links->classes()) {
            Json line;
            line.set("type", type.name);
            line.set("space", space.id.hex());
            Json list{Json::Array{}};
            for (const auto& record : same) list.push(record.hex());
            line.set("same_as", std::move(list));
            each(std::move(line));
        }
    }
    return {};
}

Result<std::vector<SpaceState>> chosen(Replica& replica, const std::optional<SpaceId>& only) {
    std::vector<SpaceState> spaces;
    const auto& all = replica.store().spaces.all();
    for (std::size_t i = 1; i < all.size(); ++i) {
        if (!only || all[i].id == *only) spaces.push_back(all[i]);
    }
    if (only && spaces.empty()) {
        return Error{Code::not_found, "this device does not belong to space " + only->hex()};
    }
    std::sort(spaces.begin(), spaces.end(),
              [](const SpaceState& a, const SpaceState& b) { return a.id < b.id; });
    return spaces;
}

}  // namespace

Result<Json> export_state(Replica& replica, const std::optional<SpaceId>& space) {
    TRELLIS_TRY(const auto spaces, chosen(replica, space));
    Json lines{Json::Array{}};
    for (const auto& each : spaces) {
        TRELLIS_DO(walk(replica, each, [&lines](Json line) { lines.push(std::move(line)); }));
    }
    return lines;
}

Result<Digest> digest_state(Replica& replica, const std::optional<SpaceId>& space) {
    TRELLIS_TRY(const auto spaces, chosen(replica, space));
    crypto::Hasher hasher(crypto::Label::state);
    std::string text = "[";
    bool first = true;
    for (const auto& each : spaces) {
        const auto add = [&](const Json& line) {
            if (!first) text += ',';
            first = false;
            print_json(line, text);
            hasher.add(as_bytes(text));
            text.clear();
        };
        TRELLIS_DO(walk(replica, each, add));
    }
    text += ']';
    return hasher.add(as_bytes(text)).finish();
}

}  // namespace trellis::core
