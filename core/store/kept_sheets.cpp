// SPDX-License-Identifier: Apache-2.0
#include "core/store/kept_sheets.hpp"

#include "core/base/json.hpp"

namespace trellis::core {
namespace {

constexpr std::string_view row = "recovery_sheets";

}  // namespace

Result<void> KeptSheets::keep(const std::vector<std::string>& sheets) {
    Json list{Json::Array{}};
    for (const auto& sheet : sheets) list.push(sheet);
    return store_.set_meta(row, as_bytes(print_json(list)));
}

Result<std::vector<std::string>> KeptSheets::load() {
    std::vector<std::string> sheets;
    TRELLIS_TRY(const auto kept, store_.meta(row));
    if (!kept) return sheets;
    TRELLIS_TRY(const auto list, parse_json(as_text(*kept)));
    if (list.array() == nullptr) return sheets;
    for (const auto& each : *list.array()) {
        if (each.string() != nullptr) sheets.push_back(*each.string());
    }
    return sheets;
}

Result<void> KeptSheets::wipe() {
    TRELLIS_DO(store_.database.run("PRAGMA secure_delete=ON"));
    const auto gone = store_.database.run("DELETE FROM _meta WHERE name='recovery_sheets'");
    TRELLIS_DO(store_.database.run("PRAGMA secure_delete=OFF"));
    TRELLIS_DO(gone);
    return store_.database.checkpoint();
}

}  // namespace trellis::core
