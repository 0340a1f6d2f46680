// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/row_print.hpp"

#include <algorithm>

#include "clients/cli/field_text.hpp"
#include "clients/cli/table_print.hpp"

namespace trellis::clients {
namespace {

using core::Field;
using core::FieldKind;

constexpr std::size_t columns_max = 6;

bool is_name(const Field& field) {
    return field.name == "display_name" || field.name == "name" || field.name == "title";
}

/// Names first, then what is looked up, then the rest; what is in no row is left out.
std::vector<const Field*> columns_of(const core::Type& type, const Json::Array& rows) {
    std::vector<const Field*> columns;
    for (const auto& field : type.fields) {
        const bool is_used = std::any_of(rows.begin(), rows.end(), [&field](const Json& row) {
            return row["fields"].has(field.name) && !row["fields"][field.name].is_null();
        });
        const bool is_plain = field.kind != FieldKind::log && field.name != "external_ids";
        if (is_used && is_plain) columns.push_back(&field);
    }
    const auto rank = [](const Field* field) {
        if (is_name(*field)) return 0;
        return field->index || field->kind == FieldKind::status ? 1 : 2;
    };
    std::stable_sort(columns.begin(), columns.end(), [&rank](const Field* a, const Field* b) {
        return rank(a) < rank(b);
    });
    if (columns.size() > columns_max) columns.resize(columns_max);
    return columns;
}

}  // namespace

std::string text_of_rows(Desk& desk, const core::Type& type, const Json& rows) {
    const auto& list = *rows.array();
    if (list.empty()) return "No " + type.name + " here.\n";
    const auto columns = columns_of(type, list);
    std::vector<std::string> header{"id"};
    for (const auto* field : columns) header.push_back(field->name);
    TextTable table(std::move(header));
    for (const auto& row : list) {
        const auto* id = row["rec"].string();
        const auto* state = row["state"].string();
        const bool needs_review = state != nullptr && *state != "live";
        std::vector<Cell> cells{{id == nullptr ? "" : short_name(*id),
                                 needs_review ? Colour::red : Colour::faint}};
        for (const auto* field : columns) {
            const auto& value = row["fields"][field->name];
            const bool is_contested = row["conflicts"].has(field->name);
            auto text = value.is_null() ? "" : text_of_value(desk, field, value);
            cells.emplace_back(is_contested ? text + " (?)" : text,
                               is_contested ? Colour::yellow : Colour::plain);
        }
        table.add(std::move(cells));
    }
    return table.text(desk.out());
}

}  // namespace trellis::clients
