// SPDX-License-Identifier: Apache-2.0
#include "core/store/columns.hpp"

namespace trellis::core {

void bind_value(sqlite::Statement& statement, int at, const Value& value, std::string& scratch) {
    if (const auto* text = value.get<std::string>()) {
        statement.bind_text(at, *text);
    } else if (const auto* whole = value.get<std::int64_t>()) {
        statement.bind(at, *whole);
    } else if (const auto* record = value.get<RecordId>()) {
        statement.bind_bytes(at, record->view());
    } else if (const auto* flag = value.get<bool>()) {
        statement.bind(at, std::int64_t{*flag});
    } else if (const auto* real = value.get<double>()) {
        statement.bind(at, *real);
    } else if (const auto* bytes = value.get<Bytes>()) {
        statement.bind_bytes(at, *bytes);
    } else if (const auto* date = value.get<Date>()) {
        scratch = to_string(*date);
        statement.bind_text(at, scratch);
    } else {
        statement.bind_null(at);
    }
}

Value column_native(const sqlite::Statement& statement, int column) {
    using Kind = sqlite::Statement::Kind;
    switch (statement.kind(column)) {
        case Kind::integer: return Value(statement.integer(column));
        case Kind::real: return Value(statement.real(column));
        case Kind::text: return Value(std::string(statement.text(column)));
        case Kind::bytes: return Value(to_bytes(statement.bytes(column)));
        default: return {};
    }
}

}  // namespace trellis::core
